"""`python -m bench.scale_out`: one to three scoring workers beside two web processes on one PostgreSQL and one broker."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import click
import psycopg

from bench.batches import prepared
from bench.databases import databases
from bench.load import per_second
from bench.measure import Measure, interleaved, table
from bench.saring import Saring, end_in_order, saring
from bench.through import BATCH, CONNECTIONS, await_decided, decided_a_second
from tests.servers import valkey

WORKERS = (1, 2, 3)
REQUESTS = 60
"""Requests of BATCH comments that make one reading."""

PATIENCE = 60.0

COUNTED = """
    SELECT (SELECT count(*) FROM comments),
           (SELECT count(*) FROM decisions),
           (SELECT count(DISTINCT comment_id) FROM decisions)
"""


class Running(NamedTuple):
    """A Saring with so many scoring workers, and its database."""

    saring: Saring
    workers: int
    database_url: str


def scaling(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Comments decided a second by each number of workers, as they come and from a backlog.

    All run at the same time, each on a database and a broker's number of its own, and take turns.
    Raises: RuntimeError, when anything was decided twice or not at all.
    """
    with _all_running() as all_of_them:
        ways: dict[str, Callable[[], float]] = {}
        for one in all_of_them:
            ways[f"live {one.workers}"] = lambda one=one: decided_a_second(one.saring, REQUESTS)
            ways[f"backlog {one.workers}"] = lambda one=one: _work_off(one)
        read = interleaved(ways, rounds, told)
        decided = {one.workers: decided_once(one.database_url) for one in all_of_them}
    return list(_measures(read, decided))


def _measures(read: Mapping[str, list[float]], decided: Mapping[int, int]) -> Iterator[Measure]:
    for kind in ("live", "backlog"):
        alone = read[f"{kind} {WORKERS[0]}"]
        for workers in WORKERS:
            beside = ("the same with one worker", alone) if workers > 1 else ("", None)
            yield Measure(f"scale-out, {kind}, {workers} scoring", "comments/s", read[f"{kind} {workers}"], *beside)
    for workers, comments in decided.items():
        yield Measure(f"  decided exactly once, {workers} scoring", "comments", [float(comments)])


@contextmanager
def _all_running() -> Iterator[list[Running]]:
    with ExitStack() as opened:
        fresh, broker = opened.enter_context(databases("postgresql")), opened.enter_context(valkey())
        found = []
        for workers in WORKERS:
            url = fresh()
            settings = {
                "redis_url": f"{broker.url}?db={workers}",
                "worker_processes": str(workers),
                "web_workers": "2",
                # so that a reading is many batches, and each worker gets some
                "batch_size": "500",
                "log_level": "error",
            }
            running = Running(opened.enter_context(saring(url, **settings)), workers, url)
            _await_workers(running)
            found.append(running)
        yield found


def _names(one: Running) -> list[str]:
    return [f"score-{number}" for number in range(1, one.workers + 1)]


def _await_workers(one: Running) -> None:
    until = time.monotonic() + PATIENCE
    while not all(one.saring.part(name) for name in _names(one)):
        if time.monotonic() > until:
            raise RuntimeError("the scoring workers did not start")
        time.sleep(0.1)


def _work_off(one: Running) -> float:
    """Comments a second from a backlog: the workers stand still while it comes in, and the clock starts when they go on."""
    url, key = f"{one.saring.url}/v1/comments", one.saring.first_run["api_key"]
    parts = [part for name in _names(one) if (part := one.saring.part(name))]
    ahead = prepared(url, key, BATCH, REQUESTS)
    # each part leads a process group of its own
    for part in parts:
        os.killpg(part.pid, signal.SIGSTOP)
    try:
        per_second(url, ahead, CONNECTIONS)
    finally:
        for part in parts:
            os.killpg(part.pid, signal.SIGCONT)
    began = time.perf_counter()
    await_decided(one.saring)
    return BATCH * REQUESTS / (time.perf_counter() - began)


def decided_once(database_url: str) -> int:
    """How many comments there are. Raises: RuntimeError, unless each has one decision."""
    with psycopg.connect(database_url.replace("+psycopg", "", 1)) as connection:
        comments, decisions, decided = connection.execute(COUNTED).fetchone() or (0, 0, 0)
    if not comments == decisions == decided:
        raise RuntimeError(f"{comments} comments, {decisions} decisions, {decided} comments with a decision")
    return int(comments)


@click.command()
@click.option("--rounds", type=click.IntRange(1, 50), default=5, help="Readings of each way; the median counts.")
def main(rounds: int) -> None:
    """Measure what more workers give on this machine, and count that nothing is decided twice."""
    end_in_order()
    with click.progressbar(length=rounds, label="Scaling out") as bar:
        measures = scaling(rounds, lambda: bar.update(1))
    click.echo(table(measures, {}))


if __name__ == "__main__":
    main()
