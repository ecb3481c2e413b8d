"""Measurements as ratios: what we measure and its ceiling take turns, since the machine is never the same twice."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

TIMES = frozenset({"ms"})
"""Units of which less is better; all others are rates."""

FALL = 0.2
"""By how much a ratio may be worse than it was before the table warns: a machine's bad day stays below it."""

Ratios = Mapping[tuple[str, str], float]
"""Earlier ratios, by a measure's name and its ceiling's."""


@dataclass(frozen=True)
class Bar:
    """What is asked of a measure's median, or of its ratio to its ceiling."""

    of: Literal["median", "ratio"]
    least: float = -math.inf
    most: float = math.inf

    def __str__(self) -> str:
        sign, limit = ("≥", self.least) if self.least > -math.inf else ("≤", self.most)
        return f"{self.of} {sign} {limit:,g}"


@dataclass(frozen=True)
class Measure:
    """Readings of a thing and of its ceiling, in the same unit or nearly so, and taken in turn."""

    name: str
    unit: str
    readings: list[float]
    ceiling: str = ""
    ceiling_readings: list[float] | None = None
    bar: Bar | None = None

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

    @property
    def met(self) -> bool | None:
        """Whether it is as the bar asks; None without a bar."""
        value = None if self.bar is None else self.median if self.bar.of == "median" else self.ratio
        return None if self.bar is None or value is None else self.bar.least <= value <= self.bar.most

    def fell(self, before: float | None) -> bool:
        """True when the ratio is worse than `before` by more than FALL; of a time, when it is longer by as much."""
        if before is None or self.ratio is None:
            return False
        kept = before / self.ratio if self.unit in TIMES else self.ratio / before
        return kept < 1 - FALL

    def to_json(self) -> dict[str, Any]:
        """Everything that was read, and what follows from it."""
        return {**vars(self), "median": self.median, "ratio": self.ratio, "met": self.met}


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


def table(measures: Sequence[Measure], before: Ratios) -> str:
    """The measures for people, beside the ratios of an earlier release where there are any."""
    lines = [f"{'':44}{'median':>10}  {'unit':11}{'ratio':>8}  {'of':34}{'before':>8}  asked"]
    for one in measures:
        ratio = "" if one.ratio is None else f"{one.ratio:.3f}"
        earlier = before.get((one.name, one.ceiling))
        was = "" if earlier is None else f"{earlier:.3f}"
        asked = "" if one.bar is None else f"{one.bar}: {'met' if one.met else 'NOT MET'}"
        fell = " FELL" if one.fell(earlier) else ""
        line = f"{one.name:44}{one.median:10,.1f}  {one.unit:11}{ratio:>8}  {one.ceiling:34}{was:>8}{fell}  {asked}"
        lines.append(line.rstrip())
    return "\n".join(lines)
