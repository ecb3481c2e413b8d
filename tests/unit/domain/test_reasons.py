"""A site's reasons for rejecting."""

import pytest

from service.domain.errors import Invalid
from service.domain.reasons import DEFAULT_REASONS, POLICY_REASONS, ChosenReason, checked_reasons, site_reasons


def test_a_new_site_has_one_reason_for_each_of_nine_keys() -> None:
    assert [reason.code for reason in site_reasons(None)] == list(DEFAULT_REASONS)
    assert len(DEFAULT_REASONS) == 9


def test_what_is_stored_is_read_in_its_order() -> None:
    wanted = checked_reasons([ChosenReason("spam"), ChosenReason("ad_hominem", " Serangan pribadi ")])
    assert site_reasons([reason.to_json() for reason in wanted]) == wanted
    assert wanted[1] == ChosenReason("ad_hominem", "Serangan pribadi")


@pytest.mark.parametrize(
    "reasons",
    [
        [],
        [ChosenReason(f"r{number}", "x") for number in range(10)],
        [ChosenReason("spam"), ChosenReason("spam", "Again")],
        [ChosenReason("without_label")],
        [ChosenReason("Upper", "x")],
        [ChosenReason("", "x")],
        [ChosenReason("a" * 41, "x")],
        [ChosenReason("two words", "x")],
        [ChosenReason("own", "x" * 61)],
        [ChosenReason("own", "two\nlines")],
        [ChosenReason("own", "NUL\x00")],
        [ChosenReason("own", "\ud800")],
        *([ChosenReason(code, "x")] for code in POLICY_REASONS),
    ],
)
def test_a_list_that_cannot_be_is_refused(reasons: list[ChosenReason]) -> None:
    with pytest.raises(Invalid):
        checked_reasons(reasons)
