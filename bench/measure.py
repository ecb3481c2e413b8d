"""Measurements as ratios: what we measure and its ceiling take turns, since the machine is never the same twice."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """Readings of a thing and of its ceiling, in the same unit and taken in turn."""

    name: str
    unit: str
    readings: list[float]
    ceiling: str = ""
    ceiling_readings: list[float] | None = None

    @property
    def median(self) -> float:
        """The middle reading."""
        return statistics.median(self.readings)

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios to the ceiling; None without one."""
        if not self.ceiling_readings:
            return None
        return statistics.median(a / b for a, b in zip(self.readings, self.ceiling_readings, strict=True))

    def to_json(self) -> dict[str, Any]:
        """Everything that was read, and what follows from it."""
        return {**vars(self), "median": self.median, "ratio": self.ratio}


def interleaved(
    ways: Mapping[str, Callable[[], float]], rounds: int, told: Callable[[], None]
) -> dict[str, list[float]]:
    """So many rounds in which each way is read once, after one that does not count; `told` hears of each round."""
    for read in ways.values():
        read()
    readings: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, read in ways.items():
            readings[name].append(read())
        told()
    return readings


def table(measures: list[Measure]) -> str:
    """The measures for people."""
    lines = [f"{'':34}{'median':>12}  {'unit':12}{'ratio':>8}  of"]
    for one in measures:
        ratio = "" if one.ratio is None else f"{one.ratio:8.3f}"
        lines.append(f"{one.name:34}{one.median:12,.1f}  {one.unit:12}{ratio:>8}  {one.ceiling}")
    return "\n".join(lines)
