"""What waits for a lead is decided by one: a moderator's act leaves it alone, and says so."""

from collections.abc import Callable

import pytest

from service.domain.comment import Author, Status
from service.domain.decision import Action
from service.domain.view import QueueName, View
from service.moderation.appeal import appeal
from service.moderation.decide import decide_by_api
from service.moderation.queue import deal
from service.moderation.review import Act, Seen, escalate, hide_others, others_of, review
from service.store import Store
from service.store.rows import CommentRow
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import put

REJECT, APPROVE = Act(Action.REJECT), Act(Action.APPROVE)


def nothing() -> None:
    pass


def as_seen(comment: CommentRow) -> Seen:
    return Seen(comment.id, comment.revision, comment.status)


@pytest.fixture
def passed_on(store: Store, queued: Queued, bima: str) -> CommentRow:
    """A flagged comment that was escalated."""
    comment = queued()
    escalate(store, queued.site_id, bima, [as_seen(comment)], None)
    return comment


@pytest.fixture
def appealed(store: Store, queued: Queued) -> CommentRow:
    """A rejected comment whose author asked for another look."""
    rejected = decide_by_api(queued().id, Action.REJECT, None, None, queued.site_id, store)
    appeal(store, queued.site_id, rejected.id, "It was a quotation.")
    return rejected


@pytest.mark.parametrize("which", ["passed_on", "appealed"])
def test_a_moderators_decision_leaves_it_and_says_why(
    store: Store, queued: Queued, ayu: str, which: str, request: pytest.FixtureRequest
) -> None:
    comment: CommentRow = request.getfixturevalue(which)
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(comment)], APPROVE)
    assert reviewed.decided == ()
    assert [(one.comment_id, one.status, one.for_lead) for one in reviewed.overtaken] == [
        (comment.id, comment.status, True)
    ]
    assert queued.status(comment.id) is comment.status


@pytest.mark.parametrize("which", ["passed_on", "appealed"])
def test_a_lead_decides_about_it(
    store: Store, queued: Queued, ayu: str, which: str, request: pytest.FixtureRequest
) -> None:
    comment: CommentRow = request.getfixturevalue(which)
    assert review(store, nothing, queued.site_id, ayu, [as_seen(comment)], APPROVE, as_lead=True).decided
    assert (queued.status(comment.id), queued.now(comment.id).for_lead) == (Status.APPROVED, False)


@pytest.mark.parametrize("queue", [QueueName.FLAGGED, QueueName.NEW_AUTHORS, QueueName.REPORTED])
@pytest.mark.parametrize("which", ["passed_on", "appealed"])
def test_no_queue_of_moderators_deals_it(
    store: Store, queued: Queued, ayu: str, which: str, queue: QueueName, request: pytest.FixtureRequest
) -> None:
    comment: CommentRow = request.getfixturevalue(which)
    put(store, comment, reported_at=comment.received_at)
    assert deal(store, queued.site_id, ayu, view=View(queue=queue)).fresh == ()


def test_the_rest_of_the_act_is_recorded(store: Store, queued: Queued, ayu: str, passed_on: CommentRow) -> None:
    other = queued()
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(passed_on), as_seen(other)], REJECT)
    assert (reviewed.decided, [one.comment_id for one in reviewed.overtaken]) == ((other.id,), [passed_on.id])


def test_what_somebody_decided_first_does_not_wait_for_a_lead(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    decide_by_api(comment.id, Action.REJECT, None, None, queued.site_id, store)
    [one] = review(store, nothing, queued.site_id, ayu, [as_seen(comment)], APPROVE).overtaken
    assert not one.for_lead


def test_what_was_passed_on_is_not_passed_on_again(
    store: Store, queued: Queued, ayu: str, passed_on: CommentRow
) -> None:
    [one] = escalate(store, queued.site_id, ayu, [as_seen(passed_on)], "And another thing").overtaken
    assert one.for_lead


def test_it_is_not_hidden_with_an_authors_others_but_by_a_lead(store: Store, queued: Queued, ayu: str) -> None:
    troll = Author("troll", "Troll")
    one, passed_on = queued(author=troll), queued(author=troll)
    put(store, passed_on, escalated_at=passed_on.received_at)
    author_id = one.author.id
    assert others_of(store, queued.site_id, author_id) == 1
    assert hide_others(store, nothing, queued.site_id, ayu, author_id, REJECT) == 1
    assert queued.status(passed_on.id) is Status.FLAGGED
    assert others_of(store, queued.site_id, author_id, as_lead=True) == 1
    assert hide_others(store, nothing, queued.site_id, ayu, author_id, REJECT, as_lead=True) == 1
    assert queued.status(passed_on.id) is Status.REJECTED


@pytest.mark.parametrize("which", ["passed_on", "appealed"])
def test_its_page_has_the_buttons_for_leads_alone(
    browse: Callable[[str], Browser], which: str, request: pytest.FixtureRequest
) -> None:
    comment: CommentRow = request.getfixturevalue(which)
    moderators, leads = (browse(role).get(f"/desk/comments/{comment.id}").text for role in ("moderator", "lead"))
    assert "A lead decides about this comment." in moderators
    assert 'action="/desk/decisions"' not in moderators
    assert 'action="/desk/decisions"' in leads


def test_a_moderators_form_is_told_that_it_is_for_a_lead(
    browse: Callable[[str], Browser], queued: Queued, passed_on: CommentRow
) -> None:
    form = {"act": f"approve {passed_on.id}:1:flagged"}
    answer = browse("moderator").post("/desk/decisions", form, script=True)
    assert "That comment waits for a lead" in answer.text
    assert queued.status(passed_on.id) is Status.FLAGGED
    assert browse("lead").post("/desk/decisions", form, script=True).status_code == 200
    assert queued.status(passed_on.id) is Status.APPROVED


@pytest.mark.parametrize("queue", ["pending", "decided", "escalated", "appeals"])
def test_nothing_is_recorded_for_a_page_that_can_not_be(
    browse: Callable[[str], Browser], queued: Queued, queue: str
) -> None:
    comment = queued()
    form = {"act": f"approve {comment.id}:1:flagged"}
    answer = browse("moderator").post(f"/desk/decisions?queue={queue}", form, script=True)
    assert answer.status_code in {403, 422}
    assert queued.status(comment.id) is Status.FLAGGED


def test_hiding_an_authors_comments_from_the_desk_reaches_it_for_leads_alone(
    browse: Callable[[str], Browser], queued: Queued, passed_on: CommentRow
) -> None:
    form = {"author": passed_on.author.id, "sure": "1"}
    browse("moderator").post("/desk/hide", form, script=True)
    assert queued.status(passed_on.id) is Status.FLAGGED
    browse("lead").post(f"/desk/authors/{passed_on.author.id}/hide")
    assert queued.status(passed_on.id) is Status.REJECTED
