"""What the use cases tell of their work: each tells once, and it becomes metrics, a line in the log and a span."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from service.domain.comment import Accepted
from service.runtime import metrics, traces

log = structlog.get_logger(__name__)


class Stopwatch:
    """Measures the steps of a piece of work; it runs from its making on."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int]] = []
        self._last = time.perf_counter_ns()

    def lap(self, step: str) -> None:
        """Say that a step ended just now, and the next begins."""
        now = time.perf_counter_ns()
        self.steps.append((step, now - self._last))
        self._last = now


def start(endpoint: str, part: str) -> None:
    """Begin to count, and to send traces where an endpoint is given, in this process: after the last fork."""
    metrics.start(part)
    traces.start(endpoint, part)


def accepted(watch: Stopwatch, comments: Sequence[Accepted]) -> None:
    """Comments were taken in and committed."""
    watch.lap("store")
    edits = sum(comment.edited for comment in comments)
    fresh = sum(comment.fresh for comment in comments)
    counts = {"new": fresh - edits, "edit": edits, "known": len(comments) - fresh}
    meter = metrics.meter()
    for kind, count in counts.items():
        if count:
            meter.accepted[kind].inc(count)
    traces.leave("accept", time.time_ns(), watch.steps, counts)


def scored(watch: Stopwatch, taken: int, decided: int, received: Sequence[float], now: datetime) -> None:
    """A batch was committed: so many were taken, and so many of these decided; `received`: when, in seconds since 1970."""
    watch.lap("record")
    at = now.timestamp()
    waited = [max(0.0, at - when) for when in received]
    metrics.meter().batch_done({step: length / 1e9 for step, length in watch.steps}, taken, waited)
    counts = {"taken": taken, "decided": decided}
    log.debug("batch scored", **counts, **{f"{step}_ms": round(length / 1e6, 1) for step, length in watch.steps})
    traces.leave("batch", time.time_ns(), watch.steps, counts)


def read(
    what: str, outcomes: Mapping[str, int], waited: Sequence[float], received: Sequence[float], now: datetime
) -> None:
    """Comments were read by the second reader, held or decided ones; `waited`: seconds since each was handed over.

    `outcomes`: how many by each of metrics.READ. `received`: when those that were decided for the first time came.
    """
    meter = metrics.meter()
    for outcome, count in outcomes.items():
        meter.read[outcome].inc(count)
    metrics.observe_all(meter.read_seconds[what], waited)
    metrics.observe_all(meter.decided_seconds, [max(0.0, now.timestamp() - at) for at in received])
    log.debug("read by the second reader", what=what, **outcomes)


def answered_at_once(seconds: float, *, decided: bool) -> None:
    """Texts were judged while their caller waited, or it was found that they could not be."""
    metrics.meter().at_once["decided" if decided else "undecided"].observe(seconds)


def attempted(seconds: float, outcome: str, waited: Sequence[float], told: Mapping[str, str | int]) -> None:
    """A call to a site ended; `waited`: seconds since each decision that it told. `outcome`: one of metrics.OUTCOMES."""
    meter = metrics.meter()
    meter.attempts[outcome].observe(seconds)
    if outcome == "delivered":
        for length in waited:
            meter.delivered_seconds.observe(length)
    log.debug("site called", **told, outcome=outcome, ms=round(seconds * 1e3, 1))
    traces.leave("delivery", time.time_ns(), [("call", int(seconds * 1e9))], {**told, "outcome": outcome})
