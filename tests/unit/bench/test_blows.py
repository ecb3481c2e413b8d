"""A chaotic run can be had again: its plan comes from the seed."""

from collections import Counter
from itertools import islice

from bench.blows import EVERY, KILLS, deck, plan


def test_the_same_seed_makes_the_same_plan() -> None:
    assert plan(600, 100, 7, postgresql=True) == plan(600, 100, 7, postgresql=True)


def test_another_seed_makes_another_plan() -> None:
    assert plan(600, 100, 7, postgresql=True) != plan(600, 100, 8, postgresql=True)


def test_it_has_as_many_kills_as_asked_for_in_the_order_of_time_and_within_the_time() -> None:
    blows = plan(600, 100, 1, postgresql=True)
    assert sum(blow.kill for blow in blows) == 100
    assert [blow.at for blow in blows] == sorted(blow.at for blow in blows)
    assert all(0 < blow.at < 600 for blow in blows)


def test_ten_minutes_meet_every_kind_of_kill_and_of_trouble() -> None:
    counts = Counter(blow.what for blow in plan(600, 100, 1, postgresql=True))
    assert counts.keys() == KILLS.keys() | EVERY.keys()
    assert min(counts[kind] for kind in KILLS) >= 3


def test_a_few_kills_are_of_as_many_kinds() -> None:
    assert len(set(islice(deck(1, postgresql=True), len(KILLS)))) == len(KILLS)


def test_without_postgresql_none_of_it_is_killed() -> None:
    assert not any("postgresql" in kind for kind in islice(deck(1, postgresql=False), 100))


def test_without_a_second_reader_none_of_it_is_killed() -> None:
    assert any("reader" in kind for kind in islice(deck(1, postgresql=True), 100))
    assert not any("reader" in kind for kind in islice(deck(1, postgresql=True, reader=False), 100))
    assert not any("reader" in blow.what for blow in plan(600, 100, 1, postgresql=True, reader=False))
