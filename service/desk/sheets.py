"""The figures as CSV: one sheet for each chart, with names that stay the same in every language."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from io import StringIO

from service.moderation.insights import Figures, Wait

Cell = str | float | int | None
Row = tuple[Cell, ...]

DANGEROUS = re.compile(r"(^ *|[;,\t\r\n]\s*)(?=[=+\-@\t\r])")
"""Before what a spreadsheet takes for the beginning of a formula (https://owasp.org/www-community/attacks/CSV_Injection), where a
cell begins, for one that parts them at other characters too."""


def sheet(name: str, figures: Figures) -> str | None:
    """One chart's figures as CSV, or None when there is no such chart."""
    if name not in SHEETS:
        return None
    out = StringIO()
    writer = csv.writer(out)
    writer.writerows(tuple(map(_cell, row)) for row in SHEETS[name](figures))
    return out.getvalue()


def _cell(value: Cell) -> Cell:
    """Text that can't become a formula; numbers are ours, and stay numbers."""
    if isinstance(value, float):
        return round(value, 6)
    return DANGEROUS.sub(r"\1'", value) if isinstance(value, str) else value


def _volume(figures: Figures) -> Iterable[Row]:
    yield ("from", "received", "flagged", "share_flagged")
    for at, received, flagged in zip(figures.starts, figures.volume.received, figures.volume.flagged, strict=True):
        yield (at.isoformat(), received, flagged, flagged / received if received else None)


def _queue(figures: Figures) -> Iterable[Row]:
    yield ("what", "from", "comments", "median_seconds", "p95_seconds", "within_goal", "goal_seconds")
    yield ("waiting", figures.as_of.isoformat(), *_wait(figures.queue.now), figures.goal)
    for at, wait in zip(figures.starts, figures.queue.parts, strict=True):
        yield ("decided", at.isoformat(), *_wait(wait), figures.goal)


def _wait(wait: Wait) -> Row:
    return (wait.n, wait.median, wait.late, wait.within)


def _pace(figures: Figures) -> Iterable[Row]:
    yield ("from", "comments", "decisions", "moderator_hours", "decisions_per_moderator_hour")
    pace = figures.pace
    for at, comments, decisions, hours in zip(figures.starts, pace.comments, pace.decisions, pace.hours, strict=True):
        yield (at.isoformat(), comments, decisions, hours, decisions / hours if hours else None)


def _precision(figures: Figures) -> Iterable[Row]:
    yield ("attribute", "language", "decided", "rejected", "precision", "low", "high", "flag_threshold")
    for one in figures.precision:
        yield (one.attribute, one.language or "all", one.n, one.rejected, one.share, *one.interval, one.threshold)


def _stories(figures: Figures) -> Iterable[Row]:
    yield ("thread", "title", "url", "flagged")
    for story in figures.stories:
        yield (story.thread.site_thread_id, story.thread.title, story.thread.url, story.flagged)


def _reasons(figures: Figures) -> Iterable[Row]:
    yield ("who", "reason", "attribute", "times")
    for who, causes in (("policy", figures.reasons.flagged), ("moderators", figures.reasons.rejected)):
        for one in causes:
            yield (who, one.code or "none", one.attribute, one.times)


def _agreement(figures: Figures) -> Iterable[Row]:
    yield ("what", "first", "second", "value", "low", "high", "second_looks")
    n = sum(figures.agreement.pairs.values())
    for (first, second), times in sorted(figures.agreement.pairs.items()):
        yield ("times", first, second, times, None, None, n)
    found = figures.agreement.kappa
    if found is not None:
        yield ("observed_agreement", None, None, found.observed, None, None, n)
        yield ("kappa", None, None, found.value, *(found.interval or (None, None)), n)


SHEETS: Mapping[str, Callable[[Figures], Iterable[Row]]] = {
    "queue": _queue,
    "volume": _volume,
    "pace": _pace,
    "precision": _precision,
    "stories": _stories,
    "reasons": _reasons,
    "agreement": _agreement,
}
"""Each chart by the name in its address."""
