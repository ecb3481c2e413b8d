"""How much memory processes hold, and whether it grows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MEGABYTE = 1 << 20

WARM_UP = 0.25
"""The first part of a run, which doesn't count: caches fill and code is loaded."""

FEWEST = 8
"""Readings of a process without which a slope says nothing."""


@dataclass(frozen=True)
class Reading:
    """What one process held at a time, in bytes; `at` in seconds since the start."""

    at: float
    role: str
    pid: int
    held: int


@dataclass(frozen=True)
class Growth:
    """A process over the counted part of a run. `slope` is in megabytes a minute, by least squares."""

    role: str
    pid: int
    first: float
    last: float
    slope: float


def held_by(pid: int) -> int | None:
    """Bytes that are the process's own, with its share of what it has in common with others (PSS); None when it is gone.

    The resident size would count shared pages, and so every forked child's, many times over.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)


def read(processes: Mapping[str, int], at: float) -> list[Reading]:
    """A reading of each process, by its role."""
    held = {role: held_by(pid) for role, pid in processes.items()}
    return [Reading(at, role, pid, held[role] or 0) for role, pid in processes.items() if held[role] is not None]


def growth(readings: Sequence[Reading], seconds: float) -> list[Growth]:
    """How each process grew after the warm-up of a run of so many seconds; those that lived too briefly are left out."""
    of_process: dict[tuple[str, int], list[Reading]] = defaultdict(list)
    for one in readings:
        if one.at >= WARM_UP * seconds:
            of_process[one.role, one.pid].append(one)
    return [_growth(role, pid, own) for (role, pid), own in sorted(of_process.items()) if len(own) >= FEWEST]


def _growth(role: str, pid: int, readings: Sequence[Reading]) -> Growth:
    minutes = np.array([one.at / 60 for one in readings])
    megabytes = np.array([one.held / MEGABYTE for one in readings])
    slope = float(np.polyfit(minutes, megabytes, 1)[0])
    return Growth(role, pid, float(megabytes[0]), float(megabytes[-1]), slope)
