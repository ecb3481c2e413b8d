"""What a measure says of itself, and what the table shows of it."""

import pytest

from bench.measure import Bar, Measure, interleaved, table


def a_measure(ours: float, ceiling: float, unit: str = "comments/s", bar: Bar | None = None) -> Measure:
    return Measure("accept", unit, [ours], "bare", [ceiling], bar)


def line_of(measure: Measure, before: float | None = None) -> str:
    known = {} if before is None else {("accept", "bare"): before}
    return table([measure], known).splitlines()[1]


def test_a_ratio_is_the_median_of_the_rounds_not_the_ratio_of_the_medians() -> None:
    measure = Measure("accept", "comments/s", [1.0, 2.0, 30.0], "bare", [2.0, 10.0, 10.0])
    assert measure.ratio == 0.5
    assert measure.median == 2.0


def test_every_way_is_read_once_a_round_after_one_that_does_not_count() -> None:
    order: list[str] = []
    told: list[int] = []
    ways = {name: lambda name=name: (order.append(name), float(len(order)))[1] for name in ("a", "b")}
    readings = interleaved(ways, 2, lambda: told.append(len(order)))
    assert order == ["a", "b"] * 3
    assert readings == {"a": [3.0, 5.0], "b": [4.0, 6.0]}
    assert told == [4, 6]


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar("median", least=8_000), True),
        (Bar("median", least=8_001), False),
        (Bar("median", most=7_999), False),
        (Bar("ratio", least=0.8), True),
        (Bar("ratio", least=0.81), False),
    ],
)
def test_a_bar_asks_of_the_median_or_of_the_ratio(bar: Bar, met: bool) -> None:
    measure = a_measure(8_000, 10_000, bar=bar)
    assert measure.met is met
    assert line_of(measure).endswith(f"{bar}: {'met' if met else 'NOT MET'}")


def test_a_rate_whose_ratio_is_more_than_a_fifth_below_the_earlier_one_fell() -> None:
    assert a_measure(79, 100).fell(1.0)
    assert not a_measure(81, 100).fell(1.0)
    assert not a_measure(300, 100).fell(1.0)


def test_a_time_whose_ratio_is_more_than_a_quarter_above_the_earlier_one_fell() -> None:
    assert a_measure(126, 100, "ms").fell(1.0)
    assert not a_measure(124, 100, "ms").fell(1.0)
    assert not a_measure(30, 100, "ms").fell(1.0)


def test_what_was_never_measured_before_did_not_fall() -> None:
    assert not a_measure(1, 100).fell(None)
    assert not Measure("trickle", "ms", [1.0]).fell(0.1)


def test_the_table_warns_of_a_fall_beside_the_earlier_ratio() -> None:
    assert line_of(a_measure(50, 100), before=0.9).endswith("0.500  bare" + " " * 33 + "0.900 FELL")
    assert "FELL" not in line_of(a_measure(85, 100), before=0.9)
    assert line_of(a_measure(50, 100)).endswith("0.500  bare")


def test_the_table_shows_medians_with_their_unit() -> None:
    measure = Measure("trickle", "ms", [3.0, 1.0, 2.26])
    assert line_of(measure).split() == ["trickle", "2.3", "ms"]
