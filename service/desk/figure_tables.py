"""The figures as tables, which every chart has beside it: rows of text in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.desk import findings, words
from service.desk.charts import Column
from service.desk.numbers import about, number, percent, span
from service.desk.speech import gettext
from service.domain.decision import Action
from service.domain.period import Period
from service.moderation.insights import Figures, Wait

NONE = "\N{EN DASH}"

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A caption, the columns' heads and the rows; the first of each row heads it."""

    caption: str
    heads: Row
    rows: tuple[Row, ...]


def tables(figures: Figures, columns: Sequence[Column]) -> dict[str, Table]:
    """The tables of the charts that are drawn, by their names."""
    when = gettext("Hour") if figures.period is Period.HOURS else gettext("Day")
    return {
        "queue": _queue(figures, columns, when),
        "volume": _volume(figures, columns, when),
        "pace": _pace(figures, columns, when),
        "precision": _precision(figures),
        "agreement": _agreement(figures),
    }


def _queue(figures: Figures, columns: Sequence[Column], when: str) -> Table:
    heads = (when, gettext("Comments"), gettext("Median"), gettext("95th percentile"), gettext("Within the goal"))
    rows = [
        (column.named, number(wait.n), *_wait(wait)) for column, wait in zip(columns, figures.queue.parts, strict=True)
    ]
    waiting = (gettext("waiting now"), number(figures.queue.waiting), *_wait(figures.queue.now))
    return Table(gettext("How long flagged comments waited for a person's decision"), heads, (waiting, *rows))


def _wait(wait: Wait) -> Row:
    if wait.median is None or wait.late is None:
        return (NONE, NONE, NONE)
    return (span(wait.median), span(wait.late), percent(wait.within / wait.n))


def _volume(figures: Figures, columns: Sequence[Column], when: str) -> Table:
    heads = (when, gettext("Came in"), gettext("Flagged"), gettext("Share"))
    rows = tuple(
        (column.named, number(all_), about(part, figures.share_flagged), percent(part / all_) if all_ else NONE)
        for column, all_, part in zip(columns, figures.volume.received, figures.volume.flagged, strict=True)
    )
    return Table(gettext("Comments that came in"), heads, rows)


def _pace(figures: Figures, columns: Sequence[Column], when: str) -> Table:
    heads = (when, gettext("Comments"), gettext("Decisions"), gettext("Moderator-hours"), gettext("In an hour"))
    pace = figures.pace
    rows = tuple(
        (column.named, number(comments), number(taken), number(hours), number(taken / hours) if hours else NONE)
        for column, comments, taken, hours in zip(columns, pace.comments, pace.decisions, pace.hours, strict=True)
    )
    return Table(gettext("Decisions in an hour of a moderator's work"), heads, rows)


def _precision(figures: Figures) -> Table:
    heads = (
        gettext("Attribute"), gettext("Language"), gettext("Decided"), gettext("Rejected"), gettext("Share"),
        gettext("Interval"), gettext("Flag from"),
    )  # fmt: skip
    rows = tuple(
        (
            words.attribute(one.attribute),
            gettext("all") if one.language is None else words.language_of(one.language),
            number(one.n), number(one.rejected), percent(one.share),
            f"{percent(one.interval.low)}{NONE}{percent(one.interval.high)}",
            NONE if one.threshold is None else findings.number_of(one.threshold),
        )
        for one in figures.precision
    )  # fmt: skip
    return Table(gettext("Share of flagged comments that moderators rejected"), heads, rows)


def _agreement(figures: Figures) -> Table:
    heads = (gettext("First decision"), gettext("Second: approved"), gettext("Second: rejected"))
    both = (Action.APPROVE, Action.REJECT)
    rows = tuple(
        (words.status(first.status), *(number(figures.agreement.pairs.get((first, second), 0)) for second in both))
        for first in both
    )
    return Table(gettext("Second looks"), heads, rows)
