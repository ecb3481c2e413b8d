"""Readers report a comment."""

from service.domain.comment import Status
from service.domain.decision import Action, Actor
from service.domain.errors import NotFound
from service.domain.policy import Signals, by_reports
from service.moderation.record import record
from service.store import Store
from service.store.comments import Comments
from service.store.ledger import Ruling
from service.store.policies import Policies
from service.store.reports import Reports
from service.store.rows import CommentRow


def report(
    comment_id: str, reporter: str, reason: str, note: str | None, site_id: str, store: Store
) -> tuple[CommentRow, bool]:
    """Note a reader's report; an approved comment with enough of them is flagged. The comment, and whether the report is new.

    Atomic. Raises: NotFound.
    """
    with store.begin() as tx:
        comments = Comments(tx, site_id)
        if comments.get_for_update(comment_id) is None:
            raise NotFound("no such comment")
        fresh = Reports(tx, site_id).report(comment_id, reporter, reason, note)
        comment = _there(comments.get(comment_id))
        policy = Policies(tx, site_id).current()
        reasons = tuple(by_reports(policy, Signals(reports=comment.reports)))
        if fresh and reasons and comment.status is Status.APPROVED:
            record(tx, site_id, [Ruling(comment, Action.FLAG, Actor.POLICY, reasons, policy_version=policy.version)])
        return _there(comments.get(comment_id)), fresh


def _there(comment: CommentRow | None) -> CommentRow:
    if comment is None:
        raise NotFound("no such comment")
    return comment
