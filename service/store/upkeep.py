"""Deleting what has run out, of every site."""

from datetime import datetime

import sqlalchemy as sa

from service.store.engine import Transaction
from service.store.tables import comments, deliveries, receipts, sessions, sites


class Upkeep:
    """What a round of tidying deletes, and what monitoring asks."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def forget_receipts(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` ids of inbound webhooks received before a time, the oldest first; how many there were."""
        key = receipts.c.site_id, receipts.c.webhook_id
        old = sa.select(*key).where(receipts.c.received_at < before).order_by(receipts.c.received_at).limit(limit)
        return self.tx.connection.execute(sa.delete(receipts).where(sa.tuple_(*key).in_(old))).rowcount

    def forget_sessions(self, now: datetime) -> None:
        """Sessions that ran out."""
        self.tx.connection.execute(sa.delete(sessions).where(sessions.c.expires_at < now))

    def touch(self) -> None:
        """Ask the database for the smallest thing that shows it has our tables."""
        self.tx.connection.execute(sa.select(sites.c.id).limit(1)).all()

    def clock(self) -> datetime:
        """The database's own time."""
        if self.tx.sqlite:
            text = self.tx.connection.scalar(sa.select(sa.func.strftime("%Y-%m-%dT%H:%M:%f+00:00", "now")))
            return datetime.fromisoformat(str(text))
        found: datetime = self.tx.connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """Comments that wait and deliveries by status: only what indexes answer by looking at just these rows."""
        # written out and not bound: SQLite takes a partial index only for a constant that it sees in the statement
        waiting = {name: comments.c.status == sa.literal_column(f"'{name}'") for name in ("pending", "flagged")}
        # by way of the sites, since the index of all deliveries begins with the site
        dead = sa.and_(deliveries.c.site_id.in_(sa.select(sites.c.id)), deliveries.c.status == "dead")
        undelivered = {"waiting": deliveries.c.status == sa.literal_column("'waiting'"), "dead": dead}
        return {
            "comments": {name: self._count(comments, which) for name, which in waiting.items()},
            "deliveries": {name: self._count(deliveries, which) for name, which in undelivered.items()},
        }

    def _count(self, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
        return self.tx.connection.execute(sa.select(sa.func.count()).select_from(table).where(which)).scalar_one()
