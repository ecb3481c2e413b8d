"""What waits for a worker, of every site: comments to score. Claims are leases, so that a dead worker's work is taken up again.

These queries cross sites on purpose: one worker serves them all. What they find is written back through `record`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.store.engine import Transaction
from service.store.rows import CommentRow, comment_row, select_comments
from service.store.tables import comments

SUSPECT_AFTER = 2
"""Attempts after which a comment is taken alone: it may be what kills the worker."""

FARTHEST_LEASE = timedelta(minutes=20)
"""Twice the longest lease that can be set: one that ends later was taken before the clock was set back, and holds nothing."""


class Backlog:
    """The pending comments of all sites."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def claim(self, lease: str, seconds: float, limit: int) -> list[CommentRow]:
        """Take up to `limit` pending comments, the oldest first, under a lease of some seconds.

        Comments that were tried before without an end are taken last and one at a time.
        """
        return self._claim(lease, seconds, limit, comments.c.attempts < SUSPECT_AFTER) or self._claim(
            lease, seconds, 1, comments.c.attempts >= SUSPECT_AFTER
        )

    def held(self, lease: str, ids: Sequence[str]) -> set[str]:
        """Those of some ids that are still under this lease, locked: edited, decided and expired ones are not among them."""
        query = sa.select(comments.c.id).where(comments.c.id.in_(ids), comments.c.lease == lease)
        return set(self.tx.connection.execute(query.with_for_update()).scalars())

    def oldest(self) -> datetime | None:
        """When the longest waiting pending comment that nobody holds was received."""
        query = sa.select(comments.c.received_at).where(*self._free()).order_by(comments.c.id).limit(1)
        return self.tx.connection.execute(query).scalar()

    def _free(self) -> tuple[sa.ColumnElement[bool], ...]:
        until = comments.c.leased_until
        expired = sa.or_(until.is_(None), until < self.tx.now, until > self.tx.now + FARTHEST_LEASE)
        return comments.c.status == sa.literal_column("'pending'"), expired

    def _claim(self, lease: str, seconds: float, limit: int, which: sa.ColumnElement[bool]) -> list[CommentRow]:
        chosen = (
            sa.select(comments.c.id)
            .where(*self._free(), which)
            .order_by(comments.c.id)
            .limit(limit)
            # no effect on SQLite, where one transaction writes at a time
            .with_for_update(skip_locked=True)
        )
        until = self.tx.now + timedelta(seconds=seconds)
        taken = self.tx.connection.execute(
            sa.update(comments)
            .where(comments.c.id.in_(chosen))
            .values(lease=lease, leased_until=until, attempts=comments.c.attempts + 1)
            .returning(comments.c.id)
        ).scalars()
        ids = list(taken)
        if not ids:
            return []
        rows = self.tx.connection.execute(select_comments().where(comments.c.id.in_(ids)).order_by(comments.c.id))
        return [comment_row(row) for row in rows.mappings()]
