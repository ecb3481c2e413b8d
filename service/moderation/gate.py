"""Take no more comments in than can wait: back-pressure, before anything is stored, and fair to each site."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import structlog

from service.domain.errors import TooManyPending
from service.store import Store
from service.store.backlog import Backlog

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds for which a count stands; what this process takes in meanwhile is added to it."""

SPARE = 50
"""A count stands for so many times as long as it took, if that is longer: while counting takes up to a tenth of a second, it
takes at most a fiftieth of the time."""

LONGEST_STANDING = 5.0
"""Seconds that a count stands at most: by then what waited may be done, and senders be refused for nothing."""

RESERVE = 0.2
"""How much more than the limit may wait, of sites that have few comments waiting themselves."""

LOW_WATER = 0.9
"""The part of the limit down to which the backlog should fall before a refused sender comes again."""

LONGEST_WAIT = 30
"""Seconds that a refused sender is told to wait at most, and while nobody works on the backlog."""


@dataclass
class _Counted:
    """Pending comments: as many as were there at a time, and those taken in since."""

    at: float
    depth: int
    since: int

    @property
    def now(self) -> int:
        return self.depth + self.since


class Gate:
    """Refuses comments while too many are pending. One for each web process, shared by its threads.

    - **The limit** is on pending comments of all sites. A request is refused when that many wait already, so one request more may
      come in than fits: up to 1,000 comments.
    - **Fairness.** At the limit a site is still let in while fewer of its own comments wait than its equal share, the limit
      divided by the number of sites that have any waiting and one more; and so on up to the limit and a fifth, beyond which
      nobody is let in. A flood of one site fills the limit and not the fifth above it, since its own share is used up.
      Below the limit anybody may have any part of it.
    - **Cost.** A lock and a few sums for a request: 7 microseconds. Every one to five seconds a process counts in an index, up to
      the limit and a fifth (120,000: 20 to 30 ms); near the limit also how many sites wait and, at it, how many comments of a
      site that asks, up to its share.
    - **Precision.** A process knows what it has taken in itself and what of others was committed at its last count. Several
      processes together so overshoot by at most what the others accept while a count stands (one to five seconds), and
      by one request each.
    """

    def __init__(self, store: Store, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._limit = limit
        self._hard = limit + math.ceil(limit * RESERVE)
        self._clock = clock
        self._lock = Lock()
        # nothing was counted yet: the first request looks
        self._all = _Counted(-math.inf, 0, 0)
        self._next_look = -math.inf
        self._share = limit
        self._drained = 0.0
        self._own: dict[str, _Counted] = {}
        self._in_flight: Counter[str] = Counter()
        self._refusing = False

    @contextmanager
    def room_for(self, site_id: str, count: int) -> Iterator[None]:
        """Let a site's comments through, to be stored inside the block.

        Raises: TooManyPending; Unavailable, when the database can't be asked.
        """
        self._enter(site_id, count)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight[site_id] -= count
                if not self._in_flight[site_id]:
                    del self._in_flight[site_id]

    def _enter(self, site_id: str, count: int) -> None:
        now = self._clock()
        with self._lock:
            due = now >= self._next_look
            if due:
                # the others go on with what is known while this one looks
                self._next_look = now + LOOK_EVERY
        if due:
            self._look()
        if self._all.now >= self._limit:
            self._look_at(site_id, now)
        with self._lock:
            own = self._own.get(site_id)
            if self._all.now >= self._limit and (own is None or own.now >= self._share or self._all.now >= self._hard):
                raise self._refusal()
            self._all.since += count
            self._in_flight[site_id] += count
            if own is not None:
                own.since += count

    def _look(self) -> None:
        """Count what waits. What is being stored at this moment may be in the count or not, so it is added to it."""
        with self._lock:
            last, before, in_flight = self._all, self._all.now, self._in_flight.total()
        began = self._clock()
        with self._store.read(by_index=True) as tx:
            backlog = Backlog(tx)
            depth = backlog.depth(self._hard + 1)
            waiting = backlog.sites() if depth >= self._limit * LOW_WATER else 0
        done = self._clock()
        with self._lock:
            self._next_look = max(self._next_look, done + min(LONGEST_STANDING, SPARE * (done - began)))
            taken_in_meanwhile = self._all.now - before
            self._all = _Counted(began, depth, in_flight + taken_in_meanwhile)
            self._share = max(1, self._limit // (waiting + 1))
            self._drained = self._pace(last, before, depth)
            self._note(depth)

    def _pace(self, last: _Counted, before: int, depth: int) -> float:
        """How many pending comments a second were decided since the last count; 0 when that can't be told."""
        return max(0, before - depth) / max(LOOK_EVERY, self._all.at - last.at)

    def _look_at(self, site_id: str, now: float) -> None:
        """Count what waits of a site, unless that was done just now."""
        with self._lock:
            own, in_flight = self._own.get(site_id), self._in_flight[site_id]
        if own is not None and now - own.at < LOOK_EVERY:
            return
        with self._store.read(by_index=True) as tx:
            depth = Backlog(tx).depth_of(site_id, self._share)
        with self._lock:
            self._own[site_id] = _Counted(now, depth, in_flight)

    def _refusal(self) -> TooManyPending:
        too_much = self._all.now - self._limit * LOW_WATER
        wait = too_much / self._drained if self._drained else LONGEST_WAIT
        return TooManyPending(
            f"{self._all.now} comments wait to be scored; nothing was stored, send the same again later",
            max(1, min(LONGEST_WAIT, math.ceil(wait))),
        )

    def _note(self, depth: int) -> None:
        """Say once that comments are refused, and once that they are not any more."""
        refusing = depth >= self._limit
        if refusing and not self._refusing:
            log.warning("too many comments wait: sites with many of them are answered 429", limit=self._limit)
        if self._refusing and not refusing:
            log.info("comments are taken in again", waiting=depth)
            self._own.clear()
        self._refusing = refusing
