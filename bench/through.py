"""How many comments a second are accepted, scored, decided and durable, beside scoring alone."""

import time
from collections.abc import Callable
from itertools import count

import classifier
from bench.client import Client
from bench.comments import comments
from bench.measure import Measure, interleaved
from bench.saring import Saring

COMMENTS = 3_000
BATCH = 100
SCORED = 500
"""Comments in one call of the classifier, as the worker takes them."""

PATIENCE = 120.0
LOOK_SECONDS = 0.02

runs = count(1)


def deciding(running: Saring, key: str, rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Comments a second from the first request to the last decision. Without a callback: nothing is delivered."""
    client, ours = Client(running.url, key), classifier.load()
    texts = [comment.text for comment in comments([], None, COMMENTS)]

    def score() -> float:
        began = time.perf_counter()
        for start in range(0, len(texts), SCORED):
            ours.predict_proba(texts[start : start + SCORED])
        return len(texts) / (time.perf_counter() - began)

    try:
        read = interleaved({"ours": lambda: _decide(client), "scoring": score}, rounds, told)
    finally:
        client.close()
    return [Measure("end to end, 100 a request", "decided/s", read["ours"], "scoring alone, one core", read["scoring"])]


def _decide(client: Client) -> float:
    sent = comments([], None, COMMENTS, f"through{next(runs)}")
    began = time.perf_counter()
    for start in range(0, len(sent), BATCH):
        client.post(sent[start : start + BATCH])
    while client.page(status="pending", limit=1)["comments"]:
        if time.perf_counter() - began > PATIENCE:
            raise RuntimeError("comments stay pending")
        time.sleep(LOOK_SECONDS)
    return len(sent) / (time.perf_counter() - began)
