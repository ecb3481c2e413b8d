"""Memory that grows is seen to grow, and by how much; memory that does not, isn't."""

import os

import pytest

from bench.memory import MEGABYTE, Growth, Reading, growth, held_by
from bench.soak import Report

SECONDS = 600.0


def readings(role: str, slope: float, warm_up: float = 0.0) -> list[Reading]:
    """Every 5 s, from 100 MB on; `warm_up` is what was gained in a first leap."""
    return [
        Reading(at, role, 7, int((100 + (warm_up if at > 60 else 0.0) + slope * at / 60) * MEGABYTE))
        for at in range(0, int(SECONDS), 5)
    ]


def slope_of(found: list[Growth]) -> float:
    (one,) = found
    return one.slope


def test_the_slope_is_in_megabytes_a_minute() -> None:
    assert slope_of(growth(readings("web", 1.5), SECONDS)) == pytest.approx(1.5, abs=0.01)


def test_what_is_gained_while_it_warms_up_does_not_count() -> None:
    assert slope_of(growth(readings("web", 0.0, warm_up=200.0), SECONDS)) == pytest.approx(0.0, abs=0.01)


def test_a_process_that_lived_briefly_has_no_slope() -> None:
    assert growth(readings("web", 5.0)[-4:], SECONDS) == []


@pytest.mark.parametrize(("role", "slope", "met"), [("web", 1.1, False), ("web", 0.9, True), ("broker", 1.1, False)])
def test_from_one_megabyte_a_minute_on_the_bar_is_not_met(role: str, slope: float, *, met: bool) -> None:
    assert Report(100.0, None, growth(readings(role, slope), SECONDS)).met is met


def test_a_database_may_fill_its_caches() -> None:
    grown = growth(readings("postgresql/1", 9.0) + readings("web", 0.0), SECONDS)
    assert Report(100.0, None, grown).met


def test_nothing_seen_is_not_enough() -> None:
    assert not Report(100.0, None).met


def test_a_process_holds_memory_and_a_gone_one_none() -> None:
    assert (held_by(os.getpid()) or 0) > MEGABYTE
    assert held_by(2**22 + 1) is None
