"""Short ways to what stands in queues."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from service.moderation.queue import Hand
from service.store import Store
from service.store.rows import CommentRow
from service.store.tables import authors, comments


def put(store: Store, *which: CommentRow, **columns: Any) -> None:
    """Let comments have other values, as what is not under test would write them."""
    with store.begin() as tx:
        ids = [comment.id for comment in which]
        tx.connection.execute(sa.update(comments).where(comments.c.id.in_(ids)).values(**columns))


def approve_author(store: Store, comment: CommentRow) -> None:
    """Let the author of a comment have an approved one."""
    with store.begin() as tx:
        tx.connection.execute(sa.update(authors).where(authors.c.id == comment.author.id).values(approved=1))


def ids(comments: Iterable[CommentRow]) -> list[str]:
    """Their ids."""
    return [comment.id for comment in comments]


def dealt(hand: Hand) -> list[str]:
    """The ids of its fresh cards."""
    return ids(hand.fresh)
