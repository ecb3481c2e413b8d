"""The maths, against values that others have published."""

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.figures import FEW, kappa, percentile, raised, wilson
from service.domain.period import Period, part_of

NOON = datetime(2026, 11, 30, 12, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_as_newcombe_printed_it(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_everything_may_be_true() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_all_of_few_is_not_taken_for_certain() -> None:
    low, high = wilson(5, 5)
    assert low == pytest.approx(0.5655, abs=1e-4)
    assert high == 1.0


def test_a_percentile_lies_between_values_in_proportion() -> None:
    """Definition 7 of Hyndman and Fan 1996; the values are those of https://en.wikipedia.org/wiki/Percentile (C = 1)."""
    assert percentile([15, 20, 35, 40, 50], 0.4) == pytest.approx(29)
    assert percentile([1, 2, 3, 4], 0.75) == pytest.approx(3.25)


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 0.95) == 7.0


def counted(*rows: tuple[int, ...]) -> dict[tuple[str, str], int]:
    """A table of agreement as counted pairs."""
    return {(str(first), str(second)): times for first, row in enumerate(rows) for second, times in enumerate(row)}


def test_kappa_is_as_cohen_printed_it() -> None:
    """Cohen 1960, Educational and Psychological Measurement 20:37: 200 cases, kappa .492, 95% interval .384 to .600."""
    found = kappa(counted((88, 14, 18), (10, 40, 10), (2, 6, 12)))
    assert found is not None
    assert found.interval is not None
    assert (found.n, found.observed, found.value) == (200, 0.7, pytest.approx(0.492, abs=5e-4))
    # ours is Wilson's, which differs by less than a hundredth at this size
    assert found.interval == pytest.approx((0.384, 0.600), abs=0.01)


def test_kappa_of_two_answers() -> None:
    """The first example of https://en.wikipedia.org/wiki/Cohen%27s_kappa: 50 grant proposals, kappa 0.4."""
    found = kappa(counted((20, 5), (10, 15)))
    assert found is not None
    assert found.value == pytest.approx(0.4)


def test_as_much_agreement_as_chance_gives_is_no_kappa() -> None:
    found = kappa(counted((25, 25), (25, 25)))
    assert found is not None
    assert found.value == pytest.approx(0.0)


def test_full_agreement_of_few_is_not_taken_for_certain() -> None:
    found = kappa(counted((3, 0), (0, 3)))
    assert found is not None
    assert found.value == 1.0
    assert found.interval is not None
    assert found.interval.low < 0.3
    assert found.interval.high == 1.0


def test_where_all_said_the_same_chance_explains_it_all() -> None:
    found = kappa(counted((9, 0), (0, 0)))
    assert found is not None
    assert (found.observed, found.value, found.interval) == (1.0, None, None)


def test_without_pairs_there_is_no_kappa() -> None:
    assert kappa({}) is None


def test_a_higher_threshold_is_found_with_what_it_spares_and_misses() -> None:
    wrong_low = [(0.3, False)] * 60 + [(0.3, True)] * 2
    found = raised([*wrong_low, *[(0.6, True)] * 15, *[(0.6, False)] * 10])
    assert found is not None
    assert (found.threshold, found.spared, found.missed) == (0.6, 62, 2)


def test_no_threshold_is_found_by_too_few() -> None:
    assert raised([(0.3, False)] * 60 + [(0.9, True)] * (FEW - 1)) is None


def test_nothing_is_to_be_raised_where_most_flags_are_right() -> None:
    assert raised([(0.3, True)] * 40) is None


def test_a_day_is_cut_into_hours_and_a_week_into_days() -> None:
    assert Period.HOURS.starts(NOON)[-1] == NOON.replace(minute=0)
    assert Period.WEEK.starts(NOON)[0] == datetime(2026, 11, 24, tzinfo=UTC)
    assert [len(period.starts(NOON)) for period in Period] == [24, 7, 30]


def test_a_time_is_put_into_its_part() -> None:
    starts = Period.WEEK.starts(NOON)
    assert [part_of(starts, NOON - timedelta(days=days)) for days in (0, 1, 6, 7)] == [6, 5, 0, None]
    assert part_of(starts, NOON + timedelta(days=3)) == 6
