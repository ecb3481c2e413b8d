"""The site's own staff decide about a comment, through the API."""

from service.domain.decision import Action, Actor, Reason
from service.domain.errors import NotFound
from service.moderation.record import record
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.ledger import Ruling
from service.store.rows import NOTHING_WAITS, CommentRow


def decide_by_api(
    comment_id: str, action: Action, reason: str | None, note: str | None, site_id: str, store: Store
) -> CommentRow:
    """A decision by the site's own staff; the comment as it stands then.

    Atomic. The same decision again changes nothing, unless reports or an appeal wait: these it settles. Raises: NotFound.
    """
    with store.begin() as tx:
        return decided(tx, site_id, comment_id, action, reason, note)


def decided(
    tx: Transaction, site_id: str, comment_id: str, action: Action, reason: str | None, note: str | None
) -> CommentRow:
    """The same, as a part of a transaction that does more. Raises: NotFound."""
    comments = Comments(tx, site_id)
    comment = _there(comments.get_for_update(comment_id))
    settles = action is not Action.FLAG and comment.waits != NOTHING_WAITS
    if comment.status is not action.status or settles:
        reasons = (Reason(reason, action),) if reason else ()
        record(tx, site_id, [Ruling(comment, action, Actor.API, reasons, note=note)])
    return _there(comments.get(comment_id))


def _there(comment: CommentRow | None) -> CommentRow:
    if comment is None:
        raise NotFound("no such comment")
    return comment
