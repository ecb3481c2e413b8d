"""Webhooks to sites: what waits, what was delivered and what is dead."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.store.engine import Transaction
from service.store.rows import DeliveryRow, delivery_row
from service.store.scope import Scope
from service.store.tables import deliveries, sites

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


class Deliveries(Scope):
    """The deliveries of one site."""

    def claim(self, limit: int, seconds: float) -> list[DeliveryRow]:
        """Take what is due, for some seconds: nobody else takes it meanwhile, and it is due again if we die.

        Only the first that waits of each comment, so that a comment's events arrive in order.
        """
        due = self.mine(sa.select(deliveries.c.id), deliveries).where(*_due(self.tx.now))
        chosen = (
            due.order_by(deliveries.c.next_attempt_at).limit(limit).with_for_update(skip_locked=True, of=deliveries)
        )
        until = self.tx.now + timedelta(seconds=seconds)
        claimed = sa.update(deliveries).where(deliveries.c.id.in_(chosen))
        taken = self.run(
            claimed.values(next_attempt_at=until, attempts=deliveries.c.attempts + 1).returning(deliveries)
        )
        return [delivery_row(row) for row in taken.mappings()]

    def delivered(self, ids: Sequence[str]) -> None:
        """They arrived."""
        arrived = self.mine(sa.update(deliveries), deliveries).where(deliveries.c.id.in_(ids))
        self.run(arrived.values(status=DELIVERED, delivered_at=self.tx.now, last_answer=None))

    def failed(self, id: str, answer: str, again_at: datetime | None) -> None:
        """It did not arrive: due again at a time, or dead when there is none."""
        fields = {"status": DEAD} if again_at is None else {"next_attempt_at": again_at}
        failed = self.mine(sa.update(deliveries), deliveries).where(
            deliveries.c.id == id, deliveries.c.status == WAITING
        )
        self.run(failed.values(**fields, last_answer=answer))

    def hold(self, until: datetime) -> None:
        """The site asks us to slow down: nothing of it is due before a time."""
        early = self.mine(sa.update(deliveries), deliveries).where(
            deliveries.c.status == WAITING, deliveries.c.next_attempt_at < until
        )
        self.run(early.values(next_attempt_at=until))

    def stop(self, answer: str) -> None:
        """The site wants no more: what waits is dead, and can be sent again by hand."""
        waiting = self.mine(sa.update(deliveries), deliveries).where(deliveries.c.status == WAITING)
        self.run(waiting.values(status=DEAD, last_answer=answer))

    def resend(self, id: str) -> bool:
        """Let a dead delivery try anew; false when there is no such one."""
        return self._revive(deliveries.c.id == id) > 0

    def resend_all(self) -> int:
        """Let every dead delivery try anew; how many there were."""
        return self._revive(sa.true())

    def page(self, status: str, cursor: str | None = None, limit: int = 50) -> list[DeliveryRow]:
        """Deliveries of a status from the newest to the oldest; `cursor` is the id of the last one already seen."""
        query = self.mine(sa.select(deliveries), deliveries).where(deliveries.c.status == status)
        if cursor is not None:
            query = query.where(deliveries.c.id < cursor)
        return [delivery_row(row) for row in self.run(query.order_by(deliveries.c.id.desc()).limit(limit)).mappings()]

    def counts(self) -> dict[str, int]:
        """How many there are of each status; each stops at COUNT_TO."""
        mine = self.mine(sa.select(deliveries.c.id), deliveries)
        return {status: self.count(mine.where(deliveries.c.status == status)) for status in (WAITING, DELIVERED, DEAD)}

    def _revive(self, which: sa.ColumnElement[bool]) -> int:
        fields = {"status": WAITING, "attempts": 0, "next_attempt_at": self.tx.now}
        dead = self.mine(sa.update(deliveries), deliveries).where(deliveries.c.status == DEAD, which)
        return self.run(dead.values(fields)).rowcount


class Outbox:
    """What waits to be delivered, of every site: for the worker that serves them all."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def sites_due(self) -> list[tuple[str, str]]:
        """The id and callback URL of each site for which something is due."""
        some = sa.exists().where(deliveries.c.site_id == sites.c.id, *_due(self.tx.now))
        ready = sa.and_(sites.c.callback_url.is_not(None), sites.c.callback_disabled_at.is_(None))
        return [(row.id, row.callback_url) for row in self.tx.connection.execute(sa.select(sites).where(ready, some))]

    def oldest(self) -> datetime | None:
        """When the longest due delivery became due."""
        query = sa.select(deliveries.c.next_attempt_at).where(*_due(self.tx.now))
        return self.tx.connection.execute(query.order_by(deliveries.c.next_attempt_at).limit(1)).scalar()


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Waiting, its time has come, and no earlier event of the same comment waits."""
    earlier = deliveries.alias()
    behind = sa.exists().where(
        earlier.c.comment_id == deliveries.c.comment_id,
        earlier.c.number < deliveries.c.number,
        earlier.c.status == sa.literal_column("'waiting'"),
    )
    return deliveries.c.status == sa.literal_column("'waiting'"), deliveries.c.next_attempt_at <= now, ~behind
