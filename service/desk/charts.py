"""Where the marks of a chart stand: across in percent, so that the text keeps its size on any screen, and down in pixels."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.desk import numbers
from service.desk.speech import format_datetime
from service.domain.period import Period

TALL, LOW, ABOVE = 168, 64, 12
"""Pixels of a chart and of a small one from the top line to the ground, and above the top line."""

TIMES = (1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000)
"""Seconds at which lines are drawn on a scale of times: one second to thirty days."""


@dataclass(frozen=True)
class Column:
    """An hour or a day of a chart. `label` is short or empty, `spare` true for one that a small screen leaves out."""

    left: float
    width: float
    label: str
    spare: bool
    named: str
    running: bool

    @property
    def middle(self) -> float:
        """Its middle."""
        return self.left + self.width / 2


@dataclass(frozen=True)
class Tick:
    """A line of a scale."""

    y: float
    label: str


@dataclass(frozen=True)
class Scale:
    """From values to pixels down from the top; `ticks` are its lines."""

    height: int
    bottom: float
    top: float
    told: Callable[[float], str]
    lines: tuple[float, ...]
    logarithmic: bool = False

    def y(self, value: float) -> float:
        """How far down a value is."""
        return round(ABOVE + self.height * (1 - self._part(value)), 1)

    def tall(self, value: float) -> float:
        """How high a bar of a value is."""
        return round(ABOVE + self.height - self.y(value), 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Its lines with what they stand for."""
        return tuple(Tick(self.y(line), self.told(line)) for line in self.lines)

    def _part(self, value: float) -> float:
        if self.logarithmic:
            bottom, top, value = (math.log(max(one, self.bottom)) for one in (self.bottom, self.top, value))
            return min((value - bottom) / (top - bottom), 1.0)
        return min(max((value - self.bottom) / (self.top - self.bottom), 0.0), 1.0)


def columns(period: Period, starts: Sequence[datetime]) -> tuple[Column, ...]:
    """The hours or days of a period, side by side; the last one still runs."""
    width = 100 / len(starts)
    return tuple(
        Column(
            round(width * place, 3), round(width, 3), *_label(period, at, len(starts) - 1 - place),
            numbers.hour(at) if period is Period.HOURS else numbers.day(at), running=place == len(starts) - 1,
        )
        for place, at in enumerate(starts)
    )  # fmt: skip


def _label(period: Period, at: datetime, back: int) -> tuple[str, bool]:
    """A column's short label, and whether a small screen leaves it out."""
    if period is Period.HOURS:
        return (format_datetime(at, "HH:mm"), at.hour % 6 != 0) if at.hour % 3 == 0 else ("", True)
    if period is Period.WEEK:
        return format_datetime(at, "EEE d"), False
    return (format_datetime(at, "d MMM"), back % 10 != 0) if back % 5 == 0 else ("", True)


def amounts(values: Iterable[float], told: Callable[[float], str] = numbers.number, height: int = TALL) -> Scale:
    """A scale from 0 to a round number above all values."""
    most = max(values, default=0)
    step = _round_up(most / 3) if most > 0 else 1.0
    if told is numbers.number and step < 1:
        step = 1.0
    count = max(1, math.ceil(most / step - 1e-9))
    return Scale(height, 0, step * count, told, tuple(step * line for line in range(count + 1)))


def times(seconds: Iterable[float]) -> Scale:
    """A logarithmic scale of times: a minute and a day are both seen on it."""
    found = [max(one, 1.0) for one in seconds]
    low = max((line for line in TIMES if line <= min(found, default=60)), default=TIMES[0])
    high = min((line for line in TIMES if line >= max(found, default=3_600)), default=TIMES[-1])
    if low == high:
        low, high = (TIMES[TIMES.index(low) - 1], high) if low > TIMES[0] else (low, TIMES[1])
    lines = tuple(line for line in TIMES if low <= line <= high)
    return Scale(TALL, low, high, lambda value: numbers.span(value, "short"), lines, logarithmic=True)


def _round_up(value: float) -> float:
    """The next number of the kind 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * part for part in (1, 2, 2.5, 5, 10) if power * part >= value - 1e-12)


def across(share: float) -> float:
    """A share of 0 to 1 as a place across a chart."""
    return round(min(max(share, 0.0), 1.0) * 100, 2)
