"""A stretch of time that a lead looks at, cut into hours or days of UTC."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Period(StrEnum):
    """How far back. The last hour or day is the one that runs, so it isn't whole."""

    HOURS = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def step(self) -> timedelta:
        """How long each part of it is."""
        return HOUR if self is Period.HOURS else DAY

    @property
    def parts(self) -> int:
        """How many parts it has."""
        return {Period.HOURS: 24, Period.WEEK: 7, Period.MONTH: 30}[self]

    def starts(self, now: datetime) -> tuple[datetime, ...]:
        """When each part begins, the oldest first; `now` is in the last one. In UTC."""
        last = now.replace(minute=0, second=0, microsecond=0)
        if self.step == DAY:
            last = last.replace(hour=0)
        return tuple(last - self.step * back for back in reversed(range(self.parts)))


def part_of(starts: Sequence[datetime], at: datetime) -> int | None:
    """The part of a period, from 0, that a time is in; None before the first. A time past the last counts to it."""
    if at < starts[0]:
        return None
    return min(int((at - starts[0]) / (starts[1] - starts[0])), len(starts) - 1)
