"""Queues as lists: pages, numbers and stories."""

from datetime import timedelta

import pytest

from service.domain.comment import Status, Thread
from service.domain.decision import Action
from service.domain.errors import Invalid
from service.domain.view import Order, QueueName, View
from service.moderation.accept import accept
from service.moderation.queue import deal, listed, size, stories, tallies, worst
from service.moderation.review import Act, Seen, review, undo
from service.moderation.views import MAX_VIEWS, delete_view, save_view, saved_views
from service.store import Store
from service.store.rows import CommentRow
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import approve_author, ids, put

DECIDED = View(queue=QueueName.DECIDED)
SOMEBODY = "01a20dd2-1159-735a-9cc6-514c279da40e"


def decide(store: Store, queued: Queued, user_id: str, comment: CommentRow, action: Action = Action.APPROVE) -> None:
    seen = Seen(comment.id, comment.revision, comment.status)
    assert review(store, lambda: None, queued.site_id, user_id, [seen], Act(action)).decided


def read_through(store: Store, site_id: str, view: View, limit: int) -> list[str]:
    """The ids of all pages."""
    page = listed(store, site_id, view, limit=limit)
    found = ids(page.comments)
    while page.next_cursor is not None:
        assert len(page.comments) == limit
        page = listed(store, site_id, view, page.next_cursor, limit)
        found += ids(page.comments)
    return found


@pytest.mark.parametrize("order", Order)
def test_pages_together_are_the_queue(store: Store, queued: Queued, clock: Clock, order: Order) -> None:
    comments = [queued(risk=1.0 + number % 3) for number in range(7)]
    put(store, comments[2], comments[5], reports=3, reported_at=clock.now)
    put(store, comments[4], reports=9, reported_at=clock.now)
    view = View(order=order)
    whole = ids(listed(store, queued.site_id, view).comments)
    assert set(whole) == set(ids(comments))
    for limit in (1, 2, 3, 7):
        assert read_through(store, queued.site_id, view, limit) == whole


@pytest.mark.parametrize("queue", [QueueName.REPORTED, QueueName.APPEALS, QueueName.ESCALATED])
@pytest.mark.parametrize("order", Order)
def test_pages_of_a_queue_that_is_sorted_as_it_is_read(
    store: Store, queued: Queued, clock: Clock, queue: QueueName, order: Order
) -> None:
    comments = [queued(risk=1.0 + number % 2) for number in range(5)]
    since = {QueueName.REPORTED: "reported_at", QueueName.APPEALS: "appealed_at", QueueName.ESCALATED: "escalated_at"}
    for number, comment in enumerate(comments):
        put(store, comment, reports=number % 3, **{since[queue]: clock.now - timedelta(seconds=number % 2)})
    view = View(queue=queue, order=order)
    whole = ids(listed(store, queued.site_id, view).comments)
    assert set(whole) == set(ids(comments))
    assert read_through(store, queued.site_id, view, 2) == whole


def test_what_waits_to_be_scored_is_listed_with_the_newest_first(store: Store, queued: Queued) -> None:
    first, second = accept([a_comment(), a_comment()], queued.site_id, store, lambda: None)
    pending = View(queue=QueueName.PENDING)
    assert read_through(store, queued.site_id, pending, 1) == [second.id, first.id]
    oldest = View(queue=QueueName.PENDING, order=Order.OLDEST)
    assert read_through(store, queued.site_id, oldest, 1) == [first.id, second.id]


def test_what_people_decided_is_listed_with_the_last_decision_first(
    store: Store, queued: Queued, ayu: str, clock: Clock
) -> None:
    first, second, third, by_policy = (queued() for _ in range(4))
    for comment in (second, first, third):
        decide(store, queued, ayu, comment)
        clock.forward(seconds=1)
    put(store, by_policy, status="approved")
    assert read_through(store, queued.site_id, DECIDED, 2) == [third.id, first.id, second.id]


def test_a_comment_decided_again_is_listed_once(store: Store, queued: Queued, ayu: str, clock: Clock) -> None:
    first, second = queued(), queued()
    decide(store, queued, ayu, first)
    clock.forward(seconds=1)
    decide(store, queued, ayu, second)
    clock.forward(seconds=1)
    decide(store, queued, ayu, queued.now(first.id), Action.REJECT)
    assert read_through(store, queued.site_id, DECIDED, 50) == [first.id, second.id]


def test_what_was_undone_is_not_decided(store: Store, queued: Queued, ayu: str) -> None:
    decide(store, queued, ayu, queued())
    undo(store, lambda: None, queued.site_id, ayu)
    assert listed(store, queued.site_id, DECIDED).comments == ()


def test_a_list_can_be_filtered(store: Store, queued: Queued, ayu: str) -> None:
    wanted, other = queued(thread=Thread("x")), queued()
    for comment in (wanted, other):
        decide(store, queued, ayu, comment)
    assert wanted.thread is not None
    view = View(queue=QueueName.DECIDED, thread_id=wanted.thread.id)
    assert ids(listed(store, queued.site_id, view).comments) == [wanted.id]


NO_CURSORS = (
    "",
    "0",
    "0~1.0",
    f"9~1.0~{SOMEBODY}",
    f"-1~1.0~{SOMEBODY}",
    f"0~nan~{SOMEBODY}",
    "0~1.0~x",
    f"0~1.0~{SOMEBODY}~1",
    "\x00",
    "\ud800",
)


def test_a_cursor_that_is_none_is_refused(store: Store, queued: Queued) -> None:
    for cursor in NO_CURSORS:
        with pytest.raises(Invalid, match=r"^cursor: "):
            listed(store, queued.site_id, View(), cursor)
        with pytest.raises(Invalid, match=r"^cursor: "):
            stories(store, queued.site_id, cursor)


def test_a_cursor_that_no_column_holds_is_refused(store: Store, queued: Queued) -> None:
    for view, place in (
        (View(order=Order.REPORTS), 10**30),
        (View(queue=QueueName.APPEALS, order=Order.OLDEST), "2026-01-01T00:00:00"),
        (View(queue=QueueName.APPEALS, order=Order.OLDEST), "0001-01-01T00:00:00+23:00"),
    ):
        with pytest.raises(Invalid):
            listed(store, queued.site_id, view, f"0~{place}~{SOMEBODY}")


def test_those_who_only_look_claim_nothing(store: Store, queued: Queued, ayu: str) -> None:
    mild, bad = queued(risk=1.0), queued(risk=2.0)
    assert ids(worst(store, queued.site_id)) == [bad.id, mild.id]
    assert len(deal(store, queued.site_id, ayu).fresh) == 2
    assert ids(worst(store, queued.site_id, 1)) == [bad.id]


def test_each_queue_has_its_number(store: Store, queued: Queued, elsewhere: Queued, ayu: str, clock: Clock) -> None:
    elsewhere()
    flagged, reported, appealed, escalated, decided = (queued() for _ in range(5))
    put(store, reported, reported_at=clock.now)
    put(store, appealed, appealed_at=clock.now, status="rejected")
    put(store, escalated, escalated_at=clock.now)
    accept([a_comment()], queued.site_id, store, lambda: None)
    approve_author(store, flagged)
    decide(store, queued, ayu, decided, Action.REJECT)
    assert tallies(store, queued.site_id) == {
        QueueName.FLAGGED: 2,
        QueueName.REPORTED: 1,
        QueueName.NEW_AUTHORS: 0,
        QueueName.APPEALS: 1,
        QueueName.ESCALATED: 1,
        QueueName.PENDING: 1,
    }


def test_numbers_stop_somewhere(store: Store, queued: Queued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.scope.COUNT_TO", 2)
    monkeypatch.setattr("service.store.lists.TALLIED_TO", 2)
    for _ in range(3):
        queued()
    assert tallies(store, queued.site_id)[QueueName.FLAGGED] == 2
    assert tallies(store, queued.site_id)[QueueName.NEW_AUTHORS] == 2
    assert size(store, queued.site_id, View(language="id")) <= 2


def test_a_filter_is_counted_among_the_first_of_a_queue_only(
    store: Store, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.viewed.LOOKED_AT", 2)
    for risk in (1.0, 2.0, 3.0):
        put(store, queued(risk=risk), scores={"insult": 0.9})
    assert size(store, queued.site_id, View(attribute="insult", low=0.5)) == 2
    assert size(store, queued.site_id, View()) == 3


def test_stories_come_with_the_worst_first(store: Store, queued: Queued, elsewhere: Queued, clock: Clock) -> None:
    elsewhere(thread=Thread("theirs"))
    queued(thread=None)
    mild = [queued(thread=Thread("mild"), risk=risk) for risk in (1.0, 1.2, 1.1)]
    [bad] = [queued(thread=Thread("bad", "https://news.example/bad", "Bad"), risk=2.0)]
    put(store, mild[2], received_at=clock.now - timedelta(days=2))
    put(store, queued(thread=Thread("decided")), status="approved")
    found = stories(store, queued.site_id).stories
    assert [(story.thread.site_thread_id, story.waiting) for story in found] == [("bad", 1), ("mild", 3)]
    assert found[0].thread == bad.thread
    assert found[0].priority == bad.priority
    assert found[1].priority == mild[1].priority
    assert found[1].oldest == clock.now - timedelta(days=2)


def test_pages_of_stories_together_are_all_stories(store: Store, queued: Queued) -> None:
    for number in range(5):
        put(store, queued(thread=Thread(f"t{number}")), priority=float(number % 2))
    whole = [story.thread.id for story in stories(store, queued.site_id).stories]
    page = stories(store, queued.site_id, limit=2)
    found = list(page.stories)
    while page.next_cursor is not None:
        page = stories(store, queued.site_id, page.next_cursor, 2)
        found += page.stories
    assert [story.thread.id for story in found] == whole
    assert len(whole) == 5


def test_a_saved_view_says_how_much_it_shows(store: Store, queued: Queued, ayu: str, clock: Clock) -> None:
    put(store, queued(), reported_at=clock.now)
    put(store, queued(), scores={"insult": 0.9})
    reported, insults = View(queue=QueueName.REPORTED), View(attribute="insult", low=0.8, words="terima kasih")
    save_view(store, queued.site_id, ayu, " Reported  today ", reported)
    save_view(store, queued.site_id, ayu, "Insults", insults)
    found = saved_views(store, queued.site_id, ayu)
    assert [(one.name, one.view, one.count) for one in found] == [
        ("Insults", insults, 1),
        ("Reported today", reported, 1),
    ]


def test_a_view_saved_under_a_known_name_replaces_that_one(store: Store, queued: Queued, ayu: str) -> None:
    for _ in range(2):
        save_view(store, queued.site_id, ayu, "Mine", View())
        save_view(store, queued.site_id, ayu, "Mine", View(order=Order.OLDEST))
    assert [one.view for one in saved_views(store, queued.site_id, ayu)] == [View(order=Order.OLDEST)]


def test_saved_views_are_ones_own_and_of_one_site(
    store: Store, queued: Queued, elsewhere: Queued, ayu: str, bima: str
) -> None:
    save_view(store, queued.site_id, ayu, "Mine", View())
    [mine] = saved_views(store, queued.site_id, ayu)
    delete_view(store, queued.site_id, bima, mine.id)
    delete_view(store, elsewhere.site_id, ayu, mine.id)
    assert saved_views(store, queued.site_id, bima) == []
    assert saved_views(store, elsewhere.site_id, ayu) == []
    assert saved_views(store, queued.site_id, ayu) == [mine]
    delete_view(store, queued.site_id, ayu, mine.id)
    assert saved_views(store, queued.site_id, ayu) == []


def test_no_more_views_are_kept_than_fit_a_page(store: Store, queued: Queued, ayu: str) -> None:
    for number in range(MAX_VIEWS):
        save_view(store, queued.site_id, ayu, f"View {number}", View())
    with pytest.raises(Invalid, match="delete one"):
        save_view(store, queued.site_id, ayu, "One more", View())
    save_view(store, queued.site_id, ayu, "View 3", View(language="id"))


def test_a_view_needs_a_name(store: Store, queued: Queued, ayu: str) -> None:
    for name in ("", "  ", "x" * 61, "a\x00b", "\ud800"):
        with pytest.raises(Invalid, match=r"^name: "):
            save_view(store, queued.site_id, ayu, name, View())


def test_words_that_no_query_string_holds_are_not_kept(store: Store, queued: Queued, ayu: str) -> None:
    with pytest.raises(Invalid, match=r"^q: "):
        save_view(store, queued.site_id, ayu, "Long", View(words="漢" * 200))


def test_a_pending_comment_is_in_no_other_queue(store: Store, queued: Queued, clock: Clock) -> None:
    everywhere = {"reported_at": clock.now, "appealed_at": clock.now, "escalated_at": clock.now}
    put(store, queued(), status=Status.PENDING.value, **everywhere)
    assert [queue for queue, count in tallies(store, queued.site_id).items() if count] == [QueueName.PENDING]
