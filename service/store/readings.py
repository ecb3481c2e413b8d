"""What waits for the second reader, of every site: comments that are held for it, and decided ones that it may judge anew.

A comment is held by a claim, as a worker holds its batch (see `backlog`), but one that says `handed_at`. The reader takes such a
claim by making it its own for a time. Left untaken, or taken by one who did not live, it runs out like any other, and the comment
is decided without a second reading.

These queries cross sites on purpose, as those of the backlog do.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from service.store import bulk
from service.store.backlog import FARTHEST_LEASE, PENDING
from service.store.engine import Transaction, new_id
from service.store.ledger import Ruling
from service.store.rows import CommentRow, PendingRow, comment_row, pending_row, select_comments, select_pending
from service.store.tables import claims, comments, readings

MOST_ATTEMPTS = 2
"""Times that a reader may begin with a decided comment without an end: it may be what kills it."""


class Second(NamedTuple):
    """A comment for the second reader, as the first one ruled; how near to another action, and milliseconds that it may take."""

    ruling: Ruling
    nearness: float
    ms: float


class Taken(NamedTuple):
    """Pending comments that the reader took together, the nearest first; `lease` ends its claim on them."""

    lease: str
    handed_at: datetime
    comments: list[PendingRow]


class Held:
    """Pending comments that wait for the second reader before they are decided."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def add(self, chosen: Sequence[Second], seconds: float) -> None:
        """Hold comments for the reader, for some seconds at most."""
        row = {
            "id": new_id(),
            "comment_ids": [one.ruling.comment.id for one in chosen],
            "until": self.tx.now + timedelta(seconds=seconds),
            "handed_at": self.tx.now,
            "reading_ms": sum(one.ms for one in chosen),
        }
        self.tx.connection.execute(sa.insert(claims), [row])

    def reading_ms(self) -> float:
        """Milliseconds that it will take to read all that is held now."""
        query = sa.select(sa.func.sum(claims.c.reading_ms)).where(claims.c.handed_at.is_not(None))
        return float(self.tx.connection.execute(query).scalar() or 0.0)

    def count(self) -> int:
        """How many comments are held."""
        held = sa.select(claims.c.comment_ids).where(claims.c.handed_at.is_not(None))
        return sum(map(len, self.tx.connection.execute(held).scalars()))

    def since(self) -> datetime | None:
        """Since when the longest has waited to be taken."""
        return self.tx.connection.execute(sa.select(sa.func.min(claims.c.handed_at)).where(_UNTAKEN)).scalar()

    def take(self, limit: int, seconds: float) -> list[Taken]:
        """Take up to `limit` claims that wait, the oldest first, for some seconds. Those that ran out are left to run out."""
        now = self.tx.now
        query = sa.select(claims.c.id, claims.c.handed_at, claims.c.comment_ids).where(_UNTAKEN)
        lasts = claims.c.until.between(now, now + FARTHEST_LEASE)
        oldest = query.where(lasts).order_by(claims.c.handed_at, claims.c.id).limit(limit)
        rows = self.tx.connection.execute(oldest.with_for_update(skip_locked=True)).all()
        if not rows:
            return []
        mine = sa.update(claims).where(claims.c.id.in_([row.id for row in rows]))
        self.tx.connection.execute(mine.values(taken_at=now, until=now + timedelta(seconds=seconds)))
        ids = [id for row in rows for id in row.comment_ids]
        found = self.tx.connection.execute(select_pending().where(bulk.among(self.tx, comments.c.id, ids), PENDING))
        pending = {row.id: pending_row(row) for row in found}
        return [Taken(row.id, row.handed_at, [pending[id] for id in row.comment_ids if id in pending]) for row in rows]


_UNTAKEN = sa.and_(claims.c.handed_at.is_not(None), claims.c.taken_at.is_(None))


class Readings:
    """Decided comments that the second reader may judge anew."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def add(self, chosen: Sequence[Second]) -> None:
        """Let comments be read that were decided just now, in this transaction: it has them locked."""
        ids = [one.ruling.comment.id for one in chosen]
        self.tx.connection.execute(sa.delete(readings).where(bulk.among(self.tx, readings.c.comment_id, ids)))
        columns = {
            "comment_id": ids,
            "site_id": [one.ruling.comment.site_id for one in chosen],
            "revision": [one.ruling.comment.revision for one in chosen],
            "decisions": [one.ruling.number for one in chosen],
            "nearness": [one.nearness for one in chosen],
            "made_at": self.tx.now,
        }
        bulk.insert(self.tx, readings, columns)

    def count(self) -> int:
        """How many wait or are being read."""
        return self.tx.connection.execute(sa.select(sa.func.count()).select_from(readings)).scalar_one()

    def since(self) -> datetime | None:
        """Since when the longest has waited that nobody reads."""
        return self.tx.connection.execute(sa.select(sa.func.min(readings.c.made_at)).where(self._free())).scalar()

    def take(self, lease: str, limit: int, seconds: float) -> dict[str, datetime]:
        """Take up to `limit` under a lease of some seconds, the nearest first: since when each has waited, by its comment."""
        query = sa.select(readings.c.comment_id, readings.c.made_at).where(self._free())
        nearest = query.order_by(readings.c.nearness, readings.c.comment_id).limit(limit)
        rows = self.tx.connection.execute(nearest.with_for_update(skip_locked=True))
        found = {row.comment_id: row.made_at for row in rows}
        if found:
            until = self.tx.now + timedelta(seconds=seconds)
            mine = sa.update(readings).where(bulk.among(self.tx, readings.c.comment_id, list(found)))
            new = {"lease": lease, "leased_until": until, "attempts": readings.c.attempts + 1}
            self.tx.connection.execute(mine.values(new))
        return found

    def standing(self, lease: str) -> list[CommentRow]:
        """Those under a lease that stand as the policy left them, and that no person has begun with: the others keep what is."""
        tried = readings.c.revision, readings.c.decisions, readings.c.attempts
        rows = self.tx.connection.execute(sa.select(readings.c.comment_id, *tried).where(readings.c.lease == lease))
        left = {row.comment_id: (row.revision, row.decisions) for row in rows if row.attempts <= MOST_ATTEMPTS}
        # by their ids and in no join, which PostgreSQL might begin with all comments
        query = select_comments().where(
            bulk.among(self.tx, comments.c.id, list(left)),
            sa.or_(comments.c.claimed_until.is_(None), comments.c.claimed_until < self.tx.now),
            comments.c.appealed_at.is_(None),
            comments.c.escalated_at.is_(None),
        )
        found = [comment_row(row) for row in self.tx.connection.execute(query).mappings()]
        return [comment for comment in found if (comment.revision, comment.decisions) == left[comment.id]]

    def end(self, lease: str) -> None:
        """End a lease: what was under it has been read."""
        self.tx.connection.execute(sa.delete(readings).where(readings.c.lease == lease))

    def forget(self, before: datetime) -> int:
        """Delete those that were made before a time, which no reader came for; how many there were."""
        return self.tx.connection.execute(sa.delete(readings).where(readings.c.made_at < before)).rowcount

    def _free(self) -> sa.ColumnElement[bool]:
        until = readings.c.leased_until
        return sa.or_(until.is_(None), until < self.tx.now, until > self.tx.now + FARTHEST_LEASE)
