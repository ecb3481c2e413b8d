"""What a moderator leaves to a lead."""

import pytest

from service.domain.comment import Status
from service.domain.errors import Invalid
from service.moderation.queue import deal, holder
from service.moderation.review import escalate, review, undo
from service.store import Store
from tests.integration.desk.acts import APPROVE, as_seen, make_alike, nothing
from tests.integration.desk.conftest import Queued
from tests.remarks import notes_of


def test_an_escalated_comment_waits_for_a_lead_and_is_nobodys(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    reviewed = escalate(store, queued.site_id, ayu, [as_seen(comment)], "  Satire?  ")
    now = queued.now(comment.id)
    assert reviewed.decided == (comment.id,)
    assert now.status is Status.FLAGGED
    assert now.escalated_at is not None
    assert holder(store, queued.site_id, comment.id) is None
    [note] = notes_of(store, queued.site_id, comment.id)
    assert (note.text, note.user_id, note.name) == ("Satire?", ayu, "Ayu")


def test_a_decision_answers_an_escalation_and_undo_asks_again(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    escalate(store, queued.site_id, ayu, [as_seen(comment)], None)
    since = queued.now(comment.id).escalated_at
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], APPROVE, as_lead=True)
    assert queued.now(comment.id).escalated_at is None
    undo(store, nothing, queued.site_id, ayu)
    assert queued.now(comment.id).escalated_at == since is not None


def test_near_identical_comments_are_escalated_and_answered_together(store: Store, queued: Queued, ayu: str) -> None:
    same = [queued() for _ in range(3)]
    make_alike(store, *same)
    assert len(escalate(store, queued.site_id, ayu, [as_seen(same[0])], "?").decided) == 3
    assert [len(notes_of(store, queued.site_id, comment.id)) for comment in same] == [1, 0, 0]
    assert len(review(store, nothing, queued.site_id, ayu, [as_seen(same[1])], APPROVE, as_lead=True).decided) == 3


def test_only_what_is_flagged_can_be_escalated(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], APPROVE)
    with pytest.raises(Invalid):
        escalate(store, queued.site_id, ayu, [as_seen(queued.now(comment.id))], None)
    assert escalate(store, queued.site_id, ayu, [as_seen(comment)], None).overtaken[0].status is Status.APPROVED
