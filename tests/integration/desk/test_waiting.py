"""What waits for a person besides the flagged: reports and appeals, and how a decision settles them."""

import pytest

from service.bootstrap import Services
from service.domain.comment import Status
from service.domain.decision import Action
from service.domain.errors import Conflict, Invalid, NotFound
from service.moderation.accept import accept
from service.moderation.appeal import appeal
from service.moderation.decide import decide_by_api
from service.moderation.report import report
from service.moderation.review import Act, Seen, review, undo
from service.moderation.score import score_batch
from service.moderation.sites import set_callback
from service.store import Store
from service.store.decisions import Decisions
from service.store.deliveries import Deliveries
from service.store.rows import CommentRow
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.conftest import Queued
from tests.remarks import appeals_of

APPROVE, REJECT = Act(Action.APPROVE), Act(Action.REJECT)


def nothing() -> None:
    pass


def as_seen(comment: CommentRow) -> Seen:
    return Seen(comment.id, comment.revision, comment.status)


def standing(queued: Queued, action: Action) -> CommentRow:
    """A comment that was decided about."""
    return decide_by_api(queued().id, action, None, None, queued.site_id, queued.services.store)


def reported(queued: Queued, comment: CommentRow, reporter: str = "r1") -> CommentRow:
    return report(comment.id, reporter, "rude", None, queued.site_id, queued.services.store)[0]


@pytest.fixture
def rejected(queued: Queued) -> CommentRow:
    return standing(queued, Action.REJECT)


def test_a_reported_comment_waits_since_the_first_report(queued: Queued, clock: Clock) -> None:
    comment = standing(queued, Action.APPROVE)
    since = clock.now
    assert reported(queued, comment).reported_at == since
    clock.forward(hours=1)
    assert reported(queued, comment, "r2").reported_at == since


def test_a_flagged_comment_that_is_reported_waits_for_that_too(queued: Queued) -> None:
    assert reported(queued, queued()).reported_at is not None


def test_the_report_that_flags_a_comment_leaves_it_waiting(queued: Queued) -> None:
    comment = standing(queued, Action.APPROVE)
    for reporter in ("r1", "r2", "r3"):
        now = reported(queued, comment, reporter)
    assert now.status is Status.FLAGGED
    assert now.reported_at is not None


def test_nobody_need_look_at_reports_on_what_is_rejected_or_pending(queued: Queued, rejected: CommentRow) -> None:
    (pending,) = accept([a_comment()], queued.site_id, queued.services.store, nothing)
    for comment in (rejected, queued.now(pending.id)):
        assert reported(queued, comment).reported_at is None


def test_approving_what_is_approved_dismisses_its_reports(store: Store, queued: Queued, ayu: str) -> None:
    comment = reported(queued, standing(queued, Action.APPROVE))
    assert review(store, nothing, queued.site_id, ayu, [as_seen(comment)], APPROVE).decided == (comment.id,)
    now = queued.now(comment.id)
    assert (now.status, now.reported_at, now.reports) == (Status.APPROVED, None, 1)
    assert now.author.approved == 1
    with store.read() as tx:
        last = Decisions(tx, queued.site_id).latest([comment.id])[comment.id]
    assert (last.from_status, last.action) == (Status.APPROVED, Action.APPROVE)
    assert last.ended == comment.waits


def test_the_sites_own_staff_dismiss_reports_as_well(store: Store, queued: Queued) -> None:
    comment = reported(queued, standing(queued, Action.APPROVE))
    dismissed = decide_by_api(comment.id, Action.APPROVE, None, None, queued.site_id, store)
    assert (dismissed.reported_at, dismissed.decisions) == (None, comment.decisions + 1)
    again = decide_by_api(comment.id, Action.APPROVE, None, None, queued.site_id, store)
    assert again.decisions == dismissed.decisions


def test_undo_lets_reports_wait_again_since_they_did(store: Store, queued: Queued, ayu: str, clock: Clock) -> None:
    comment = reported(queued, standing(queued, Action.APPROVE))
    clock.forward(hours=1)
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], REJECT)
    assert queued.now(comment.id).reported_at is None
    undo(store, nothing, queued.site_id, ayu)
    assert queued.now(comment.id).reported_at == comment.reported_at


def test_undo_keeps_a_report_that_came_since(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], APPROVE)
    since = reported(queued, comment).reported_at
    undo(store, nothing, queued.site_id, ayu)
    assert queued.now(comment.id).reported_at == since is not None


def test_an_edit_does_not_shake_reports_off(services: Services, queued: Queued) -> None:
    comment = queued(id="c1")
    reported(queued, comment)
    accept([a_comment(id="c1", text="Terima kasih banyak")], queued.site_id, services.store, nothing)
    score_batch(services.store, services.classifier, limit=10, lease=30)
    now = queued.now(comment.id)
    assert now.status is Status.APPROVED
    assert now.reported_at is not None


def test_a_rejected_comment_can_be_appealed_once_at_a_time(
    store: Store, queued: Queued, rejected: CommentRow, clock: Clock
) -> None:
    made, fresh = appeal(store, queued.site_id, rejected.id, "  It was a quotation.  ")
    assert (made.text, fresh) == ("It was a quotation.", True)
    assert queued.now(rejected.id).appealed_at == clock.now
    assert appeal(store, queued.site_id, rejected.id, "It was a quotation.") == (made, False)
    with pytest.raises(Conflict):
        appeal(store, queued.site_id, rejected.id, "And another thing")
    assert appeals_of(store, queued.site_id, rejected.id) == [made]


@pytest.mark.parametrize("action", [Action.APPROVE, Action.FLAG])
def test_only_a_rejected_comment_can_be_appealed(store: Store, queued: Queued, action: Action) -> None:
    with pytest.raises(Conflict):
        appeal(store, queued.site_id, standing(queued, action).id, "why?")


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001, "a\x00b", "\ud800"])
def test_an_appeal_that_cannot_be_is_refused(store: Store, queued: Queued, rejected: CommentRow, text: str) -> None:
    with pytest.raises(Invalid):
        appeal(store, queued.site_id, rejected.id, text)


def test_another_sites_comment_cannot_be_appealed(store: Store, elsewhere: Queued, rejected: CommentRow) -> None:
    with pytest.raises(NotFound):
        appeal(store, elsewhere.site_id, rejected.id, "why?")
    assert appeals_of(store, elsewhere.site_id, rejected.id) == []


@pytest.mark.parametrize(("act", "event"), [(APPROVE, "comment.approved"), (REJECT, "comment.rejected")])
def test_an_appeal_ends_in_a_decision_that_the_site_hears_of(
    store: Store, queued: Queued, rejected: CommentRow, ayu: str, act: Act, event: str
) -> None:
    set_callback("news.example", "http://127.0.0.1:1/", store, allow_private=True)
    appeal(store, queued.site_id, rejected.id, "why?")
    review(store, nothing, queued.site_id, ayu, [as_seen(rejected)], act, as_lead=True)
    assert queued.now(rejected.id).appealed_at is None
    [ended] = appeals_of(store, queued.site_id, rejected.id)
    with store.read() as tx:
        last = Decisions(tx, queued.site_id).latest([rejected.id])[rejected.id]
        told = [one.event for one in Deliveries(tx, queued.site_id).page("waiting")]
    assert (ended.decision_id, ended.decided_at is None) == (last.id, False)
    assert told == [event]


def test_an_appeal_that_was_upheld_can_be_followed_by_another(
    store: Store, queued: Queued, rejected: CommentRow, ayu: str
) -> None:
    appeal(store, queued.site_id, rejected.id, "why?")
    review(store, nothing, queued.site_id, ayu, [as_seen(rejected)], REJECT, as_lead=True)
    assert appeal(store, queued.site_id, rejected.id, "why?")[1]


def test_undo_opens_the_appeal_again(
    store: Store, queued: Queued, rejected: CommentRow, ayu: str, clock: Clock
) -> None:
    made, _ = appeal(store, queued.site_id, rejected.id, "why?")
    clock.forward(hours=1)
    review(store, nothing, queued.site_id, ayu, [as_seen(rejected)], APPROVE, as_lead=True)
    undo(store, nothing, queued.site_id, ayu)
    now = queued.now(rejected.id)
    assert (now.status, now.appealed_at) == (Status.REJECTED, made.created_at)
    assert appeals_of(store, queued.site_id, rejected.id) == [made]


def test_an_appeal_ends_when_the_rejection_is_taken_back(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], REJECT)
    appeal(store, queued.site_id, comment.id, "why?")
    undo(store, nothing, queued.site_id, ayu)
    now = queued.now(comment.id)
    assert (now.status, now.appealed_at) == (Status.FLAGGED, None)
    assert appeals_of(store, queued.site_id, comment.id)[0].decision_id is not None


def test_an_edit_ends_an_appeal_against_the_old_text(store: Store, queued: Queued) -> None:
    comment = queued(id="c1")
    decide_by_api(comment.id, Action.REJECT, None, None, queued.site_id, store)
    appeal(store, queued.site_id, comment.id, "why?")
    accept([a_comment(id="c1", text="milder")], queued.site_id, store, nothing)
    assert queued.now(comment.id).appealed_at is None
    [ended] = appeals_of(store, queued.site_id, comment.id)
    assert (ended.decision_id, ended.decided_at is None) == (None, False)


def test_the_sites_own_staff_can_uphold_a_rejection(store: Store, queued: Queued, rejected: CommentRow) -> None:
    appeal(store, queued.site_id, rejected.id, "why?")
    upheld = decide_by_api(rejected.id, Action.REJECT, None, None, queued.site_id, store)
    assert (upheld.appealed_at, upheld.decisions) == (None, rejected.decisions + 1)
