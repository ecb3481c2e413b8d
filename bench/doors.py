"""How fast comments are taken in, and how soon a text is scored over HTTP, beside doors that do less."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from bench.audit import percentile
from bench.bare import bare_server
from bench.batches import prepared
from bench.comments import comments
from bench.databases import KINDS, databases
from bench.load import per_second, request, seconds_each
from bench.measure import Bar, Measure, interleaved
from bench.noop import noop_server
from bench.saring import Saring, await_ready, environment, free_port, saring
from tests.servers import valkey

CONNECTIONS = 16
"""More than the threads that serve them, so that one commit of PostgreSQL carries several of them."""

ONE, MANY = 1, 100
REQUESTS = {ONE: 800, MANY: 60}
"""Requests that make one reading, by the comments in each."""

NOOP_REQUESTS = {ONE: 2_000, MANY: 400}
BARS = {ONE: Bar("ratio", least=0.7), MANY: Bar("median", least=8_000)}
"""What is asked, beside the bare route."""

NO_LIMIT = {"pending_limit": "100000000", "log_level": "error"}
"""Nobody scores what is sent: it piles up."""

SCORES = 300
"""Requests for a score that make one reading."""


def accepting(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Comments accepted a second, on each database: the web server and its broker alone, so that nothing else is at work."""
    return [measure for kind in KINDS for measure in _accepting(kind, rounds, told)]


def _accepting(kind: str, rounds: int, told: Callable[[], None]) -> list[Measure]:
    measures = []
    with (
        databases(kind) as fresh,
        web_alone(fresh()) as (url, key),
        bare_server(fresh()) as bare,
        noop_server() as noop,
    ):
        for size, each in REQUESTS.items():
            busy: list[float] = []
            ways = {
                "ours": _posting(url, key, size, each),
                "bare": _posting(bare, "", size, each),
                "noop": _posting(noop, "", size, NOOP_REQUESTS[size], busy),
            }
            read = interleaved(ways, rounds, told)
            name, ours = f"accept, {size} a request, {kind}", read["ours"]
            measures += [
                Measure(name, "comments/s", ours, "INSERT and COMMIT, same server", read["bare"], BARS[size]),
                Measure(name, "comments/s", ours, "a POST that does nothing", read["noop"]),
                Measure(f"  the client's own share, {size} a request, {kind}", "% of time", busy[1:]),
            ]
    return measures


def _posting(url: str, key: str, size: int, requests: int, busy: list[float] | None = None) -> Callable[[], float]:
    """What takes one reading, of comments a second. Into `busy` go the percents of its time in which the client computed."""

    def read() -> float:
        ahead = prepared(url, key, size, requests)
        wall, own = time.perf_counter(), time.process_time()
        rate = size * per_second(url, ahead, CONNECTIONS)
        if busy is not None:
            busy.append(100 * (time.process_time() - own) / (time.perf_counter() - wall))
        return rate

    return read


def answering(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Milliseconds until a text is scored over HTTP, one request at a time, while nothing else is at work."""
    texts = [orjson.dumps({"text": comment.text}) for comment in comments([], None, SCORES)]
    with saring(log_level="error") as running, noop_server() as noop:
        url, key = f"{running.url}/v1/score", running.first_run["api_key"]
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
def web_alone(database_url: str) -> Iterator[tuple[str, str]]:
    """A web server and a broker without workers; gives the URL of its door for comments, and a site's key."""
    with tempfile.TemporaryDirectory(prefix="saring-bench-", ignore_cleanup_errors=True) as folder, valkey() as broker:
        port = free_port()
        env = environment(Path(folder), port, database_url, {"redis_url": broker.url, **NO_LIMIT})
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
