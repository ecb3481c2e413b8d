"""What waits for a worker, of every site: comments to score. Claims are leases, so that a dead worker's work is taken up again.

A claim is **one row** of its own for a whole batch, with the ids of its comments, and not a mark on each comment: marking would
write every comment once more, with all its indexes. It ends when the batch is written down, or by its time; then each of its
comments that is still pending has one attempt more.

These queries cross sites on purpose: one worker serves them all. What they find is written back through `record`.

**Ask it in a transaction that is `by_index`** (`Store.begin`, `Store.read`), and in the order of the index of what is pending.
When PostgreSQL has counted that much of the table is pending, it else reads the table from end to end, or the key's index past
all that was ever decided: half a second in place of a few milliseconds, just when there is much to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.store import bulk
from service.store.engine import Transaction
from service.store.rows import PendingRow, pending_row, select_pending
from service.store.tables import claims, comments
from service.store.types import Id

SUSPECT_AFTER = 2
"""Attempts after which a comment is taken alone: it may be what kills the worker."""

FARTHEST_LEASE = timedelta(minutes=20)
"""Twice the longest lease that can be set: one that ends later was taken before the clock was set back, and holds nothing."""

SUSPECTS_EVERY = 4
"""Claims of which one is for such a comment."""

SITES_AT_ONCE = 8
"""Sites that share a batch. With more than these waiting they take turns."""

LOOK_SECONDS = 2.0
"""How often a worker under load looks at the whole backlog; between, it goes on where it was."""

NOTHING = str(UUID(int=0))
"""Before every id."""

EVERYTHING = str(UUID(int=2**128 - 1))
"""After every id."""

CLAIMING = 0x5A51
"""PostgreSQL's advisory lock that makes claims one after the other; a number of ours."""

# written out and not bound: SQLite takes a partial index only for a constant that it sees in the statement
PENDING = comments.c.status == sa.literal_column("'pending'")
_SUSPECT = comments.c.attempts >= sa.literal_column(str(SUSPECT_AFTER))

_PLACE = (comments.c.site_id, comments.c.id)
"""The order of the index of what is pending."""


@dataclass
class Rota:
    """Whose turn it is, and up to where each site's backlog was seen to be done.

    A worker keeps one. Without it each claim would begin at the oldest entry of the index, and PostgreSQL walks over the entries
    of all comments that were decided since its last vacuum before it comes to the first that waits.
    """

    done: dict[str, str] = field(default_factory=dict)
    seen: float = -LOOK_SECONDS
    turns: int = 0

    def is_old(self) -> bool:
        """True when it is time to look at the whole backlog."""
        return monotonic() - self.seen > LOOK_SECONDS

    def turns_to_suspects(self) -> bool:
        """True for each SUSPECTS_EVERY-th claim."""
        self.turns += 1
        return self.turns % SUSPECTS_EVERY == 0

    def begin(self, waiting: Sequence[str]) -> None:
        """Start anew with the sites that wait; those that were in line keep their places."""
        self.seen = monotonic()
        line = [site_id for site_id in self.done if site_id in waiting]
        self.done = dict.fromkeys([*line, *waiting], NOTHING)

    def next_sites(self, most: int) -> list[str]:
        """The sites of the next batch, at most so many, which go to the end of the line."""
        sites = list(self.done)[:most]
        for site_id in sites:
            self.done[site_id] = self.done.pop(site_id)
        return sites


class Backlog:
    """The pending comments of all sites."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.was_left_lying = False
        """Whether comments were found that the second reader should have taken: see `readings`."""

    def claim(self, lease: str, seconds: float, limit: int, rota: Rota | None = None) -> list[PendingRow]:
        """Take up to `limit` pending comments under a lease of some seconds: of each site the oldest first.

        The sites that wait share the batch, so that no site's flood holds up another. Comments that were tried before without
        an end are taken one at a time, each SUSPECTS_EVERY-th time, and when nothing else is left.
        """
        rota = rota or Rota()
        if not self.tx.sqlite:
            # else two workers would find the same comments: each sees the other's claim only after it is committed
            self.tx.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIMING)))
        self._expire()
        found = self._suspect() if rota.turns_to_suspects() else []
        if not found and not rota.is_old():
            found = self._shared(limit, rota)
        if not found:
            rota.begin(self._sites())
            found = self._first(limit, rota) or self._suspect()
        if found:
            until = self.tx.now + timedelta(seconds=seconds)
            row = {"id": lease, "comment_ids": [comment.id for comment in found], "until": until}
            self.tx.connection.execute(sa.insert(claims), [row])
        return found

    def release(self, lease: str) -> bool:
        """End a claim: what it held is decided, or free again. False when it had run out before."""
        return self.tx.connection.execute(sa.delete(claims).where(claims.c.id == lease)).rowcount > 0

    def oldest(self) -> datetime | None:
        """When the longest waiting pending comment that nobody holds was received."""
        firsts = [row.id for site_id in self._sites() for row in self._free(site_id, 1, suspects_too=True)]
        query = sa.select(sa.func.min(comments.c.received_at)).where(bulk.among(self.tx, comments.c.id, firsts))
        return self.tx.connection.execute(query).scalar() if firsts else None

    def depth(self, most: int) -> int:
        """How many comments are pending, counted up to `most`: what a deep backlog costs to count is bounded."""
        return self._count(sa.select(sa.literal(1)).where(PENDING), most)

    def depth_of(self, site_id: str, most: int) -> int:
        """How many of a site's comments are pending, counted up to `most`."""
        return self._count(sa.select(sa.literal(1)).where(PENDING, *_of(site_id, NOTHING)), most)

    def sites(self) -> int:
        """How many sites have a pending comment."""
        return len(self._sites())

    def _count(self, rows: sa.Select[Any], most: int) -> int:
        counted = sa.select(sa.func.count()).select_from(rows.order_by(*_PLACE).limit(most).subquery())
        return int(self.tx.connection.execute(counted).scalar_one())

    def _expire(self) -> None:
        """Give back what dead workers held."""
        ended = sa.delete(claims).where(self._past()).returning(claims.c.comment_ids, claims.c.handed_at)
        rows = self.tx.connection.execute(ended).all()
        if not rows:
            return
        self.was_left_lying = any(row.handed_at is not None for row in rows)
        ids = [id for row in rows for id in row.comment_ids]
        # those that are locked are being decided about after all, by a worker that was slow
        held = sa.select(comments.c.id).where(bulk.among(self.tx, comments.c.id, ids), PENDING).order_by(comments.c.id)
        failed = list(self.tx.connection.execute(held.with_for_update(skip_locked=True)).scalars())
        tried = sa.update(comments).where(bulk.among(self.tx, comments.c.id, failed))
        self.tx.connection.execute(tried.values(attempts=comments.c.attempts + 1))

    def _past(self) -> sa.ColumnElement[bool]:
        """Of a claim that it has run out."""
        return sa.or_(claims.c.until < self.tx.now, claims.c.until > self.tx.now + FARTHEST_LEASE)

    def _first(self, limit: int, rota: Rota) -> list[PendingRow]:
        """The first batch of those in line, past sites all of whose pending comments are held."""
        for _ in range(0, len(rota.done), min(SITES_AT_ONCE, limit)):
            if found := self._shared(limit, rota):
                return found
        return []

    def _shared(self, limit: int, rota: Rota) -> list[PendingRow]:
        """A batch in which each site has an equal part; what one leaves is the others'."""
        sites = rota.next_sites(min(SITES_AT_ONCE, limit))
        if not sites:
            return []
        part = limit // len(sites)
        found = {site_id: self._free(site_id, part, after=rota.done[site_id]) for site_id in sites}
        left = limit - sum(map(len, found.values()))
        for site_id, rows in found.items():
            if rows:
                # what lies before is decided or held; the next look finds what was given back
                rota.done[site_id] = rows[-1].id
            if len(rows) == part and left > 0:
                more = self._free(site_id, left, after=rows[-1].id)
                rows.extend(more)
                left -= len(more)
                rota.done[site_id] = rows[-1].id
        return [row for rows in found.values() for row in rows]

    def _suspect(self) -> list[PendingRow]:
        """One of those that were tried before without an end, of whatever site."""
        query = select_pending().where(PENDING, _SUSPECT, self._unclaimed()).order_by(comments.c.id).limit(1)
        return [pending_row(row) for row in self.tx.connection.execute(query)]

    def _free(self, site_id: str, limit: int, *, after: str = NOTHING, suspects_too: bool = False) -> list[PendingRow]:
        """The first pending comments of a site after an id that nobody holds."""
        query = select_pending().where(PENDING, *_of(site_id, after), self._unclaimed())
        if not suspects_too:
            query = query.where(~_SUSPECT)
        return [pending_row(row) for row in self.tx.connection.execute(query.order_by(*_PLACE).limit(limit))]

    def _unclaimed(self) -> sa.ColumnElement[bool]:
        lasts = sa.not_(self._past())
        if self.tx.sqlite:
            each = sa.func.json_each(claims.c.comment_ids).table_valued("value")
            held = sa.select(sa.func.replace(each.c.value, "-", "")).select_from(claims.join(each, sa.true()))
            held = held.where(lasts)
        else:
            held = sa.select(sa.cast(sa.func.jsonb_array_elements_text(claims.c.comment_ids), Id)).where(lasts)
        return comments.c.id.not_in(held)

    def _sites(self) -> list[str]:
        """The sites that have pending comments: the index is read once for each, however many comments wait."""
        return list(self.tx.connection.execute(_WAITING).scalars())


def _of(site_id: str, after: str) -> tuple[sa.ColumnElement[bool], ...]:
    """A site's comments after an id. As pairs: with the site by itself the key's index would have the right order too."""
    begin, end = (sa.tuple_(site_id, id, types=(Id, Id)) for id in (after, EVERYTHING))
    return sa.tuple_(*_PLACE) > begin, sa.tuple_(*_PLACE) < end


_WAITING = sa.text("""
    WITH RECURSIVE waiting(site_id) AS (
        SELECT (SELECT site_id FROM comments WHERE status = 'pending' ORDER BY site_id, id LIMIT 1)
        UNION ALL
        SELECT (
            SELECT c.site_id FROM comments c WHERE c.status = 'pending' AND c.site_id > w.site_id ORDER BY c.site_id, c.id LIMIT 1
        )
        FROM waiting w WHERE w.site_id IS NOT NULL
    )
    SELECT site_id FROM waiting WHERE site_id IS NOT NULL
""").columns(site_id=Id)
"""A skip scan, which neither database does by itself (https://wiki.postgresql.org/wiki/Loose_indexscan)."""
