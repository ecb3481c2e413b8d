"""The one place of wiring: settings in, everything that the doors and the worker need out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import structlog

import classifier
from classifier.reader import ReaderError
from classifier.reader.stack import Stack, stacked
from service.domain.comment import readers_of
from service.moderation.at_once import AtOnce
from service.moderation.gate import Gate
from service.moderation.handover import Handover
from service.moderation.insights import Board
from service.moderation.second_reader import SecondReader
from service.runtime.broker import Waker, waker
from service.runtime.live import Live, live
from service.settings import NO_READER, Settings
from service.store import Store
from service.store.backlog import Rota
from service.webhooks.sender import Sender

log = structlog.get_logger(__name__)

AT_THE_DOORS = 0.01
"""Part of the second reader's share that callers who wait get under load: with all of it their p99 went from 13 to 41 ms."""

SCORE_PENDING = "score_pending"
DELIVER_DUE = "deliver_due"
READ_AGAIN = "read_again"

HUNDRED_CHARACTERS = (
    "A hundred characters, such as a short comment has, to see how long the second reader takes for them",
)


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
    board: Board
    live: Live

    @cached_property
    def classifier(self) -> classifier.Classifier:
        """The trained model, loaded on first use: the process that delivers never needs it."""
        return classifier.load(self.settings.model)

    @cached_property
    def stack(self) -> Stack | None:
        """Both readers together, loaded on first use; None where there is no second one, which is said once."""
        stack, fault = self._stacked
        if stack is None and fault != NO_READER:
            log.warning("there is no second reader, the first works alone", reason=fault)
        return stack

    @property
    def reader_state(self) -> str:
        """How the second reader is: "on" and its version, "off", or why it can't be used."""
        if self.stack is not None:
            return f"on {readers_of(self.stack.version)[-1]}"
        return self._stacked[1] or NO_READER

    @cached_property
    def _stacked(self) -> tuple[Stack | None, str]:
        """Both readers together, or why there is no second one."""
        if self.settings.reader == NO_READER:
            return None, NO_READER
        try:
            return stacked(self.classifier, _reader_folder(self.settings)), ""
        except ReaderError as error:
            return None, str(error)

    @cached_property
    def second_reader(self) -> SecondReader:
        """The second reader for those who wait, in this process."""
        return SecondReader(lambda: self.stack, self.settings.reader_share * AT_THE_DOORS, self.settings.reader_ms)

    @cached_property
    def at_once(self) -> AtOnce:
        """What judges comments whose callers wait."""
        return AtOnce(
            self.store, lambda: self.classifier, self.wake_scorer, self.wake_sender, second=self.second_reader
        )

    def wake_scorer(self) -> None:
        """Tell a worker that comments wait; costs nothing while one is on its way."""
        self.waker(SCORE_PENDING)

    def wake_sender(self) -> None:
        """Tell a worker that deliveries wait."""
        self.waker(DELIVER_DUE)

    def wake_reader(self) -> None:
        """Tell the second reader that comments wait for it."""
        self.waker(READ_AGAIN)

    def show_reader(self) -> None:
        """Say that a second reader lives in this process, if one does, and what reading takes it now, waiting for a core too.

        Scorers hand over nothing to one that is dead, and less to one that is slow.
        """
        if self.stack:
            began = time.perf_counter()
            self.stack.predict(HUNDRED_CHARACTERS)
            self.waker.show_reader(1e3 * (time.perf_counter() - began))

    @property
    def handover(self) -> Handover | None:
        """How scorers hand comments to the second reader; None when it is off."""
        settings, waker = self.settings, self.waker
        if settings.reader == NO_READER:
            return None
        share, ms = settings.reader_share, float(settings.reader_ms)
        return Handover(share, ms, waker.reader_pace, self.wake_reader, waker.lose_reader)

    def ping_broker(self) -> None:
        """Ask the broker for a sign of life; raises when there is none."""
        self.waker.ping()


def _reader_folder(settings: Settings) -> Path | None:
    """The second reader's folder: the one that was chosen, else the newest that was added; None for the shipped one."""
    if settings.reader:
        return Path(settings.reader)
    added = [about.parent for about in (settings.data_dir / "models").glob("*/about.json")]
    return max(added, key=lambda folder: (folder.stat().st_mtime, folder.name), default=None)


def build(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Services:
    """Everything that runs on these settings. Opens no connection yet."""
    desks = live(settings)
    store = Store(settings.database_url, clock, desks.tell)
    return Services(
        settings=settings,
        store=store,
        clock=clock,
        waker=waker(settings),
        sender=Sender(timeout=settings.callback_timeout, allow_private=settings.allow_private_callbacks),
        rota=Rota(),
        gate=Gate(store, settings.pending_limit),
        board=Board(store),
        live=desks,
    )
