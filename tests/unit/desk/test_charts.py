"""Scales, places, and how numbers are said."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from service.desk import charts, numbers
from service.desk.charts import ABOVE, TALL, amounts, columns, times
from service.domain.period import Period

NOON = datetime(2026, 11, 30, 12, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request in English."""
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context(), force_locale("en"):
        yield


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (3, (0, 1, 2, 3)),
        (75, (0, 25, 50, 75)),
        (76, (0, 50, 100)),
        (1_234, (0, 500, 1_000, 1_500)),
    ],
)
def test_a_scale_has_round_lines_and_ends_above_all(most: int, lines: tuple[float, ...]) -> None:
    scale = amounts([0, most])
    assert scale.lines == lines
    assert scale.top >= most


def test_a_share_may_have_lines_below_one() -> None:
    assert [tick.label for tick in amounts([0.021, 0.04], numbers.percent).ticks] == ["0%", "2%", "4%"]


def test_values_stand_between_the_ground_and_the_top() -> None:
    scale = amounts([100])
    assert (scale.y(0), scale.y(scale.top)) == (ABOVE + TALL, ABOVE)
    assert scale.tall(0) == 0
    assert scale.tall(scale.top / 2) == TALL / 2


@pytest.mark.parametrize(
    ("seconds", "lines"),
    [([], ("1 min", "10 min", "1 hr")), ([3_600], ("10 min", "1 hr")), ([0.0, 5.0], ("1 sec", "10 sec")),
     ([1.0], ("1 sec", "10 sec")),
     ([90, 4_000], ("1 min", "10 min", "1 hr", "6 hr")), ([1e9], ("7 days", "30 days"))],
)  # fmt: skip
def test_a_scale_of_times_holds_the_shortest_and_the_longest(seconds: list[float], lines: tuple[str, ...]) -> None:
    scale = times(seconds)
    assert tuple(tick.label for tick in scale.ticks) == lines
    for one in seconds:
        assert ABOVE <= scale.y(one) <= ABOVE + TALL


def test_a_column_knows_its_place_and_whether_it_still_runs() -> None:
    week = columns(Period.WEEK, Period.WEEK.starts(NOON))
    assert [column.label for column in week] == ["Tue 24", "Wed 25", "Thu 26", "Fri 27", "Sat 28", "Sun 29", "Mon 30"]
    assert [column.running for column in week] == [False] * 6 + [True]
    assert week[0].middle == pytest.approx(100 / 14, abs=1e-3)
    assert week[0].named == "Tue 24 Nov"


def test_a_small_screen_gets_fewer_labels() -> None:
    for period, all_, few in ((Period.HOURS, 8, 4), (Period.MONTH, 6, 3)):
        labelled = [column for column in columns(period, period.starts(NOON)) if column.label]
        assert (len(labelled), len([column for column in labelled if not column.spare])) == (all_, few)


def test_places_across_stay_on_the_chart() -> None:
    assert [charts.across(share) for share in (-0.2, 0.0, 0.123456, 1.0, 1.7)] == [0, 0, 12.35, 100, 100]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 seconds"), (1.2, "1 second"), (45, "45 seconds"), (60, "1 minute"), (90, "90 seconds"), (720, "12 minutes"),
     (3_600, "1 hour"),
     (5_400, "90 minutes"), (9_000, "2.5 hours"), (86_400, "1 day"), (100_000, "28 hours"), (300_000, "3.5 days")],
)  # fmt: skip
def test_a_span_is_said_in_one_unit(seconds: float, said: str) -> None:
    assert numbers.span(seconds) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0%"),
        (0.0001, "<0.1%"),
        (0.041, "4.1%"),
        (0.04, "4%"),
        (0.5, "50%"),
        (0.9949, "99%"),
        (0.9999, ">99%"),
        (1, "100%"),
    ],
)
def test_a_share_is_never_all_or_nothing_that_is_not(share: float, said: str) -> None:
    assert numbers.percent(share) == said


def test_numbers_are_written_as_the_reader_does() -> None:
    assert (numbers.number(1_234_567), numbers.number(1.26), numbers.number(12.6)) == ("1,234,567", "1.3", "13")
    assert numbers.about(1_234, 0.5) == "≈1,234"
    with force_locale("id"):
        assert (numbers.number(1_234.0), numbers.span(9_000)) == ("1.234", "2,5 jam")
