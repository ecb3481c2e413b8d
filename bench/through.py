"""How many comments a second are accepted, scored, decided and durable, beside the same path with nothing to score."""

import time
from collections.abc import Callable

import classifier
from bench.audit import decided_at, percentile
from bench.batches import batches, prepared
from bench.client import Client
from bench.comments import comments
from bench.databases import KINDS, databases
from bench.load import per_second
from bench.measure import Bar, Measure, interleaved
from bench.noop_tasks import noop_tasks
from bench.reader import OFF
from bench.saring import Saring, saring
from bench.trivial import EMPTY_POLICY

REQUESTS, BATCH = 40, 100
"""The requests of one reading, and the comments in each."""

CONNECTIONS = 4

SCORED = 500
"""Comments in one call of the classifier, as the worker takes them."""

PATIENCE = 120.0
LOOK_SECONDS = 0.02

TRICKLE_SECONDS = 20.0
TRICKLE = 5.0
"""Comments a second that come to an idle Saring."""

MOST_MILLISECONDS = 250
"""What 95 of 100 of them may wait."""


def deciding(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Comments a second from the first request to the last decision. Without a callback: nothing is delivered."""
    return [measure for kind in KINDS for measure in _deciding(kind, rounds, told)]


def _deciding(kind: str, rounds: int, told: Callable[[], None]) -> list[Measure]:
    with (
        databases(kind) as fresh,
        saring(fresh(), log_level="error") as ours,
        saring(fresh(), module="bench.trivial", log_level="error", reader=OFF) as trivial,
        noop_tasks(ours) as tasks,
    ):
        trivial.set_policy(EMPTY_POLICY)
        ways = {
            "ours": lambda: decided_a_second(ours, REQUESTS),
            "trivial": lambda: decided_a_second(trivial, REQUESTS),
            "scoring": _score,
            "tasks": tasks,
        }
        read = interleaved(ways, rounds, told)
    name, mine = f"decided, {BATCH} a request, {kind}", read["ours"]
    return [
        Measure(name, "comments/s", mine, "same path, trivial scorer", read["trivial"]),
        Measure(name, "comments/s", mine, "scoring alone, one core", read["scoring"]),
        Measure(name, "comments/s", mine, "Celery tasks that do nothing", read["tasks"]),
    ]


def decided_a_second(running: Saring, requests: int) -> float:
    """Send so many requests with the first site's key and wait until all is decided."""
    url, key = f"{running.url}/v1/comments", running.first_run["api_key"]
    ahead = prepared(url, key, BATCH, requests)
    began = time.perf_counter()
    per_second(url, ahead, CONNECTIONS)
    await_decided(running)
    return BATCH * requests / (time.perf_counter() - began)


def await_decided(running: Saring) -> None:
    """Wait until nothing is pending. Raises: RuntimeError, when that takes too long."""
    client, until = Client(running.url, running.first_run["api_key"]), time.monotonic() + PATIENCE
    try:
        while client.page(status="pending", limit=1)["comments"]:
            if time.monotonic() > until:
                raise RuntimeError("comments stay pending")
            time.sleep(LOOK_SECONDS)
    finally:
        client.close()


def _score() -> float:
    scorer = classifier.load()
    texts = [comment.text for comment in comments([], None, REQUESTS * BATCH)]
    began = time.perf_counter()
    for start in range(0, len(texts), SCORED):
        scorer.predict_proba(texts[start : start + SCORED])
    return len(texts) / (time.perf_counter() - began)


def trickling(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Milliseconds from a single comment's acknowledgement to its decision while hardly anything comes, on each database."""
    measures = []
    for kind in KINDS:
        with databases(kind) as fresh, saring(fresh(), log_level="error") as running:
            # the first ones load the model and open connections
            _trickle(running, 1.0)
            waits = []
            for _ in range(rounds):
                waits.append(_trickle(running, TRICKLE_SECONDS / rounds))
                told()
        together = [wait for some in waits for wait in some]
        for percent, bar in ((50, None), (95, Bar("median", most=MOST_MILLISECONDS))):
            name = f"accepted to decided, alone, p{percent}, {kind}"
            measures.append(Measure(name, "ms", [percentile(together, percent)], bar=bar))
    return measures


def _trickle(running: Saring, seconds: float) -> list[float]:
    """The milliseconds that each comment of one trickle waited. Both clocks are this machine's."""
    client = Client(running.url, running.first_run["api_key"])
    try:
        acknowledged = {}
        for batch in batches(1, max(2, round(seconds * TRICKLE))):
            due = time.monotonic() + 1 / TRICKLE
            acknowledged |= {one.id: one.at for one in client.post(batch)}
            time.sleep(max(0.0, due - time.monotonic()))
        await_decided(running)
        rows = client.page(limit=len(acknowledged))["comments"]
        return [1000 * (decided_at(row) - acknowledged[row["id"]]) for row in rows]
    finally:
        client.close()
