"""What a query string can ask of the queue."""

import pytest

from service.domain.errors import Invalid
from service.domain.view import MAX_WORDS, Order, QueueName, View

ID = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071"

EVERYTHING = View(
    QueueName.REPORTED, Order.OLDEST, "insult", 0.25, 0.755, "id", 2, 48, ID, ID[:-1] + "2", "dasar goblok"
)


def test_the_usual_view_is_an_empty_query_string() -> None:
    assert View().to_query() == {}
    assert View.from_query({}) == View()


def test_a_view_survives_its_query_string() -> None:
    assert View.from_query(EVERYTHING.to_query()) == EVERYTHING


def test_a_query_string_tells_only_what_is_not_usual() -> None:
    assert View(queue=QueueName.APPEALS, words="halo").to_query() == {"queue": "appeals", "q": "halo"}


def test_empty_fields_of_a_form_ask_for_nothing() -> None:
    assert View.from_query(dict.fromkeys(EVERYTHING.to_query(), " ")) == View()


def test_what_is_no_field_of_a_view_is_passed_over() -> None:
    assert View.from_query({"cursor": "x", "low_": "1"}) == View()


def test_a_band_without_an_attribute_bounds_nothing() -> None:
    assert View.from_query({"low": "0.3"}) == View()


def test_an_id_can_be_written_without_hyphens() -> None:
    assert View.from_query({"author": ID.replace("-", "").upper()}).author_id == ID


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("queue", "all"),
        ("order", "newest"),
        ("attribute", "rudeness"),
        ("language", "Indonesian!"),
        ("older", "0"),
        ("older", "1.5"),
        ("older", "-3"),
        ("newer", "9" * 5_000),
        ("newer", "٣"),
        ("thread", "story-1"),
        ("author", "\ud800"),
        ("q", "a\x00b"),
        ("q", "\ud800"),
        ("q", "x" * (MAX_WORDS + 1)),
    ],
)
def test_what_cannot_be_right_is_named(field: str, text: str) -> None:
    with pytest.raises(Invalid, match=f"^{field}: "):
        View.from_query({field: text})


@pytest.mark.parametrize(
    ("low", "high", "field"),
    [("x", "1", "low"), ("0", "1.01", "high"), ("nan", "1", "low"), ("0", "inf", "high"), (".6", ".5", "low")],
)
def test_a_band_lies_between_0_and_1(low: str, high: str, field: str) -> None:
    with pytest.raises(Invalid, match=f"^{field}: "):
        View.from_query({"attribute": "insult", "low": low, "high": high})


def test_nothing_is_both_older_and_newer() -> None:
    with pytest.raises(Invalid, match=r"^newer: "):
        View.from_query({"older": "24", "newer": "24"})
