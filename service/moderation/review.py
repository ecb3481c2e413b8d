"""Moderators decide, and take it back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.domain.comment import Status
from service.domain.decision import Action, Actor
from service.domain.errors import Conflict, NotFound
from service.moderation.queue import CLAIM
from service.moderation.record import record
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.ledger import Ruling
from service.store.queue import Queue
from service.store.rows import CommentRow

UNDO_DEPTH = 10
"""How many of a moderator's last decisions can be undone."""

ACTION_TO = {Status.FLAGGED: Action.FLAG, Status.APPROVED: Action.APPROVE, Status.REJECTED: Action.REJECT}


@dataclass(frozen=True)
class Seen:
    """A comment as the moderator saw it when deciding."""

    comment_id: str
    revision: int
    status: Status


@dataclass(frozen=True)
class Overtaken:
    """A comment that changed under the moderator's eyes: how it stands now, and who did it (None: not a moderator)."""

    comment_id: str
    status: Status
    edited: bool
    by: str | None


@dataclass(frozen=True)
class Reviewed:
    """What became of a moderator's decisions."""

    decided: tuple[str, ...]
    overtaken: tuple[Overtaken, ...]


def review(
    store: Store,
    wake: Callable[[], None],
    site_id: str,
    user_id: str,
    seen: Sequence[Seen],
    action: Action,
    note: str | None = None,
) -> Reviewed:
    """Record a moderator's decision about one comment or several.

    Atomic. A comment that is no longer as it was seen, or that somebody else holds, is left alone and named in the answer.

    Raises: NotFound, when one is not of this site; nothing is recorded then.
    """
    with store.begin() as tx:
        rulings, overtaken = [], []
        # in the order of ids, so that two moderators' transactions never wait for each other in a circle
        for one in sorted(set(seen), key=lambda one: one.comment_id):
            comment = _there(Comments(tx, site_id).get(one.comment_id))
            if one.status is not Status.PENDING and Queue(tx, site_id).lock(
                one.comment_id, one.revision, one.status, user_id
            ):
                rulings.append(Ruling(comment, action, Actor.MODERATOR, user_id=user_id, note=note))
            else:
                overtaken.append(_overtaken(tx, site_id, one))
        if rulings:
            record(tx, site_id, rulings)
    if rulings:
        wake()
    return Reviewed(tuple(ruling.comment.id for ruling in rulings), tuple(overtaken))


def undo(store: Store, wake: Callable[[], None], site_id: str, user_id: str) -> CommentRow | None:
    """Take back this moderator's last decision that still stands; the comment as it stands then, or None.

    Atomic. A decision is added that leads back to the status before, and the comment is claimed for this moderator.

    Raises: Conflict, when somebody holds or changes the comment at this moment.
    """
    with store.begin() as tx:
        comments, queue = Comments(tx, site_id), Queue(tx, site_id)
        decision = queue.undoable(user_id, UNDO_DEPTH)
        if decision is None:
            return None
        if not queue.lock(decision.comment_id, decision.revision, decision.action.status, user_id):
            raise Conflict("somebody else is at this comment")
        comment = _there(comments.get(decision.comment_id))
        back = ACTION_TO[decision.from_status]
        record(tx, site_id, [Ruling(comment, back, Actor.MODERATOR, user_id=user_id, undoes=decision.id)])
        queue.claim([comment.id], user_id, tx.now + CLAIM)
        restored = comments.get(comment.id)
    wake()
    return restored


def _there(comment: CommentRow | None) -> CommentRow:
    if comment is None:
        raise NotFound("no such comment")
    return comment


def _overtaken(tx: Transaction, site_id: str, seen: Seen) -> Overtaken:
    comment = _there(Comments(tx, site_id).get(seen.comment_id))
    queue = Queue(tx, site_id)
    holder = queue.holder(comment.id)
    last = Decisions(tx, site_id).latest([comment.id]).get(comment.id)
    decider = queue.names_of([last.user_id]).get(last.user_id) if last and last.user_id else None
    return Overtaken(comment.id, comment.status, comment.revision != seen.revision, holder.name if holder else decider)
