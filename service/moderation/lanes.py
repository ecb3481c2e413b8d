"""A site being served: what was claimed for it, which calls are under way, and how those went that have ended."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

from service.moderation.record import rfc3339
from service.store.rows import DeliveryRow
from service.webhooks.answers import Answer, Outcome
from service.webhooks.parcels import MAX_BODY, batch_body, batch_id, message_id, most_together

FIRST_CALLS = 2
"""Calls at a time to a site of which nothing is known yet; doubled with each round in which something arrived."""

AHEAD = 32
"""Requests claimed for each call at a time, once a site takes them: a claim costs a transaction, however large."""

SLOW = 1.0
"""Seconds after which a call is slow: its site is called no more in a run whose time is up."""

STALE = 10.0
"""Seconds after which what was claimed and not sent is given back: far below the claim's end."""


@dataclass(frozen=True)
class Parcel:
    """What travels in one request. `probe`: to see whether a site whose breaker is open is back."""

    id: str
    deliveries: tuple[DeliveryRow, ...]
    body: bytes
    probe: bool


@dataclass(frozen=True)
class Attempt:
    """A request that was made, how it ended, and the seconds that it took."""

    parcel: Parcel
    answer: Answer
    seconds: float

    @property
    def arrived(self) -> bool:
        """True when the site has it."""
        return self.answer.outcome is Outcome.DELIVERED


Taken = TypeVar("Taken")

Send = Callable[[Parcel, str, tuple[str, ...]], Answer]
"""Makes one request: a parcel, the URL and the secrets to sign with."""


class Lane:
    """One site. The thread that made it claims and writes down; pool threads send what is `unsent` and fill `ended`."""

    def __init__(self, site_id: str, width: int, failing: bool) -> None:
        self.site_id = site_id
        self.width = width
        self.url = ""
        self.secrets: tuple[str, ...] = ()
        self.unsent: deque[Parcel] = deque()
        self.ended: deque[Attempt] = deque()
        self.attempts = 0
        self.failing = failing
        self.proven = False
        self.closed = False
        self.probing = False
        self.dry = False
        self.claims_again_at = 0.0
        self._calls = min(FIRST_CALLS, width)
        self._claimed_at = 0.0
        self._runners: list[Future[None]] = []
        self._under_way: dict[str, float] = {}

    def room(self, now: float) -> int:
        """Requests to claim now: none while enough is at hand, a probe is out or nothing was there a moment ago."""
        most = self._calls * (AHEAD if self.proven else 1)
        if self.closed or self.probing or now < self.claims_again_at or len(self.unsent) > most // 2:
            return 0
        return most - len(self.unsent)

    def load(self, parcels: Iterable[Parcel], now: float) -> None:
        """Take what was claimed."""
        self.unsent.extend(parcels)
        self._claimed_at = now

    def calls(self) -> int:
        """Threads that work for it. Raises: what one of them raised."""
        for runner in [runner for runner in self._runners if runner.done()]:
            self._runners.remove(runner)
            runner.result()
        return len(self._runners)

    def start(self, pool: Executor, places: int, send: Send, wake: threading.Event) -> int:
        """Begin to send with up to `places` more threads; how many."""
        more = max(0, min(places, self._calls - self.calls(), len(self.unsent)))
        for _ in range(more):
            self._runners.append(pool.submit(self._run, send, wake))
        return more

    def take_ended(self) -> list[Attempt]:
        """The attempts that have ended since, in that order."""
        return _drained(self.ended)

    def take_unsent(self) -> list[Parcel]:
        """What was claimed and will not be sent, to be given back."""
        return _drained(self.unsent)

    def learn(self, arrived: bool) -> None:
        """More calls at a time when something arrived, fewer when nothing did."""
        self.failing, self.proven, self.probing = not arrived, arrived, False
        self._calls = min(2 * self._calls, self.width) if arrived else max(1, self._calls // 2)

    def idle(self) -> bool:
        """Nothing at hand, under way or to be written down."""
        # in this order: a thread that is at work ends before what it did is looked for
        return not self.calls() and not self.unsent and not self.ended

    def began_before(self, at: float) -> bool:
        """Whether a call is under way since before a time."""
        return any(began < at for began in list(self._under_way.values()))

    def slow(self, now: float) -> bool:
        """Whether a call takes long, or what was claimed has not been sent for long."""
        return self.stale(now) or self.began_before(now - SLOW)

    def stale(self, now: float) -> bool:
        """Whether what was claimed has not been sent for long."""
        return bool(self.unsent) and now - self._claimed_at > STALE

    def _run(self, send: Send, wake: threading.Event) -> None:
        """Send one after the other, until nothing is left."""
        while True:
            try:
                parcel = self.unsent.popleft()
            except IndexError:
                return
            began = time.monotonic()
            self._under_way[parcel.id] = began
            try:
                answer = send(parcel, self.url, self.secrets)
            finally:
                del self._under_way[parcel.id]
            self.ended.append(Attempt(parcel, answer, time.monotonic() - began))
            wake.set()


def pack(deliveries: Iterable[DeliveryRow], batch: int, probe: bool) -> list[Parcel]:
    """Deliveries as they travel: each alone, or up to `batch` together, those together that were tried equally often."""
    if batch == 1:
        return [Parcel(message_id(one.id), (one,), one.body.encode(), probe) for one in deliveries]
    parcels: list[Parcel] = []
    group: list[DeliveryRow] = []
    size = 0
    for one in sorted(deliveries, key=lambda one: (one.attempts, one.id)):
        weight = len(one.body.encode()) + 64  # and its id
        if group and (len(group) >= most_together(batch, one.attempts) or size + weight > MAX_BODY - 128):
            parcels.append(_batch(group, probe))
            group, size = [], 0
        group.append(one)
        size += weight
    return [*parcels, _batch(group, probe)] if group else parcels


def _batch(group: list[DeliveryRow], probe: bool) -> Parcel:
    # of what the set is alone, so that the same set has the same bytes
    timestamp = rfc3339(max(one.created_at for one in group))
    events = sorted((one.id, one.body) for one in group)
    return Parcel(batch_id(id for id, _ in events), tuple(group), batch_body(events, timestamp), probe)


def _drained(queue: deque[Taken]) -> list[Taken]:
    taken = []
    while queue:
        try:
            taken.append(queue.popleft())
        except IndexError:  # a thread took the last one meanwhile
            break
    return taken
