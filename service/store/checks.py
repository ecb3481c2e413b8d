"""How many comments of another service's clients were checked for a site, and how many verdicts the site corrected."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from service.domain.comment import Status
from service.store.engine import first_id
from service.store.scope import Scope
from service.store.tables import comments, labels

COUNT_EACH = 200_000
"""Counting of each kind stops here, so that no request waits for a large site's history."""


class Counts(NamedTuple):
    """Of what came in during a time: what stands as spam and as none now, and the corrections that came in it.

    Comments that a person should look at are counted as spam, and those not yet decided as none, as their callers were told.
    """

    spam: int
    ham: int
    missed_spam: int
    false_positives: int


class Checks(Scope):
    """The checks of one site."""

    def made(self, source: str, start: datetime, end: datetime) -> Counts:
        """What came from one source between two times, the first included; each kind counted to COUNT_EACH.

        Corrections are counted among the last COUNT_EACH labels of that time.
        """
        counted = {status: self._stands(source, status, start, end) for status in Status}
        corrected = {value: self._corrected(source, value, start, end) for value in (1.0, 0.0)}
        row = self.run(sa.select(*counted.values(), *corrected.values())).one()
        found = dict(zip((*counted, *corrected), row, strict=True))
        return Counts(
            spam=found[Status.REJECTED] + found[Status.FLAGGED],
            ham=found[Status.APPROVED] + found[Status.PENDING],
            missed_spam=found[1.0],
            false_positives=found[0.0],
        )

    def _stands(self, source: str, status: Status, start: datetime, end: datetime) -> sa.ScalarSelect[int]:
        came = self.mine(sa.select(comments.c.id), comments).where(
            comments.c.source == source,
            comments.c.status == status.value,
            comments.c.id >= first_id(start),
            comments.c.id < first_id(end),
        )
        return sa.select(sa.func.count()).select_from(came.limit(COUNT_EACH).subquery()).scalar_subquery()

    def _corrected(self, source: str, value: float, start: datetime, end: datetime) -> sa.ScalarSelect[int]:
        came = (
            self.mine(sa.select(labels.c.source, labels.c.attribute, labels.c.value), labels)
            .where(labels.c.created_at >= start, labels.c.created_at < end)
            .order_by(labels.c.created_at.desc())
            .limit(COUNT_EACH)
            .subquery()
        )
        wanted = sa.and_(came.c.source == source, came.c.attribute == "spam", came.c.value == value)
        return sa.select(sa.func.count()).select_from(came).where(wanted).scalar_subquery()
