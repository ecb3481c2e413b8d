"""Acts as tests make them, and what came of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import Action
from service.moderation.review import Act, Seen
from service.store import Store
from service.store.decisions import Decisions
from service.store.rows import CommentRow, DecisionRow
from service.store.tables import comments
from tests.integration.desk.conftest import Queued

REJECT, APPROVE = Act(Action.REJECT), Act(Action.APPROVE)


def nothing() -> None:
    pass


def as_seen(comment: CommentRow) -> Seen:
    return Seen(comment.id, comment.revision, comment.status)


def last_of(store: Store, comment: CommentRow) -> DecisionRow:
    with store.read() as tx:
        return Decisions(tx, comment.site_id).latest([comment.id])[comment.id]


def make_alike(store: Store, *alike: CommentRow, likeness: int = 7) -> None:
    with store.begin() as tx:
        ids = [comment.id for comment in alike]
        tx.connection.execute(sa.update(comments).where(comments.c.id.in_(ids)).values(likeness=likeness))


def statuses(queued: Queued, some: Sequence[CommentRow]) -> list[Status]:
    return [queued.status(comment.id) for comment in some]
