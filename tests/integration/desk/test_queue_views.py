"""What is dealt of each queue, in which order and through which filters."""

from datetime import timedelta

import pytest

from service.domain.comment import Author, Status, Thread
from service.domain.decision import Action
from service.domain.errors import Invalid
from service.domain.view import CLAIMED, Order, QueueName, View
from service.moderation.queue import deal, holder, put_back, standing
from service.moderation.review import Act, Seen, review
from service.store import Store
from service.store.queue import Queue
from service.store.rows import CommentRow
from tests.conftest import Clock
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import approve_author, dealt, put

REPORTED = View(queue=QueueName.REPORTED)


def stood(store: Store, queued: Queued, clock: Clock, queue: QueueName, status: Status = Status.FLAGGED) -> CommentRow:
    """A comment that stands in a queue."""
    comment = queued()
    since = {QueueName.REPORTED: "reported_at", QueueName.APPEALS: "appealed_at", QueueName.ESCALATED: "escalated_at"}
    put(store, comment, status=status.value, **({since[queue]: clock.now} if queue in since else {}))
    return comment


@pytest.mark.parametrize("queue", [QueueName.REPORTED, QueueName.APPEALS])
@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED])
def test_what_is_not_flagged_can_be_claimed_where_it_waits(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock, queue: QueueName, status: Status
) -> None:
    comment = stood(store, queued, clock, queue, status)
    view = View(queue=queue)
    assert dealt(deal(store, queued.site_id, ayu, view=view)) == [comment.id]
    assert deal(store, queued.site_id, bima, view=view).fresh == ()
    assert deal(store, queued.site_id, ayu, view=view, shown=[comment.id]).lost == ()
    put_back(store, queued.site_id, ayu, [comment.id])
    assert dealt(deal(store, queued.site_id, bima, view=view)) == [comment.id]


@pytest.mark.parametrize("queue", [QueueName.REPORTED, QueueName.APPEALS])
def test_what_is_scored_anew_is_not_dealt_meanwhile(
    store: Store, queued: Queued, ayu: str, clock: Clock, queue: QueueName
) -> None:
    stood(store, queued, clock, queue, Status.PENDING)
    assert deal(store, queued.site_id, ayu, view=View(queue=queue)).fresh == ()


@pytest.mark.parametrize("queue", [QueueName.REPORTED, QueueName.APPEALS, QueueName.ESCALATED])
def test_a_plain_flagged_comment_stands_in_no_queue_of_those_that_wait_for_more(
    store: Store, queued: Queued, ayu: str, queue: QueueName
) -> None:
    queued()
    assert deal(store, queued.site_id, ayu, view=View(queue=queue)).fresh == ()


@pytest.mark.parametrize("queue", [QueueName.FLAGGED, QueueName.REPORTED, QueueName.NEW_AUTHORS])
def test_what_was_escalated_is_dealt_only_where_it_waits_for_a_lead(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock, queue: QueueName
) -> None:
    comment = stood(store, queued, clock, QueueName.ESCALATED)
    put(store, comment, reported_at=clock.now)
    assert deal(store, queued.site_id, ayu, view=View(queue=queue)).fresh == ()
    assert deal(store, queued.site_id, ayu, view=View(queue=queue), shown=[comment.id]).lost == (comment.id,)
    assert dealt(deal(store, queued.site_id, bima, view=View(queue=QueueName.ESCALATED))) == [comment.id]


def test_an_author_is_new_until_a_comment_of_theirs_stands_approved(store: Store, queued: Queued, ayu: str) -> None:
    new, known = queued(author=Author("u1", "Ayu")), queued(author=Author("u2", "Bima"))
    approve_author(store, known)
    assert dealt(deal(store, queued.site_id, ayu, view=View(queue=QueueName.NEW_AUTHORS))) == [new.id]


@pytest.mark.parametrize("queue", [QueueName.PENDING, QueueName.DECIDED])
def test_a_list_is_not_dealt(store: Store, queued: Queued, ayu: str, queue: QueueName) -> None:
    with pytest.raises(Invalid, match=r"^queue: "):
        deal(store, queued.site_id, ayu, view=View(queue=queue))


def test_one_comment_in_two_queues_is_held_once(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock
) -> None:
    comment = stood(store, queued, clock, QueueName.REPORTED)
    deal(store, queued.site_id, ayu)
    assert deal(store, queued.site_id, bima, view=REPORTED).fresh == ()
    assert dealt(deal(store, queued.site_id, ayu, view=REPORTED)) == [comment.id]


def test_a_view_opens_with_what_one_holds_of_it_and_leaves_the_rest_alone(
    store: Store, queued: Queued, ayu: str, clock: Clock
) -> None:
    flagged, reported = queued(), stood(store, queued, clock, QueueName.REPORTED, Status.APPROVED)
    deal(store, queued.site_id, ayu)
    assert dealt(deal(store, queued.site_id, ayu, view=REPORTED)) == [reported.id]
    assert holder(store, queued.site_id, flagged.id) is not None


def test_a_reported_comment_can_be_decided_by_who_holds_it_and_nobody_else(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock
) -> None:
    comment = stood(store, queued, clock, QueueName.REPORTED, Status.APPROVED)
    deal(store, queued.site_id, ayu, view=REPORTED)
    seen, act = [Seen(comment.id, 1, Status.APPROVED)], Act(Action.APPROVE)
    assert review(store, lambda: None, queued.site_id, bima, seen, act).overtaken[0].by == "Ayu"
    assert review(store, lambda: None, queued.site_id, ayu, seen, act).decided == (comment.id,)


@pytest.mark.parametrize("queue", CLAIMED)
@pytest.mark.parametrize("order", Order)
def test_each_queue_is_dealt_in_each_order(
    store: Store, queued: Queued, ayu: str, clock: Clock, queue: QueueName, order: Order
) -> None:
    mild, worst, reported = (stood(store, queued, clock, queue) for _ in range(3))
    put(store, mild, priority=1.0)
    put(store, worst, priority=9.0)
    put(store, reported, priority=5.0, reports=7, reported_at=clock.now + timedelta(seconds=1))
    expected = {
        Order.RISK: [worst, reported, mild],
        Order.OLDEST: [mild, worst, reported],
        Order.REPORTS: [reported, mild, worst] if queue is not QueueName.FLAGGED else [reported, worst, mild],
    }
    if queue is QueueName.NEW_AUTHORS:
        expected[Order.REPORTS] = [reported, worst, mild]
    hand = deal(store, queued.site_id, ayu, view=View(queue=queue, order=order))
    assert dealt(hand) == [comment.id for comment in expected[order]]


def test_what_waits_longest_counts_from_its_appeal(store: Store, queued: Queued, ayu: str, clock: Clock) -> None:
    late, early = queued(), queued()
    put(store, late, appealed_at=clock.now)
    put(store, early, appealed_at=clock.now - timedelta(hours=1))
    hand = deal(store, queued.site_id, ayu, view=View(queue=QueueName.APPEALS, order=Order.OLDEST))
    assert dealt(hand) == [early.id, late.id]


FILTERS = {
    "a score from": View(attribute="insult", low=0.5),
    "a score below": View(attribute="spam", high=0.5),
    "a language": View(language="id"),
    "an age from": View(older_than_hours=2),
    "an age up to": View(newer_than_hours=2),
    "a thread": View(),
    "an author": View(),
    "words": View(words="goblok"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_lets_through_what_it_is_about(
    store: Store, queued: Queued, ayu: str, clock: Clock, name: str
) -> None:
    wanted = queued(text="Dasar goblok", author=Author("x", "X"), thread=Thread("x"))
    other = queued(text="Halo", author=Author("y", "Y"), thread=Thread("y"))
    aged = clock.now - timedelta(hours=3)
    received = {"an age from": (aged, clock.now), "an age up to": (clock.now, aged)}.get(name, (clock.now, clock.now))
    put(store, wanted, scores={"insult": 0.5, "spam": 0.4999}, language="id", received_at=received[0])
    put(store, other, scores={"insult": 0.4999, "spam": 0.5}, language="en", received_at=received[1])
    assert wanted.thread is not None
    view = {"a thread": View(thread_id=wanted.thread.id), "an author": View(author_id=wanted.author.id)}.get(
        name, FILTERS[name]
    )
    assert dealt(deal(store, queued.site_id, ayu, view=view)) == [wanted.id]


def test_bands_that_meet_share_nothing_and_leave_nothing_out(store: Store, queued: Queued) -> None:
    found = [queued() for _ in range(4)]
    for comment, score in zip(found, (0.0, 0.58, 0.5799, 1.0), strict=True):
        put(store, comment, scores={"insult": score})
    with store.read() as tx:
        below, from_it = (
            Queue(tx, queued.site_id).ids_of(View(attribute="insult", low=low, high=high), 10)
            for low, high in ((0.0, 0.58), (0.58, 1.0))
        )
    assert below == [found[0].id, found[2].id]
    assert from_it == [found[1].id, found[3].id]


def test_a_filter_on_scores_passes_over_what_has_none(store: Store, queued: Queued, ayu: str, clock: Clock) -> None:
    put(store, queued(), scores=None, reported_at=clock.now)
    view = View(queue=QueueName.REPORTED, attribute="insult", high=0.9)
    assert deal(store, queued.site_id, ayu, view=view).fresh == ()


def test_the_ids_of_a_view_come_in_their_own_order_and_up_to_a_limit(store: Store, queued: Queued) -> None:
    first, second, _third = queued(risk=1.0), queued(risk=3.0), queued(risk=2.0)
    with store.read() as tx:
        assert Queue(tx, queued.site_id).ids_of(View(), 2) == [first.id, second.id]


def test_the_numbers_beside_a_view_are_those_of_its_queue(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock
) -> None:
    queued()
    for _ in range(2):
        stood(store, queued, clock, QueueName.REPORTED, Status.APPROVED)
    deal(store, queued.site_id, bima, view=REPORTED, size=1)
    deal(store, queued.site_id, bima)
    counts = standing(store, queued.site_id, ayu, REPORTED).counts
    assert (counts.waiting, counts.with_others) == (2, 1)


def test_views_of_another_site_stay_empty(
    store: Store, queued: Queued, elsewhere: Queued, ayu: str, clock: Clock
) -> None:
    theirs = elsewhere(text="goblok")
    put(store, theirs, reported_at=clock.now, appealed_at=clock.now)
    for queue in CLAIMED:
        for order in Order:
            for words in ("", "goblok", "gob%"):
                assert deal(store, queued.site_id, ayu, view=View(queue=queue, order=order, words=words)).fresh == ()
    view = View(author_id=theirs.author.id)
    assert deal(store, queued.site_id, ayu, view=view).fresh == ()


def test_a_decided_comment_leaves_the_queue(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    review(store, lambda: None, queued.site_id, ayu, [Seen(comment.id, 1, Status.FLAGGED)], Act(Action.APPROVE))
    assert deal(store, queued.site_id, ayu, shown=[comment.id]).lost == (comment.id,)
