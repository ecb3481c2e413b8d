"""The way back from an act, however many comments it had."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.errors import Conflict
from service.moderation.queue import deal, holder
from service.moderation.review import review, undo
from service.store import Store
from service.store.queue import Queue
from service.store.tables import comments
from tests.integration.desk.acts import APPROVE, REJECT, as_seen, make_alike, nothing, statuses
from tests.integration.desk.conftest import Queued


def test_undo_takes_an_act_back_as_a_whole(store: Store, queued: Queued, ayu: str) -> None:
    same = [queued() for _ in range(4)]
    make_alike(store, *same)
    review(store, nothing, queued.site_id, ayu, [as_seen(same[0])], REJECT)
    undone = undo(store, nothing, queued.site_id, ayu)
    assert undone is not None
    assert [comment.id for comment in undone.comments] == [comment.id for comment in same]
    assert undone.status is Status.FLAGGED
    assert statuses(queued, same) == [Status.FLAGGED] * 4
    assert undo(store, nothing, queued.site_id, ayu) is None


def test_ten_acts_can_be_taken_back_however_many_comments_each_had(store: Store, queued: Queued, ayu: str) -> None:
    acts = [[queued() for _ in range(3)] for _ in range(11)]
    for some in acts:
        review(store, nothing, queued.site_id, ayu, [as_seen(comment) for comment in some], REJECT)
    undone = [undo(store, nothing, queued.site_id, ayu) for _ in range(11)]
    back = [[comment.id for comment in one.comments] for one in undone if one]
    assert back == [[comment.id for comment in some] for some in reversed(acts)][:10]


def test_undo_leaves_what_was_decided_over(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    some = [queued() for _ in range(3)]
    review(store, nothing, queued.site_id, ayu, [as_seen(comment) for comment in some], REJECT)
    review(store, nothing, queued.site_id, bima, [as_seen(queued.now(some[1].id))], APPROVE)
    undone = undo(store, nothing, queued.site_id, ayu)
    assert undone is not None
    assert [comment.id for comment in undone.comments] == [some[0].id, some[2].id]
    assert statuses(queued, some) == [Status.FLAGGED, Status.APPROVED, Status.FLAGGED]


def test_who_undoes_much_holds_one_hand_of_it(store: Store, queued: Queued, ayu: str) -> None:
    some = [queued(risk=number) for number in range(1, 9)]
    review(store, nothing, queued.site_id, ayu, [as_seen(comment) for comment in some], REJECT)
    undo(store, nothing, queued.site_id, ayu)
    assert [holder(store, queued.site_id, comment.id) is not None for comment in some] == [False] * 3 + [True] * 5


def test_undo_waits_for_who_holds_the_comment_now(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], REJECT)
    with store.begin() as tx:
        until = tx.now.replace(year=tx.now.year + 1)
        held = sa.update(comments).where(comments.c.id == comment.id)
        tx.connection.execute(held.values(claimed_by=bima, claimed_until=until))
    with pytest.raises(Conflict):
        undo(store, nothing, queued.site_id, ayu)


def test_undo_waits_for_its_turn_at_the_queue(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], REJECT)
    with ThreadPoolExecutor(1) as pool:
        with store.begin() as tx:
            Queue(tx, queued.site_id).take_turn()
            undoing = pool.submit(undo, store, nothing, queued.site_id, ayu)
            with pytest.raises(TimeoutError):
                undoing.result(timeout=0.5)
        assert undoing.result(timeout=10) is not None
    assert queued.status(comment.id) is Status.FLAGGED


def test_who_undoes_an_act_on_near_identical_comments_holds_one_card_for_them(
    store: Store, queued: Queued, ayu: str
) -> None:
    same = [queued() for _ in range(3)]
    make_alike(store, *same)
    review(store, nothing, queued.site_id, ayu, [as_seen(same[0])], REJECT)
    undo(store, nothing, queued.site_id, ayu)
    hand = deal(store, queued.site_id, ayu)
    assert len(hand.fresh) == 1
    assert hand.alike == {hand.fresh[0].id: 2}
