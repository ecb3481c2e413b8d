"""All that a band of scores has, decided at once."""

import pytest
import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import Action
from service.domain.errors import Invalid
from service.domain.view import QueueName, View
from service.moderation import review as reviewing
from service.moderation.accept import accept
from service.moderation.queue import deal
from service.moderation.review import Act, review_band, undo
from service.store import Store
from service.store.queue import Queue
from service.store.rows import CommentRow
from service.store.tables import comments
from tests.factories import a_comment
from tests.integration.desk.acts import APPROVE, last_of, nothing, statuses
from tests.integration.desk.conftest import Queued


def scored(store: Store, comment: CommentRow, toxicity: float) -> CommentRow:
    with store.begin() as tx:
        row = sa.update(comments).where(comments.c.id == comment.id)
        tx.connection.execute(row.values(scores={"toxicity": toxicity}))
    return comment


def test_a_band_is_decided_in_one_act_and_taken_back_as_one(
    store: Store, queued: Queued, elsewhere: Queued, ayu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "PIECE", 2)
    mild = [scored(store, queued(), 0.1) for _ in range(5)]
    bad, theirs = scored(store, queued(), 0.9), scored(store, elsewhere(), 0.1)
    woken: list[int] = []
    view = View(attribute="toxicity", low=0, high=0.5)
    assert review_band(store, lambda: woken.append(1), queued.site_id, ayu, view, APPROVE) == 5
    assert len(woken) == 3
    assert statuses(queued, [*mild, bad]) == [Status.APPROVED] * 5 + [Status.FLAGGED]
    assert elsewhere.status(theirs.id) is Status.FLAGGED
    assert len({last_of(store, comment).act_id for comment in mild}) == 1
    undone = undo(store, nothing, queued.site_id, ayu)
    assert undone is not None
    assert len(undone.comments) == 5
    assert statuses(queued, mild) == [Status.FLAGGED] * 5


def test_a_band_leaves_what_others_hold_and_goes_no_further_than_asked(
    store: Store, queued: Queued, ayu: str, bima: str
) -> None:
    held = queued(risk=9)
    deal(store, queued.site_id, bima, size=1)
    some = [queued() for _ in range(4)]
    assert review_band(store, nothing, queued.site_id, ayu, View(), Act(Action.REJECT, "spam"), limit=3) == 2
    assert statuses(queued, [held, *some]) == [Status.FLAGGED] + [Status.REJECTED] * 2 + [Status.FLAGGED] * 2


def test_a_band_leaves_what_changed_since_it_was_looked_at(
    store: Store, queued: Queued, ayu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = queued(), queued(id="c1")
    look = Queue.ids_of

    def edited_meanwhile(self: Queue, view: View, limit: int) -> list[str]:
        ids = look(self, view, limit)
        accept([a_comment(id="c1", text="edited")], queued.site_id, store, nothing)
        return ids

    monkeypatch.setattr(Queue, "ids_of", edited_meanwhile)
    assert review_band(store, nothing, queued.site_id, ayu, View(), APPROVE) == 1
    assert statuses(queued, [first, second]) == [Status.APPROVED, Status.PENDING]


@pytest.mark.parametrize("queue", [QueueName.PENDING, QueueName.DECIDED])
def test_a_list_is_no_band(store: Store, queued: Queued, ayu: str, queue: QueueName) -> None:
    with pytest.raises(Invalid):
        review_band(store, nothing, queued.site_id, ayu, View(queue), APPROVE)


def test_a_band_for_no_reason_of_the_sites_changes_nothing(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    with pytest.raises(Invalid):
        review_band(store, nothing, queued.site_id, ayu, View(), Act(Action.REJECT, "no_such"))
    assert queued.status(comment.id) is Status.FLAGGED
