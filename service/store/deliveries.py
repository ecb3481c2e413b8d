"""Webhooks to sites: what waits, what was delivered and what is dead."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.store.engine import Transaction
from service.store.rows import DeliveryRow, delivery_row
from service.store.scope import Scope
from service.store.tables import deliveries, sites
from service.store.types import Id, UtcTime

ROW = tuple(deliveries.c[name] for name in DeliveryRow.__dataclass_fields__)
"""The columns of a DeliveryRow in its order: thousands are claimed in a second, and names would cost as much as the rest."""

MOST_WRITTEN = 2_000
"""Deliveries of one statement: SQLite takes 32,766 parameters."""

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


class Deliveries(Scope):
    """The deliveries of one site."""

    def claim(self, limit: int, seconds: float, *, least_tried: bool = False) -> list[DeliveryRow]:
        """Take what is due, for some seconds: nobody else takes it meanwhile, and it is due again if we die.

        Only the first that waits of each comment, so that a comment's events arrive in order. The longest due or the least tried.
        """
        due = self.mine(sa.select(deliveries.c.id), deliveries).where(*_due(self.tx.now))
        order = (
            (deliveries.c.attempts, deliveries.c.next_attempt_at) if least_tried else (deliveries.c.next_attempt_at,)
        )
        chosen = due.order_by(*order).limit(limit).with_for_update(skip_locked=True, of=deliveries)
        until = self.tx.now + timedelta(seconds=seconds)
        claimed = sa.update(deliveries).where(deliveries.c.id.in_(chosen))
        taken = self.run(claimed.values(next_attempt_at=until, attempts=deliveries.c.attempts + 1).returning(*ROW))
        return [DeliveryRow(*row) for row in taken]

    def give_back(self, ids: Sequence[str]) -> None:
        """Claimed and not attempted: due again at once, as if never claimed."""
        unsent = self.mine(sa.update(deliveries), deliveries).where(
            deliveries.c.id.in_(ids), deliveries.c.status == WAITING, deliveries.c.attempts > 0
        )
        self.run(unsent.values(next_attempt_at=self.tx.now, attempts=deliveries.c.attempts - 1))

    def give_up(self, due_before: datetime, answer: str) -> int:
        """What has been due since before a time is dead; how many there were."""
        old = self.mine(sa.update(deliveries), deliveries).where(
            deliveries.c.status == WAITING, deliveries.c.next_attempt_at < due_before
        )
        return self.run(old.values(status=DEAD, last_answer=answer)).rowcount

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


@dataclass(frozen=True)
class Failure:
    """A delivery that did not arrive: due again at a time, or dead when there is none."""

    id: str
    answer: str
    again_at: datetime | None


@dataclass(frozen=True)
class DueSite:
    """A site for which something is due, and how often it has failed in a row."""

    id: str
    failures: int


class Outbox:
    """What waits to be delivered, of every site: for the worker that serves them all."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def sites_due(self, limit: int, but: Collection[str] = ()) -> list[DueSite]:
        """Sites that may be called and have something due: those that fail last, the longest waiting first."""
        first = self._first_due().subquery()
        query = sa.select(first.c.id, first.c.callback_failures).where(first.c.due.is_not(None))
        if but:
            query = query.where(first.c.id.not_in(but))
        failing = sa.case((first.c.callback_failures > 0, 1), else_=0)
        rows = self.tx.connection.execute(query.order_by(failing, first.c.due).limit(limit))
        return [DueSite(row.id, row.callback_failures) for row in rows]

    def oldest(self) -> datetime | None:
        """When the longest due delivery became due, of all sites that may be called."""
        first = self._first_due().subquery()
        return self.tx.connection.execute(sa.select(sa.func.min(first.c.due, type_=UtcTime))).scalar()

    def delivered(self, ids: Sequence[str]) -> None:
        """They arrived."""
        for start in range(0, len(ids), MOST_WRITTEN):
            arrived = sa.update(deliveries).where(deliveries.c.id.in_(ids[start : start + MOST_WRITTEN]))
            self.tx.connection.execute(arrived.values(status=DELIVERED, delivered_at=self.tx.now, last_answer=None))

    def failed(self, failures: Sequence[Failure]) -> None:
        """They did not arrive."""
        for start in range(0, len(failures), MOST_WRITTEN):
            self._failed(failures[start : start + MOST_WRITTEN])

    def begin_probe(self, site_id: str, seconds: float) -> bool:
        """Whether we are the one to call a site whose breaker is open; nobody else is for some seconds."""
        rested = sa.or_(sites.c.callback_rest_until.is_(None), sites.c.callback_rest_until <= self.tx.now)
        ours = sa.update(sites).where(sites.c.id == site_id, sites.c.callback_opened_at.is_not(None), rested)
        until = self.tx.now + timedelta(seconds=seconds)
        return self.tx.connection.execute(ours.values(callback_rest_until=until)).rowcount > 0

    def _failed(self, failures: Sequence[Failure]) -> None:
        ended = (
            sa.values(sa.column("id", Id), sa.column("answer", sa.String), sa.column("again_at", UtcTime), name="ended")
            .data([(one.id, one.answer, one.again_at or self.tx.now) for one in failures])
            .cte("ended")
        )
        dead = [one.id for one in failures if one.again_at is None]
        self.tx.connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.id == ended.c.id, deliveries.c.status == WAITING)
            .values(
                status=sa.case((deliveries.c.id.in_(dead), DEAD), else_=WAITING),
                next_attempt_at=ended.c.again_at,
                last_answer=ended.c.answer,
            )
        )

    def _first_due(self) -> sa.Select[Any]:
        """Each site that may be called, with the time of its first due delivery or none.

        A subquery for each site, answered by one step into an index: a join would read all that waits.
        """
        first = (
            sa.select(deliveries.c.next_attempt_at)
            .where(deliveries.c.site_id == sites.c.id, *_due(self.tx.now))
            .order_by(deliveries.c.next_attempt_at)
            .limit(1)
            .scalar_subquery()
            .label("due")
        )
        rested = sa.or_(sites.c.callback_rest_until.is_(None), sites.c.callback_rest_until <= self.tx.now)
        return sa.select(sites.c.id, sites.c.callback_failures, first).where(
            sites.c.callback_url.is_not(None), sites.c.callback_disabled_at.is_(None), rested
        )


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Waiting, its time has come, and no earlier event of the same comment waits."""
    earlier = deliveries.alias()
    behind = sa.exists().where(
        earlier.c.comment_id == deliveries.c.comment_id,
        earlier.c.number < deliveries.c.number,
        earlier.c.status == sa.literal_column("'waiting'"),
    )
    return deliveries.c.status == sa.literal_column("'waiting'"), deliveries.c.next_attempt_at <= now, ~behind
