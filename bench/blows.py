"""The plan of a chaotic run: what is done to a Saring and when, from a seed, so that a run can be had again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

KILLS = {
    "score child": 3,
    "score alone": 2,
    "score group": 2,
    "reader child": 3,
    "reader alone": 1,
    "reader group": 1,
    "sender child": 2,
    "sender group": 2,
    "everything": 1,
    "beat": 2,
    "web worker": 3,
    "web group": 1,
    "broker": 2,
    "broker emptied": 1,
    "receiver": 2,
    "postgresql": 2,
    "postgresql backend": 2,
}
"""What is killed, and how often beside the others. What the supervisor restarts more slowly each time comes less often."""

EVERY = {
    "broker flushed": 45.0,
    "disk full": 75.0,
    "clock": 20.0,
    "short pause": 10.0,
    "pause": 25.0,
    "long pause": 60.0,
}
"""Trouble of other kinds, and the seconds from one to the next."""

LASTS = {"disk full": (4.0, 10.0), "short pause": (0.5, 4.0), "pause": (6.0, 10.0), "long pause": (18.0, 24.0)}
"""Seconds that it lasts. With a lease of 5 s and a silent time of 15 s a pause outlasts the lease, a long one both."""

QUIET = 2.0
"""Seconds at the beginning in which nothing happens yet."""


@dataclass(frozen=True)
class Blow:
    """Something to be done `at` so many seconds after the start. `kill` says whether a process ends by it."""

    at: float
    what: str
    seconds: float = 0.0

    @property
    def kill(self) -> bool:
        """True when a process is to end by it."""
        return self.what in KILLS


def plan(seconds: float, kills: int, seed: int, *, postgresql: bool, reader: bool = True) -> list[Blow]:
    """So many kills and what other trouble fits into the time, in the order of time; the same for the same seed.

    postgresql, reader: whether there is a PostgreSQL to be killed, and a second reader.
    """
    rng = random.Random(f"plan {seed}")
    kinds, slot = deck(seed, postgresql=postgresql, reader=reader), (seconds - QUIET) / max(kills, 1)
    blows = [Blow(QUIET + (number + rng.random()) * slot, next(kinds)) for number in range(kills)]
    for what, every in EVERY.items():
        at = QUIET + rng.uniform(0.1, 1.0) * every
        while at < seconds:
            blows.append(Blow(at, what, rng.uniform(*LASTS.get(what, (0.0, 0.0)))))
            at += every * rng.uniform(0.6, 1.4)
    return sorted(blows, key=lambda blow: blow.at)


def deck(seed: int, *, postgresql: bool, reader: bool = True) -> Iterator[str]:
    """Kinds of kills without end, shuffled as cards are: each comes before any comes once more than its share."""
    rng = random.Random(f"deck {seed}")
    absent = {"postgresql": not postgresql, "reader": not reader}
    cards = [kind for kind, times in KILLS.items() for _ in range(times) if not absent.get(kind.split()[0])]
    while True:
        # one of each kind first, so that a short run has met them all
        first = list(dict.fromkeys(cards))
        rest = list(cards)
        for kind in first:
            rest.remove(kind)
        yield from rng.sample(first, len(first))
        yield from rng.sample(rest, len(rest))
