"""Trouble: parts of a running Saring are killed and its broker is emptied while comments come in."""

import random
import threading
import time
from dataclasses import dataclass

from bench.client import Client
from bench.saring import Saring

AIM_SECONDS = 0.4
"""A blow falls within so many seconds after a burst of comments began: that is when the worker has its hands full."""

AWAY_SECONDS = 60.0
"""How long a part may take to be back before the next blow that is meant for it, and the next comment to come."""


@dataclass(frozen=True)
class Blow:
    """What was hurt, and how many comments were pending right after it (200 stands for more)."""

    part: str
    at: float
    pending: int


class Striker:
    """Deals one blow to each of the parts, in a random order, each soon after comments began to come in."""

    def __init__(self, saring: Saring, client: Client, parts: list[str], seed: int) -> None:
        self._saring = saring
        self._client = client
        self._rng = random.Random(seed)
        self._parts = self._rng.sample(parts, len(parts))
        self._accepted = threading.Event()
        self._thread = threading.Thread(target=self._strike_all, name="striker", daemon=True)
        self.blows: list[Blow] = []

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def accepted(self) -> None:
        """Hear that a burst of comments began just now."""
        self._accepted.set()

    def wait(self) -> None:
        """Until every blow was dealt, or could not be."""
        self._thread.join(2 * AWAY_SECONDS)

    def _strike_all(self) -> None:
        for part in self._parts:
            if self._is_there(part):
                self._strike(part)

    def _is_there(self, part: str) -> bool:
        until = time.monotonic() + AWAY_SECONDS
        while self._saring.part(part) is None:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def _strike(self, part: str) -> None:
        self._accepted.clear()
        self._accepted.wait(AWAY_SECONDS)
        time.sleep(self._rng.uniform(0.0, AIM_SECONDS))
        if part == "broker":
            self._saring.empty_broker()
        else:
            self._saring.kill(part)
        self.blows.append(Blow(part, time.time(), self._client.pending()))
