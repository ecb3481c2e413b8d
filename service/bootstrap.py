"""The one place of wiring: settings in, everything that the doors and the worker need out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import classifier
from service.moderation.gate import Gate
from service.runtime.broker import Waker, waker
from service.settings import Settings
from service.store import Store
from service.store.backlog import Rota
from service.webhooks.sender import Sender

SCORE_PENDING = "score_pending"
DELIVER_DUE = "deliver_due"


def utc_now() -> datetime:
    """The clock of a running Saring; tests hand in their own."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """What the doors and the worker work with."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    waker: Waker
    sender: Sender
    rota: Rota
    gate: Gate

    @cached_property
    def classifier(self) -> classifier.Classifier:
        """The trained model, loaded on first use: the process that delivers never needs it."""
        return classifier.load(self.settings.model)

    def wake_scorer(self) -> None:
        """Tell a worker that comments wait; costs nothing while one is on its way."""
        self.waker(SCORE_PENDING)

    def wake_sender(self) -> None:
        """Tell a worker that deliveries wait."""
        self.waker(DELIVER_DUE)

    def ping_broker(self) -> None:
        """Ask the broker for a sign of life; raises when there is none."""
        self.waker.ping()


def build(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Services:
    """Everything that runs on these settings. Opens no connection yet."""
    store = Store(settings.database_url, clock)
    return Services(
        settings=settings,
        store=store,
        clock=clock,
        waker=waker(settings),
        sender=Sender(timeout=settings.callback_timeout, allow_private=settings.allow_private_callbacks),
        rota=Rota(),
        gate=Gate(store, settings.pending_limit),
    )
