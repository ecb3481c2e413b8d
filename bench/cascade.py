"""What the second reader costs the main path: two Sarings, one with it and one without, awake in turn."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import TypeVar

import click

from bench.audit import decided_at, percentile
from bench.batches import batches
from bench.client import Client
from bench.databases import KINDS, databases
from bench.evidence import BOTH, unread_in
from bench.measure import Bar, Measure
from bench.reader import FIRST, OFF, missing
from bench.saring import Saring, asleep, saring
from bench.sustained import WEB_WORKERS, WORKERS, Load, bodies
from bench.through import TRICKLE, TRICKLE_SECONDS, await_decided
from service.store import Store
from service.store.backlog import Backlog

MODES = ("pre", "post")

SECONDS = 8.0
"""How long comments are sent in one reading; for the last of them to be read twice is a few hundredths of it."""

BATCH = 100

LEAST_RATIO = 0.9
MOST_MILLISECONDS = 300

WAKING = 1.0
"""Seconds from a Saring's waking until something is asked of it."""

LOOK_SECONDS = 0.02
PATIENCE = 120.0

SHOWN = 60.0
"""Seconds within which the second reader shows that it reads, after its start and each time that it has slept."""

SETTINGS = {
    "log_level": "warning",
    "worker_processes": str(WORKERS),
    "web_workers": str(WEB_WORKERS),
    # who sleeps while the other is measured is not to be found silent
    "silent_seconds": "600",
}

REQUESTS = 1_000_000
"""More than are sent in one reading: each has ids of its own."""

Found = TypeVar("Found")

readings = count(1)


@dataclass(frozen=True)
class Waited:
    """A comment that came alone: the milliseconds until it was decided, and whether both readers have read it."""

    ms: float
    by_both: bool


@dataclass(frozen=True)
class Pair:
    """Two Sarings that differ in this alone: one has the second reader."""

    both: Saring
    first: Saring

    def in_turn(
        self, take: Callable[[Saring], Found], rounds: int, told: Callable[[], None]
    ) -> tuple[list[Found], list[Found]]:
        """So many readings of each while the other sleeps, after one that does not count."""
        found: tuple[list[Found], list[Found]] = ([], [])
        for number in range(rounds + 1):
            for one, other, taken in ((self.both, self.first, found[0]), (self.first, self.both, found[1])):
                with asleep(other):
                    self._wake(one)
                    taken.append(take(one))
            if number:
                told()
        return found[0][1:], found[1][1:]

    def _wake(self, one: Saring) -> None:
        """Let it come round: a second reader that slept is taken for dead until it says something."""
        time.sleep(WAKING)
        if one is self.both:
            show_that_it_reads(one)


def cascading(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Comments decided a second, and a single one's milliseconds, with the second reader at its default share and without.

    On each database, in each of a policy's modes. Raises: click.ClickException, when there is no second reader.
    """
    if (why := missing()) is not None:
        raise click.ClickException(f"no second reader: {why}")
    return [measure for kind in KINDS for mode in MODES for measure in _cascading(kind, mode, rounds, told)]


def _cascading(kind: str, mode: str, rounds: int, told: Callable[[], None]) -> list[Measure]:
    with pair(kind, mode) as two:
        seconds = TRICKLE_SECONDS / rounds
        # first what comes singly: what is left of a rush would take the second reader minutes
        both, first = two.in_turn(lambda running: trickled(running, seconds), rounds, told)
        rates, alone = two.in_turn(decided_a_second, rounds, told)
    return [*waited(both, first, f"{mode}, {kind}"), decided(rates, alone, f"{mode}, {kind}")]


def decided(rates: list[float], alone: list[float], where: str) -> Measure:
    """What a rush came to, and what it must."""
    bar = Bar("ratio", least=LEAST_RATIO)
    return Measure(f"decided, both readers, {where}", "comments/s", rates, FIRST, alone, bar)


def waited(both: list[list[Waited]], first: list[list[Waited]], where: str) -> list[Measure]:
    """What single comments waited, all rounds together, and what they may."""
    ours, alone = ([one for some in rounds for one in some] for rounds in (both, first))
    measures = []
    for percent, bar in ((50, None), (95, Bar("median", most=MOST_MILLISECONDS))):
        one, other = (percentile([waited.ms for waited in found], percent) for found in (ours, alone))
        name = f"accepted to decided, both, {where}, p{percent}"
        measures.append(Measure(name, "ms", [one], FIRST, [other], bar))
    read = 100 * sum(one.by_both for one in ours) / len(ours)
    return [*measures, Measure(f"  of them read by both, {where}", "%", [read])]


@contextmanager
def pair(kind: str, mode: str) -> Iterator[Pair]:
    """Both on databases of their own, of one of KINDS, until the block ends; the first site's policy has the mode."""
    with (
        databases(kind) as fresh,
        saring(fresh(), **SETTINGS) as both,
        saring(fresh(), **SETTINGS, reader=OFF) as first,
    ):
        for one in (both, first):
            one.set_policy({"mode": mode})
        yield Pair(both, first)


def show_that_it_reads(running: Saring) -> None:
    """Send single comments until one has been read by both, or what is measured would be nothing.

    Raises: click.ClickException, with the end of its log, when the second reader reads none.
    """
    until = time.monotonic() + SHOWN
    while not any(one.by_both for one in trickled(running, 1.0)):
        if time.monotonic() > until:
            raise click.ClickException(f"the second reader reads nothing:\n{running.log.read_text()[-3000:]}")


def trickled(running: Saring, seconds: float) -> list[Waited]:
    """What each comment of one trickle waited, both clocks being this machine's, and who has read it in the end."""
    with closing(Client(running.url, running.first_run["api_key"])) as client:
        acknowledged = {}
        for batch in batches(1, max(2, round(seconds * TRICKLE))):
            due = time.monotonic() + 1 / TRICKLE
            acknowledged |= {one.id: one.at for one in client.post(batch)}
            time.sleep(max(0.0, due - time.monotonic()))
        await_decided(running)
        ms = {
            row["id"]: 1000 * (decided_at(row) - acknowledged[row["id"]])
            for row in client.page(limit=len(acknowledged))["comments"]
        }
        await_read(running)
        rows = client.page(limit=len(acknowledged))["comments"]
        return [Waited(ms[row["id"]], BOTH in (row["model_version"] or "")) for row in rows]


def await_read(running: Saring) -> None:
    """Wait until nothing waits for the second reader. Raises: RuntimeError, when that takes too long."""
    url, until = running.env["SARING_DATABASE_URL"], time.monotonic() + PATIENCE
    while unread_in(url):
        if time.monotonic() > until:
            raise RuntimeError("comments stay unread by the second reader")
        time.sleep(LOOK_SECONDS)


def decided_a_second(running: Saring) -> float:
    """Send as much as is taken for SECONDS and wait until all is decided; comments a second.

    Raises: RuntimeError, for an answer that is neither yes nor "later", or when comments stay pending.
    """
    url, key = f"{running.url}/v1/comments", running.first_run["api_key"]
    load = Load(url, key, _bodies(), BATCH, None, first=next(readings) * REQUESTS)
    with closing(Store(running.env["SARING_DATABASE_URL"], lambda: datetime.now(UTC))) as store:
        began = time.monotonic()
        load.start()
        time.sleep(SECONDS)
        load.stop()
        while _pending(store):
            if time.monotonic() - began > SECONDS + PATIENCE:
                raise RuntimeError("comments stay pending")
            time.sleep(LOOK_SECONDS)
        took = time.monotonic() - began
    if load.failed:
        raise RuntimeError(f"no success: {load.failed[:5]}")
    return load.accepted / took


def _pending(store: Store) -> int:
    with store.read(by_index=True) as tx:
        return Backlog(tx).depth(1)


@cache
def _bodies() -> list[bytes]:
    return bodies(BATCH)
