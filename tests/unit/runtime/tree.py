"""A supervisor in a process of its own, and what its children wrote down."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Event:
    """Something that a child wrote down."""

    what: str
    name: str
    pid: int
    at: float


class Tree:
    """A running supervisor."""

    def __init__(self, folder: Path, children: list[dict[str, object]]) -> None:
        self.events_path = folder / "events"
        self.events_path.touch()
        self.supervisor = subprocess.Popen(
            [sys.executable, str(HERE / "drive.py"), json.dumps(children)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[2]), "PYTHONUNBUFFERED": "1"},
        )

    def events(self, what: str = "", name: str = "") -> list[Event]:
        """The events so far, of one kind or of one child if asked."""
        rows = [line.split() for line in self.events_path.read_text().splitlines()]
        every = [Event(row[0], row[1], int(row[2]), float(row[3])) for row in rows]
        return [event for event in every if what in ("", event.what) and name in ("", event.name)]

    def pids(self) -> set[int]:
        """Every child and grandchild that ever ran."""
        return {event.pid for event in self.events()}

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; the exit code."""
        self.supervisor.send_signal(number)
        return self.supervisor.wait(10)


def until(true: Callable[[], object], seconds: float = 8.0) -> None:
    """Wait for something to become true; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """True while the process runs; one that ended but was not collected yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
