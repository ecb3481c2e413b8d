"""Numbers, shares, times and spans as the reader's language writes them."""

from datetime import datetime
from typing import Literal

from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from service.desk.speech import format_datetime, gettext, locale

SPANS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
"""Units of time and their seconds, the largest first.

What is twice a unit or more, or a whole one, is told in it: 90 minutes, but 1 hour."""


def number(value: float) -> str:
    """A whole number with the language's separators; one below ten with a digit behind the point, where it has one."""
    digits = 1 if value < 10 and value != round(value) else 0
    return str(format_decimal(round(value, digits), locale=locale()))


def about(value: int, share: float) -> str:
    """A number, marked as an estimate where only a share was looked at."""
    return number(value) if share >= 1 else f"≈{number(value)}"


def percent(share: float) -> str:
    """A share in percent: with a digit behind the point below ten percent, and never 0% or 100% for what isn't quite."""
    if 0 < share < 0.0005:
        return f"<{format_percent(0.001, '0.0%', locale=locale())}"
    if 0.995 <= share < 1:
        return f">{format_percent(0.99, '0%', locale=locale())}"
    return str(format_percent(share, "0.#%" if share < 0.0995 else "0%", locale=locale()))


def span(seconds: float, length: Literal["long", "short"] = "long") -> str:
    """A span of time in one unit, rounded to what matters: 45 seconds, 12 minutes, 2.5 hours, 3 days."""
    fits = ((unit, size) for unit, size in SPANS if seconds >= size * 2 or (seconds >= size and seconds % size == 0))
    unit, size = next(fits, SPANS[-1])
    value = seconds / size
    return str(
        format_unit(round(value, 1 if value < 10 and size > 60 else 0), f"duration-{unit}", length, locale=locale())
    )


def clock(at: datetime) -> str:
    """A time of day in UTC."""
    return gettext("%(time)s UTC", time=format_datetime(at, "HH:mm"))


def hour(at: datetime) -> str:
    """An hour of a day in full."""
    return format_datetime(at, "d MMM, HH:mm")


def day(at: datetime) -> str:
    """A day in full."""
    return format_datetime(at, "EEE d MMM")
