"""Requests at times that were set before, however long the answers take: what waits in line behind a slow one is counted too."""

import gc
import selectors
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench.load import PATIENCE, Line, connected

READY = 8
"""Connections to each door that are open before the first request; more are opened when all of them wait."""

AHEAD = 0.05
"""Seconds until the first request."""


@dataclass
class Door:
    """Where requests go, and which; each is sent once."""

    url: str
    requests: Iterator[bytes]
    seconds: list[float] = field(default_factory=list)
    """From the time at which a request was to be sent to the end of its answer."""

    refusals: int = 0
    """Answers that were no success; their times count with the others."""


class _Timed(Line):
    """A connection whose request was due at a time."""

    due = 0.0
    failed = False

    def refused(self) -> None:
        """Remember it: under load a refusal is an answer too."""
        self.failed = True


def paced(doors: Mapping[str, Door], rate: float, requests: int) -> list[float]:
    """Send so many requests to each door, `rate` a second, the doors in turn at even distances; the waits are in `seconds`.

    Returns the seconds by which each was sent late, which are the client's own fault, or the machine's.
    Raises: RuntimeError, for a connection that is closed, or no answer.
    """
    late: list[float] = []
    turns, step = list(doors.values()), 1 / (rate * len(doors))
    # select() waits to the microsecond, epoll to the millisecond
    with ExitStack() as opened, selectors.SelectSelector() as waiting, _no_rubbish():
        idle = {id(door): [_open(door, opened, waiting) for _ in range(READY)] for door in turns}
        number, busy, began = 0, 0, time.perf_counter() + AHEAD
        while busy or number < requests * len(turns):
            due = began + number * step
            left = due - time.perf_counter() if number < requests * len(turns) else PATIENCE
            if left <= 0:
                door = turns[number % len(turns)]
                line = idle[id(door)].pop() if idle[id(door)] else _open(door, opened, waiting)
                late.append(-left)
                line.due = due
                line.send()
                number, busy = number + 1, busy + 1
                continue
            answered = waiting.select(left)
            if not answered and left == PATIENCE:
                raise RuntimeError(f"no answer within {PATIENCE:.0f} s")
            for key, _ in answered:
                line, door = key.data
                if line.hear():
                    door.refusals += line.failed
                    line.failed = False
                    door.seconds.append(time.perf_counter() - line.due)
                    idle[id(door)].append(line)
                    busy -= 1
    return late


def _open(door: Door, opened: ExitStack, waiting: selectors.BaseSelector) -> _Timed:
    line = _Timed(opened.enter_context(connected(door.url)), door.requests)
    waiting.register(line.connection, selectors.EVENT_READ, (line, door))
    return line


@contextmanager
def _no_rubbish() -> Iterator[None]:
    """Not to look for rubbish while others are timed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
