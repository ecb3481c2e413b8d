"""Views in which many comments may have to be tried are read before it is the moderator's turn: nobody waits for that."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.domain.view import QueueName, View
from service.moderation import queue as dealing
from service.moderation.queue import deal
from service.store import Store
from service.store import queue as reading
from service.store.queue import Queue
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import dealt, ids, put

NEW, INSULTS = View(queue=QueueName.NEW_AUTHORS), View(attribute="insult", low=0.5)


@pytest.fixture
def in_turn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Of each reading of a queue: whether it was this moderator's turn already, and so everybody else's to wait."""
    readings: list[bool] = []
    turns: list[object] = []
    read, take = reading.of_stretch, Queue.take_turn

    def noted(scope: Queue, *given: Any, **named: Any) -> object:
        readings.append(scope.tx in turns)
        return read(scope, *given, **named)

    def taken(self: Queue) -> None:
        turns.append(self.tx)
        take(self)

    monkeypatch.setattr(reading, "of_stretch", noted)
    monkeypatch.setattr(Queue, "take_turn", taken)
    return readings


@pytest.mark.parametrize("view", [NEW, INSULTS, View(language="id"), View(words="kata")])
def test_filters_are_tried_before_the_turn(
    store: Store, queued: Queued, ayu: str, view: View, in_turn: list[bool]
) -> None:
    put(store, comment := queued(text="sebuah kata"), scores={"insult": 0.9}, language="id")
    assert dealt(deal(store, queued.site_id, ayu, view=view)) == [comment.id]
    assert in_turn
    assert not any(in_turn)


def test_the_worst_of_a_whole_queue_are_taken_in_one_go(
    store: Store, queued: Queued, ayu: str, in_turn: list[bool]
) -> None:
    queued()
    deal(store, queued.site_id, ayu)
    assert in_turn
    assert all(in_turn)


def test_two_who_open_a_view_at_the_same_time_hold_different_cards(
    store: Store, queued: Queued, ayu: str, bima: str
) -> None:
    for number in range(30):
        put(store, queued(), likeness=number // 2)
    with ThreadPoolExecutor(8) as pool:
        hands = list(pool.map(lambda who: (who, deal(store, queued.site_id, who, view=NEW, size=6)), [ayu, bima] * 8))
    mine = {comment.likeness for who, hand in hands if who == ayu for comment in hand.fresh}
    theirs = {comment.likeness for who, hand in hands if who == bima for comment in hand.fresh}
    assert (len(mine), len(theirs), mine & theirs) == (6, 6, set())


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch, store: Store, queued: Queued, bima: str) -> None:
    """Another moderator takes the first two just before it is one's turn."""
    monkeypatch.setattr(dealing, "AHEAD", 2)
    look = dealing._look_ahead
    others = []

    def slow(*given: Any) -> object:
        ahead = look(*given)
        if not others:
            others.append(deal(store, queued.site_id, bima, size=2))
        return ahead

    monkeypatch.setattr(dealing, "_look_ahead", slow)


@pytest.mark.usefixtures("overtaken")
def test_who_was_overtaken_gets_what_is_behind(store: Store, queued: Queued, ayu: str) -> None:
    some = [queued() for _ in range(4)]
    assert dealt(deal(store, queued.site_id, ayu, view=NEW, size=2)) == ids(some[2:])


@pytest.mark.usefixtures("overtaken")
def test_what_was_passed_over_comes_again_when_others_took_the_rest(store: Store, queued: Queued, ayu: str) -> None:
    *_theirs, passed = [queued(risk=risk) for risk in (3.0, 2.0, 1.0)]
    hand = deal(store, queued.site_id, ayu, view=NEW, passed=[passed.id], size=2)
    assert dealt(hand) == [passed.id]
    assert deal(store, queued.site_id, ayu, view=NEW, shown=[passed.id]).lost == ()


def test_what_was_passed_over_comes_again_when_a_view_has_nothing_else(store: Store, queued: Queued, ayu: str) -> None:
    first, second = queued(risk=2.0), queued(risk=1.0)
    assert dealt(deal(store, queued.site_id, ayu, view=NEW, passed=[first.id], size=1)) == [second.id]
    put(store, second, status="approved", claimed_by=None)
    hand = deal(store, queued.site_id, ayu, view=NEW, passed=[first.id])
    assert (dealt(hand), hand.passed) == ([first.id], ())
