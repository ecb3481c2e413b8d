"""Deleting what has run out, of every site."""

from datetime import datetime

import sqlalchemy as sa

from service.store.engine import Transaction
from service.store.tables import comments, deliveries, receipts, sessions, sites


class Upkeep:
    """What a nightly round deletes."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def forget_receipts(self, before: datetime) -> None:
        """Ids of inbound webhooks received before a time."""
        self.tx.connection.execute(sa.delete(receipts).where(receipts.c.received_at < before))

    def forget_delivered(self, before: datetime) -> None:
        """Deliveries that arrived before a time."""
        arrived = sa.and_(deliveries.c.status == "delivered", deliveries.c.delivered_at < before)
        self.tx.connection.execute(sa.delete(deliveries).where(arrived))

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
        """Comments that wait and deliveries by status: only what partial indexes or small tables answer quickly."""
        waiting = {"pending": comments.c.status == "pending", "flagged": comments.c.status == "flagged"}
        undelivered = {status: deliveries.c.status == status for status in ("waiting", "dead")}
        return {
            "comments": {name: self._count(comments, which) for name, which in waiting.items()},
            "deliveries": {name: self._count(deliveries, which) for name, which in undelivered.items()},
        }

    def _count(self, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
        return self.tx.connection.execute(sa.select(sa.func.count()).select_from(table).where(which)).scalar_one()
