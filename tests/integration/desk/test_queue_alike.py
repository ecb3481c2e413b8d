"""Near-identical comments stand as one card."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from service.domain.comment import Status
from service.domain.decision import Action
from service.domain.view import QueueName, View
from service.moderation.queue import deal, holder, put_back
from service.moderation.review import Act, Seen, review
from service.store import Store
from service.store.queue import Queue
from service.store.rows import CommentRow
from tests.conftest import Clock
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import dealt, put


def test_of_those_that_are_alike_one_card_is_dealt_that_says_how_many_more(
    store: Store, queued: Queued, ayu: str
) -> None:
    worst, *others, single = queued(risk=2.0), *(queued() for _ in range(6)), queued(risk=0.1)
    put(store, worst, *others, likeness=7)
    put(store, single, likeness=8)
    hand = deal(store, queued.site_id, ayu)
    assert dealt(hand) == [worst.id, single.id]
    assert hand.alike == {worst.id: 6, single.id: 0}


def test_a_look_alike_of_anothers_card_is_not_dealt(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    put(store, queued(), queued(), likeness=7)
    deal(store, queued.site_id, ayu)
    assert deal(store, queued.site_id, bima).fresh == ()


def test_nor_is_one_that_came_later(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    put(store, queued(), likeness=7)
    deal(store, queued.site_id, ayu)
    put(store, queued(), likeness=7)
    assert deal(store, queued.site_id, bima).fresh == ()


def test_they_stay_apart_when_moderators_ask_at_the_same_time(
    store: Store, queued: Queued, ayu: str, bima: str
) -> None:
    for likeness in range(12):
        put(store, queued(), queued(), queued(), likeness=likeness)
    with ThreadPoolExecutor(8) as pool:
        hands = list(pool.map(lambda who: (who, deal(store, queued.site_id, who, size=6)), [ayu, bima] * 8))
    mine = {comment.likeness for who, hand in hands if who == ayu for comment in hand.fresh}
    theirs = {comment.likeness for who, hand in hands if who == bima for comment in hand.fresh}
    assert len(mine) == len(theirs) == 6
    assert not mine & theirs


def test_what_has_no_likeness_is_like_nothing(store: Store, queued: Queued, ayu: str) -> None:
    hand_of = [queued().id, queued().id]
    hand = deal(store, queued.site_id, ayu)
    assert dealt(hand) == hand_of
    assert set(hand.alike.values()) == {0}


def test_only_flagged_comments_stand_for_each_other(store: Store, queued: Queued, ayu: str, clock: Clock) -> None:
    reported = [queued(), queued()]
    put(store, *reported, likeness=7, status="approved", reported_at=clock.now)
    put(store, queued(), likeness=7)
    hand = deal(store, queued.site_id, ayu, view=View(queue=QueueName.REPORTED))
    assert set(dealt(hand)) == {comment.id for comment in reported}
    assert set(hand.alike.values()) == {0}
    assert len(deal(store, queued.site_id, ayu).fresh) == 1


def test_who_skips_a_card_skips_its_look_alikes(store: Store, queued: Queued, ayu: str) -> None:
    first, second, other = queued(risk=3.0), queued(risk=2.0), queued(risk=1.0)
    put(store, first, second, likeness=7)
    put_back(store, queued.site_id, ayu, [first.id])
    assert dealt(deal(store, queued.site_id, ayu, passed=[first.id])) == [other.id]


def test_a_claim_that_ended_is_not_renewed_while_another_holds_a_look_alike(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock
) -> None:
    first, second = queued(risk=2.0), queued(risk=1.0)
    put(store, first, second, likeness=7)
    deal(store, queued.site_id, ayu)
    clock.forward(minutes=6)
    with store.begin() as tx:
        Queue(tx, queued.site_id).claim([second.id], bima, tx.now + timedelta(minutes=5))
    assert deal(store, queued.site_id, ayu, shown=[first.id]).lost == (first.id,)


def test_ones_own_cards_are_renewed_though_they_are_alike(store: Store, queued: Queued, ayu: str) -> None:
    first, second = queued(), queued()
    deal(store, queued.site_id, ayu)
    put(store, first, second, likeness=7)
    assert deal(store, queued.site_id, ayu, shown=[first.id, second.id]).lost == ()


def test_who_holds_a_look_alike_is_named(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    first, second, other = queued(risk=2.0), queued(), queued(risk=0.1)
    put(store, first, second, likeness=7)
    deal(store, queued.site_id, ayu, size=1)
    deal(store, queued.site_id, bima)
    names = [holder(store, queued.site_id, one.id) for one in (first, second, other)]
    assert [one and one.name for one in names] == ["Ayu", "Ayu", "Bima"]


def test_look_alikes_of_another_site_are_strangers(store: Store, queued: Queued, elsewhere: Queued, ayu: str) -> None:
    ours = queued()
    put(store, ours, elsewhere(), likeness=7)
    assert deal(store, queued.site_id, ayu).alike == {ours.id: 0}


def test_an_escalated_card_stands_for_all_that_are_decided_with_it(
    store: Store, queued: Queued, ayu: str, clock: Clock
) -> None:
    worst, escalated, waiting = queued(risk=2.0), queued(), queued()
    put(store, worst, escalated, waiting, likeness=7)
    put(store, worst, escalated, escalated_at=clock.now)
    hand = deal(store, queued.site_id, ayu, view=View(queue=QueueName.ESCALATED))
    assert hand.alike == {worst.id: 2}
    seen = [Seen(worst.id, worst.revision, worst.status)]
    reviewed = review(store, lambda: None, queued.site_id, ayu, seen, Act(Action.REJECT), as_lead=True)
    assert len(reviewed.decided) == 3


def test_what_is_no_longer_flagged_or_waits_for_a_lead_is_not_counted(
    store: Store, queued: Queued, ayu: str, clock: Clock
) -> None:
    ours, approved, escalated = queued(), queued(), queued()
    put(store, ours, approved, escalated, likeness=-7)
    put(store, approved, status=Status.APPROVED.value)
    put(store, escalated, escalated_at=clock.now)
    assert deal(store, queued.site_id, ayu).alike == {ours.id: 0}


def alike_on(page: str, comment: CommentRow) -> str:
    found = re.search(rf'id="of-{comment.id}"[^>]* data-alike="(\d+)"', page)
    return found[1] if found else "no such card"


def test_a_card_that_comes_back_with_a_note_still_says_how_many(
    browse: Callable[[str], Browser], store: Store, queued: Queued
) -> None:
    worst, *others = queued(risk=2.0), *(queued() for _ in range(3))
    put(store, worst, *others, likeness=7)
    browser = browse("moderator")
    browser.get("/desk")
    form = {"comment": f"{worst.id}:1:flagged", "text": "sudah ditanya", "shown": worst.id}
    assert alike_on(browser.post("/desk/notes", form, script=True).text, worst) == "3"


def test_what_came_since_counts_when_a_decision_is_undone(
    browse: Callable[[str], Browser], store: Store, queued: Queued
) -> None:
    worst, other = queued(risk=2.0), queued()
    put(store, worst, other, likeness=7)
    browser = browse("moderator")
    browser.post("/desk/decisions", {"act": f"approve {worst.id}:1:flagged"}, script=True)
    put(store, queued(), likeness=7)
    assert alike_on(browser.post("/desk/undo", script=True).text, worst) == "2"
