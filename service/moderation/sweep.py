"""Find what stayed behind. Looks at the database alone, so it works while the broker is away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.store import Store
from service.store.backlog import Backlog
from service.store.deliveries import Outbox
from service.store.readings import Held, Readings

STALE_SECONDS = 2.0
"""How long a comment or delivery may wait before somebody is woken for it once more."""

SKEW_SECONDS = 60.0
"""How far the clocks of two hosts may be apart."""


@dataclass(frozen=True)
class Waiting:
    """How long the longest waiting have waited, in seconds; 0 when nothing waits."""

    pending_seconds: float
    due_seconds: float
    reading_seconds: float = 0.0

    @property
    def stale_pending(self) -> bool:
        """Comments wait that a worker should have taken."""
        return self.pending_seconds > STALE_SECONDS

    @property
    def stale_due(self) -> bool:
        """Deliveries wait that a worker should have taken."""
        return self.due_seconds > STALE_SECONDS

    @property
    def stale_readings(self) -> bool:
        """Comments wait that the second reader should have taken."""
        return self.reading_seconds > STALE_SECONDS


def sweep(store: Store, clock: Callable[[], datetime]) -> Waiting:
    """What waits, and for how long."""
    with store.read(by_index=True) as tx:
        pending, due = Backlog(tx).oldest(), Outbox(tx).oldest()
        readings = [since for since in (Held(tx).since(), Readings(tx).since()) if since is not None]
    return Waiting(_age(pending, clock), _age(due, clock), _age(min(readings, default=None), clock))


def _age(since: datetime | None, clock: Callable[[], datetime]) -> float:
    waited = 0.0 if since is None else (clock() - since).total_seconds()
    # far ahead: the clock was set back since, and nobody knows how long it has waited
    return -waited if waited < -SKEW_SECONDS else max(0.0, waited)
