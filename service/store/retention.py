"""Old comments of one site, deleted piece by piece: each is read along an index and small enough to be in nobody's way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.domain.comment import Status
from service.store.bans import Bans
from service.store.comments import Comments, lose_authors
from service.store.engine import first_id
from service.store.scope import Scope
from service.store.tables import authors, comments, decisions, deliveries, labels


@dataclass(frozen=True)
class Piece:
    """What one step did: how many comments and authors are gone; `last` is the id up to which was looked, None at the end."""

    comments: int
    authors: int
    last: str | None


class Retention(Scope):
    """The comments of one site that may be too old to keep."""

    def forget(
        self, status: Status, before: datetime, decided_before: datetime, after: str | None, limit: int
    ) -> Piece:
        """Delete comments of a status received before a time, with everything about them but counts of the decisions.

        Looks at `limit` of them with ids past `after`. Left alone are those that somebody works on now, those whose reports or
        appeal wait for a person, those decided about since `decided_before`, and those of which the site has yet to hear: an
        event waits, or failed since `before`. An author of whom no comment is left goes too: after so long, whoever returns is
        a stranger, unless a ban lasts.
        """
        query = self.mine(sa.select(comments.c.id, comments.c.author_id), comments).where(
            comments.c.status == status.value,
            comments.c.id < first_id(before),
            comments.c.received_at < before,
            comments.c.reported_at.is_(None),
            comments.c.appealed_at.is_(None),
        )
        if after is not None:
            query = query.where(comments.c.id > after)
        rows = self.run(query.order_by(comments.c.id).limit(limit).with_for_update(skip_locked=True)).all()
        kept = self._kept([row.id for row in rows], before, decided_before)
        gone = [row for row in rows if row.id not in kept]
        erased = Comments(self.tx, self.site_id).erase([row.id for row in gone])
        orphans = self._forget_authors(sorted({row.author_id for row in gone}))
        return Piece(erased, orphans, rows[-1].id if len(rows) == limit else None)

    def forget_delivered(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` deliveries that arrived before a time, the oldest first; how many there were."""
        # the bound on the id ends the search where the younger ones begin: no delivery arrives before it is made
        arrived = self.mine(sa.select(deliveries.c.id), deliveries).where(
            deliveries.c.status == "delivered", deliveries.c.id < first_id(before), deliveries.c.delivered_at < before
        )
        chosen = arrived.order_by(deliveries.c.id).limit(limit)
        return self.run(self.mine(sa.delete(deliveries), deliveries).where(deliveries.c.id.in_(chosen))).rowcount

    def forget_labels(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` labels that were given before a time and not since, the oldest first; how many there were."""
        old = self.mine(sa.select(labels.c.id), labels).where(labels.c.created_at < before)
        chosen = old.order_by(labels.c.created_at).limit(limit)
        return self.run(self.mine(sa.delete(labels), labels).where(labels.c.id.in_(chosen))).rowcount

    def end_bans(self, limit: int) -> int:
        """Forget up to `limit` bans that have run out, with their authors where no comment is left; how many authors went."""
        over = self.mine(sa.select(authors.c.id), authors).where(
            authors.c.banned_until.is_not(None), authors.c.banned_until <= self.tx.now
        )
        ids = list(self.run(over.order_by(authors.c.id).limit(limit)).scalars())
        gone = self._forget_authors(ids)
        free = self.mine(sa.select(authors.c.id), authors).where(authors.c.id.in_(ids), ~self._is_banned())
        left = list(self.run(free.order_by(authors.c.id).with_for_update(skip_locked=True)).scalars())
        self.run(self.mine(sa.update(authors), authors).where(authors.c.id.in_(left)).values(banned_until=None))
        return gone

    def _kept(self, ids: Sequence[str], before: datetime, decided_before: datetime) -> set[str]:
        if not ids:
            return set()
        untold = sa.or_(
            deliveries.c.status == "waiting", sa.and_(deliveries.c.status == "dead", deliveries.c.created_at >= before)
        )
        waits = self.mine(sa.select(deliveries.c.comment_id), deliveries).where(
            deliveries.c.comment_id.in_(ids), untold
        )
        fresh = self.mine(sa.select(decisions.c.comment_id), decisions).where(
            decisions.c.comment_id.in_(ids), decisions.c.created_at >= decided_before
        )
        return {id for query in (waits, fresh) for id in self.run(query).scalars()}

    def _forget_authors(self, ids: Sequence[str]) -> int:
        """Delete those of these authors of whom no comment is left, unless they are banned now; how many."""
        if not ids:
            return 0
        lose_authors(self.tx, self.site_id)
        unneeded = sa.and_(~self._has_comments(), ~self._is_banned())
        free = self.mine(sa.select(authors.c.id), authors).where(authors.c.id.in_(ids), unneeded)
        locked = list(self.run(free.order_by(authors.c.id).with_for_update(skip_locked=True)).scalars())
        if not locked:
            return 0
        Bans(self.tx, self.site_id).forget(locked)
        orphans = self.mine(sa.delete(authors), authors).where(authors.c.id.in_(locked), unneeded)
        return self.run(orphans).rowcount

    def _is_banned(self) -> sa.ColumnElement[bool]:
        return sa.and_(authors.c.banned_until.is_not(None), authors.c.banned_until > self.tx.now)

    @staticmethod
    def _has_comments() -> sa.ColumnElement[bool]:
        return sa.exists(sa.select(sa.literal(1)).where(comments.c.author_id == authors.c.id))
