"""How fast comments are taken in, and how soon a text is scored over HTTP, beside a door that does nothing."""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import orjson

from bench.audit import percentile
from bench.comments import Sent, comments
from bench.load import per_second, request, seconds_each
from bench.measure import Measure, interleaved
from bench.noop import noop_server
from bench.saring import Saring, await_ready, environment, free_port
from tests.servers import valkey

CONNECTIONS = 8
ONE, MANY = 1, 100
REQUESTS = {ONE: 300, MANY: 30}
"""Requests that make one reading, by the comments in each."""

NOOP_REQUESTS = {ONE: 1_500, MANY: 300}
SCORES = 300
"""Requests for a score that make one reading."""

runs = count(1)


def accepting(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Comments accepted a second: the web server and its broker alone, so that nothing else is at work."""
    measures = []
    with web_alone() as (url, key), noop_server() as noop, tempfile.TemporaryDirectory() as folder:
        for size, each in REQUESTS.items():
            bodies = [_body(batch) for batch in _batches(size, NOOP_REQUESTS[size])]
            idle = [request(noop, body) for body in bodies]
            read = interleaved(
                {
                    "ours": lambda: _accept(url, key, size, each),  # noqa: B023
                    "noop": lambda: size * per_second(noop, idle, CONNECTIONS),  # noqa: B023
                    "bare": lambda: _insert(Path(folder), size, each),  # noqa: B023
                },
                rounds,
                told,
            )
            name = f"accept, {size} a request"
            measures.append(Measure(name, "comments/s", read["ours"], "a POST that does nothing", read["noop"]))
            measures.append(Measure(name, "comments/s", read["ours"], "INSERT and COMMIT, one thread", read["bare"]))
    return measures


def answering(running: Saring, key: str, rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Milliseconds until a text is scored over HTTP, one request at a time."""
    url = f"{running.url}/v1/score"
    texts = [orjson.dumps({"text": comment.text}) for comment in comments([], None, SCORES)]
    with noop_server() as noop:
        ways = {
            "ours": (url, [request(url, text, key) for text in texts]),
            "noop": (noop, [request(noop, text) for text in texts]),
        }
        seconds: dict[str, list[list[float]]] = {name: [] for name in ways}

        def read(name: str) -> float:
            seconds[name].append(seconds_each(*ways[name]))
            return 0.0

        interleaved({"ours": lambda: read("ours"), "noop": lambda: read("noop")}, rounds, told)
    found = []
    for percent in (50, 99):
        # the first round does not count
        ours, idle = ([1000 * percentile(waits, percent) for waits in seconds[name][1:]] for name in ("ours", "noop"))
        found.append(Measure(f"POST /v1/score, p{percent}", "ms", ours, "a POST that does nothing", idle))
    return found


@contextmanager
def web_alone() -> Iterator[tuple[str, str]]:
    """A web server and a broker without workers; gives the URL of its door for comments, and a site's key."""
    with tempfile.TemporaryDirectory(prefix="saring-bench-", ignore_cleanup_errors=True) as folder, valkey() as broker:
        port = free_port()
        env = environment(Path(folder), port, None, {"redis_url": broker.url, "log_level": "error"})
        cli = [sys.executable, "-m", "service.cli"]
        subprocess.run([*cli, "db", "upgrade"], env=env, check=True, capture_output=True)
        server = subprocess.Popen([*cli, "web"], env=env, start_new_session=True)
        running = Saring(server, Path(folder), f"http://127.0.0.1:{port}", env)
        try:
            site = running.add_site("bench", "http://127.0.0.1:9/")
            await_ready(running)
            yield f"{running.url}/v1/comments", site.api_key
        finally:
            running.stop()


def _accept(url: str, key: str, size: int, requests: int) -> float:
    """One reading with comments that were never sent before."""
    prepared = [request(url, _body(batch), key) for batch in _batches(size, requests)]
    return size * per_second(url, prepared, CONNECTIONS)


def _batches(size: int, requests: int) -> list[list[Sent]]:
    sent = comments([], None, size * requests, f"run{next(runs)}")
    return [sent[start : start + size] for start in range(0, len(sent), size)]


def _body(batch: list[Sent]) -> bytes:
    bodies = [comment.to_json() for comment in batch]
    return orjson.dumps(bodies[0] if len(bodies) == 1 else {"comments": bodies})


def _insert(folder: Path, size: int, commits: int) -> float:
    """Rows a second into a table of two columns, as durable as Saring's own."""
    rows = [[(comment.id, comment.text) for comment in batch] for batch in _batches(size, commits)]
    connection = sqlite3.connect(folder / f"{next(runs)}.db", isolation_level=None)
    try:
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE c (id TEXT PRIMARY KEY, text TEXT)",
        ):
            connection.execute(statement)
        began = time.perf_counter()
        for batch in rows:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO c VALUES (?, ?)", batch)
            connection.execute("COMMIT")
        return size * commits / (time.perf_counter() - began)
    finally:
        connection.close()
