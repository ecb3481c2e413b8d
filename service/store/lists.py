"""What a view shows, page by page and in numbers, for those who look: nothing is claimed here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.errors import Invalid
from service.domain.view import QueueName, View
from service.store.rows import CommentRow, ThreadRow, comment_row, select_comments
from service.store.scope import Scope
from service.store.tables import comments, threads
from service.store.types import UtcTime
from service.store.viewed import LOOKED_AT, Key, Ordered, Stretch, countable, of_stretch, of_view, score_of, stretches

WAITING = tuple(queue for queue in QueueName if queue is not QueueName.DECIDED)

TALLIED_TO = 100
"""Counting for a tab stops here: every page of a queue has all tabs, and waits for their numbers."""

BINS = 50
"""Equal parts of a histogram of scores."""


@dataclass(frozen=True)
class Story:
    """A thread in which comments are flagged: how many, the highest priority among them, and since when the oldest is here."""

    thread: ThreadRow
    waiting: int
    priority: float
    oldest: datetime


class Lists(Scope):
    """The comments of one site, as views show them."""

    def page(self, view: View, cursor: str | None, limit: int) -> tuple[list[CommentRow], str | None]:
        """Comments of a view after the cursor, in its order, and the cursor of those that follow.

        Raises: Invalid, for a cursor that is none of this view's.
        """
        ways = stretches(view)
        start, place = (0, ()) if cursor is None else _read(cursor, ways)
        found: list[tuple[str, str]] = []
        for number, way in enumerate(ways[start:], start):
            part = of_stretch(self, view, way)
            query = part.past(place) if place and number == start else part.query
            rows = self.run(query.limit(limit + 1 - len(found)))
            found += [(id, _written(number, values)) for id, *values in rows]
            if len(found) > limit:
                break
        return self._whole([id for id, _ in found[:limit]]), found[limit - 1][1] if len(found) > limit else None

    def size(self, view: View) -> int:
        """How much a view shows, at most COUNT_TO; see `countable`."""
        return self.count(countable(self, view))

    def tallies(self) -> dict[QueueName, int]:
        """How much waits in each queue, at most TALLIED_TO; see `countable`. What was decided does not wait."""
        found = self.run(sa.select(*map(self._tally, WAITING))).one()
        return dict(zip(WAITING, found, strict=True))

    def stories(self, cursor: str | None, limit: int) -> tuple[list[Story], str | None]:
        """Threads of the LOOKED_AT worst flagged comments, the one with the worst first; and the cursor of those that follow.

        Raises: Invalid, for a cursor that is none.
        """
        [way] = stretches(View())
        worst = of_stretch(self, View(), way, columns=("thread_id", "priority", "received_at"))
        few = worst.query.limit(LOOKED_AT).subquery()
        top, by_thread = sa.func.max(few.c.priority), few.c.thread_id
        grouped = sa.select(by_thread, sa.func.count().label("waiting"), top.label("priority")).group_by(by_thread)
        grouped = grouped.add_columns(sa.func.min(few.c.received_at).label("oldest")).where(by_thread.is_not(None))
        by_story = grouped.subquery()
        keys = Key(by_story.c.priority, falls=True), Key(by_story.c.thread_id)
        query = self.mine(sa.select(threads, by_story), threads).where(threads.c.id == by_story.c.thread_id)
        ordered = Ordered(query.order_by(*(key.order for key in keys)), keys)
        wanted = ordered.query if cursor is None else ordered.past(_read(cursor, [Stretch(keys)])[1])
        rows = self.run(wanted.limit(limit + 1)).all()
        more = _written(0, (rows[limit - 1].priority, rows[limit - 1].thread_id)) if len(rows) > limit else None
        return [_story(row) for row in rows[:limit]], more

    def histogram(self, view: View, attribute: str) -> tuple[int, ...]:
        """How many of a view have a score of an attribute in each of BINS equal parts of 0 to 1; 1 is in the last.

        A band of this attribute in the view is passed over: the histogram is for choosing it.
        """
        whole = replace(view, attribute=None) if view.attribute == attribute else view
        # .58 * 50 is 28.999999999999996, and .58 must be where a band that begins with it has it
        place = score_of(attribute) * BINS + 1e-9
        # a cast cuts off on SQLite and rounds on PostgreSQL
        bin = sa.cast(place if self.tx.sqlite else sa.func.floor(place), sa.Integer)
        scored = of_view(self, whole, bin.label("bin")).subquery()
        rows = self.run(
            sa.select(scored.c.bin, sa.func.count()).where(scored.c.bin.is_not(None)).group_by(scored.c.bin)
        )
        counts = [0] * BINS
        for bin, count in rows:
            counts[min(max(bin, 0), BINS - 1)] += count
        return tuple(counts)

    def _tally(self, queue: QueueName) -> sa.Label[int]:
        few = countable(self, View(queue=queue)).limit(TALLIED_TO).subquery()
        return sa.select(sa.func.count()).select_from(few).scalar_subquery().label(queue.value)

    def _whole(self, ids: Sequence[str]) -> list[CommentRow]:
        rows = self.run(self.mine(select_comments(), comments).where(comments.c.id.in_(ids))).mappings()
        found = {row["id"]: comment_row(row) for row in rows}
        return [found[id] for id in ids if id in found]


def _story(row: sa.Row[Any]) -> Story:
    return Story(ThreadRow(row.id, row.site_thread_id, row.url, row.title), row.waiting, row.priority, row.oldest)


def _written(number: int, values: Sequence[object]) -> str:
    """A place in a view as a cursor: the number of the stretch, and the values of its keys."""
    texts = (value.isoformat() if isinstance(value, datetime) else str(value) for value in values)
    return "~".join((str(number), *texts))


def _read(cursor: str, ways: Sequence[Stretch]) -> tuple[int, list[object]]:
    """The place that `_written` wrote."""
    number, *texts = cursor.split("~")
    try:
        keys = dict(enumerate(ways))[int(number)].keys
        return int(number), [_value(key.column, text) for key, text in zip(keys, texts, strict=True)]
    except (ValueError, KeyError, OverflowError):
        raise Invalid("cursor: give one that came with a page of this view") from None


def _value(column: sa.ColumnElement[Any], text: str) -> object:
    """A key's value; ValueError when it can't be one."""
    if isinstance(column.type, UtcTime):
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC)
    if isinstance(column.type, sa.Float):
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        return value
    return int(text) if isinstance(column.type, sa.Integer) else str(UUID(text))
