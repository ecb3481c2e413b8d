"""What a view shows, as SQL: conditions, and the orders in which it is read.

Every queue has an index that holds it and nothing else, in one order at least. An order for which there is no index is made
among the first LOOKED_AT comments along that index: so no page waits for the whole of a long queue to be sorted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.view import Order, QueueName, View
from service.store.scope import Scope
from service.store.tables import authors, comments, decisions
from service.store.words import having, of_author

LOOKED_AT = 10_000
"""Comments that are sorted, grouped or searched letter by letter at once."""

Conditions = tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True)
class Key:
    """A column that a view is ordered by; `falls` is from the highest down."""

    column: sa.ColumnElement[Any]
    falls: bool = False

    @property
    def order(self) -> sa.ColumnElement[Any]:
        """For ORDER BY."""
        return self.column.desc() if self.falls else self.column.asc()


Keys = tuple[Key, ...]


@dataclass(frozen=True)
class Stretch:
    """A part of a view in one order; `along` is the index's own order when it is another."""

    keys: Keys
    conditions: Conditions = ()
    along: Keys | None = None


_NOT_ESCALATED = comments.c.escalated_at.is_(None)
_SCORED = comments.c.status != sa.literal_column("'pending'")
_BY_A_NEW_AUTHOR = of_author(authors.c.approved, comments.c.author_id) == 0

STATUS = {
    QueueName.FLAGGED: Status.FLAGGED,
    QueueName.NEW_AUTHORS: Status.FLAGGED,
    QueueName.ESCALATED: Status.FLAGGED,
    QueueName.PENDING: Status.PENDING,
}
"""The status of what stands in a queue, where it is the same."""

IN_QUEUE: dict[QueueName, Conditions] = {
    QueueName.FLAGGED: (_NOT_ESCALATED,),
    QueueName.REPORTED: (
        comments.c.reported_at.is_not(None),
        _SCORED,
        _NOT_ESCALATED,
        comments.c.appealed_at.is_(None),
    ),
    QueueName.NEW_AUTHORS: (_NOT_ESCALATED, _BY_A_NEW_AUTHOR),
    QueueName.APPEALS: (comments.c.appealed_at.is_not(None), _SCORED),
    QueueName.ESCALATED: (comments.c.escalated_at.is_not(None),),
    QueueName.PENDING: (),
    # the last word on the comment was a person's
    QueueName.DECIDED: (
        comments.c.status.in_(("approved", "rejected")),
        decisions.c.comment_id == comments.c.id,
        decisions.c.number == comments.c.decisions,
        decisions.c.user_id.is_not(None),
    ),
}
"""What stands in which queue, beside its status. What was escalated or appealed waits for a lead, and stands in no other queue of
flagged or reported comments."""

_ID = Key(comments.c.id)
_WORST: Keys = (Key(comments.c.priority, falls=True), _ID)
_MOST_REPORTED: Keys = (Key(comments.c.reports, falls=True), _ID)
_APPEALED: Keys = (Key(comments.c.appealed_at), _ID)
_ESCALATED: Keys = (Key(comments.c.escalated_at), _ID)
_NEWEST: Keys = (Key(comments.c.id, falls=True),)
_LAST_DECIDED: Keys = (Key(decisions.c.created_at, falls=True), Key(decisions.c.id, falls=True))

ALONG = {
    QueueName.FLAGGED: _NEWEST,
    QueueName.NEW_AUTHORS: _NEWEST,
    QueueName.REPORTED: _MOST_REPORTED,
    QueueName.APPEALS: _APPEALED,
    QueueName.ESCALATED: _ESCALATED,
    QueueName.PENDING: _NEWEST,
    QueueName.DECIDED: _LAST_DECIDED,
}
"""The order of each queue's index, in which LOOKED_AT of it are looked at."""


def stretches(view: View) -> tuple[Stretch, ...]:
    """A view's parts, to be read one after the other.

    `oldest` is by what a comment waits for: since it came, was reported, appealed or escalated. The list of what is pending
    begins with the newest, unless the oldest are asked for; that of decisions always with the last.
    """
    match view.queue:
        case QueueName.FLAGGED | QueueName.NEW_AUTHORS:
            return _of_flagged(view.order)
        case QueueName.REPORTED:
            return _of_reported(view.order)
        case QueueName.APPEALS | QueueName.ESCALATED:
            along = ALONG[view.queue]
            keys = {Order.RISK: _WORST, Order.REPORTS: _MOST_REPORTED}.get(view.order)
            return (Stretch(along) if keys is None else Stretch(keys, along=along),)
        case QueueName.PENDING:
            return (Stretch((_ID,) if view.order is Order.OLDEST else _NEWEST),)
        case QueueName.DECIDED:
            return (Stretch(_LAST_DECIDED),)


def _of_flagged(order: Order) -> tuple[Stretch, ...]:
    if order is Order.REPORTS:
        # an index for what few look at would be written for each flagged comment: those that readers reported have one
        reported = comments.c.reported_at
        return Stretch(_MOST_REPORTED, (reported.is_not(None),)), Stretch(_WORST, (reported.is_(None),))
    return (Stretch((_ID,) if order is Order.OLDEST else _WORST),)


def _of_reported(order: Order) -> tuple[Stretch, ...]:
    if order is Order.REPORTS:
        return (Stretch(_MOST_REPORTED),)
    keys = (Key(comments.c.reported_at), _ID) if order is Order.OLDEST else _WORST
    return (Stretch(keys, along=_MOST_REPORTED),)


def of_view(scope: Scope, view: View, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """A query for what a view shows, in no order: ids, and more columns."""
    return _of_queue(scope, view.queue, *columns).where(*_filters(scope, view))


@dataclass(frozen=True)
class Ordered:
    """An ordered query for ids and the values of keys, as `key0`, `key1` …, and these keys as it may be narrowed by.

    `status` is what all have when it reads a range of statuses; see `_along`.
    """

    query: sa.Select[Any]
    keys: Keys
    status: Status | None = None

    def past(self, values: Sequence[object]) -> sa.Select[Any]:
        """The query for those that come after the one with these values of the keys."""
        if self.status is None:
            return self.query.where(_past(self.keys, values))
        place = sa.literal(self.status.value), sa.literal(values[0], comments.c.id.type)
        here, there = sa.tuple_(comments.c.status, comments.c.id), sa.tuple_(*place)
        return self.query.where(here < there if self.keys[0].falls else here > there)


def of_stretch(
    scope: Scope, view: View, stretch: Stretch, *where: sa.ColumnElement[bool], columns: Sequence[str] = ()
) -> Ordered:
    """A query for a part of a view and in its order, narrowed by more conditions; with these columns of the comments too."""
    values = [key.column.label(f"key{place}") for place, key in enumerate(stretch.keys)]
    wanted = (*values, *(comments.c[name] for name in columns))
    narrowed = *stretch.conditions, *where, *_filters(scope, view)
    if view.thread_id or view.author_id:
        # each has an index that goes on with the id
        along = of_view(scope, view, *wanted).where(*narrowed).order_by(comments.c.id)
    elif stretch.along is not None:
        along = _along(scope, view.queue, stretch.along, *wanted).where(*narrowed)
    else:
        query = _along(scope, view.queue, stretch.keys, *wanted).where(*narrowed)
        by_range = _is_by_id(stretch.keys) and not scope.tx.sqlite
        return Ordered(query, stretch.keys, STATUS[view.queue] if by_range else None)
    few = along.limit(LOOKED_AT).subquery()
    keys = tuple(Key(few.c[f"key{place}"], key.falls) for place, key in enumerate(stretch.keys))
    return Ordered(sa.select(few).order_by(*_order(keys)), keys)


def is_read_along(view: View) -> bool:
    """Whether a view is read along an index in an order; words are found by an index that has none."""
    return not view.words


def is_sieved(view: View) -> bool:
    """Whether comments of the queue must be read one by one to know which of them a view shows."""
    return view.queue is QueueName.NEW_AUTHORS or view != View(queue=view.queue, order=view.order)


def first_of(scope: Scope, queue: QueueName, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """A query for the first LOOKED_AT of a queue along its index: ids, and more columns."""
    # whether an author is new is asked of those that are left, not of each
    wide = QueueName.FLAGGED if queue is QueueName.NEW_AUTHORS else queue
    return _along(scope, wide, ALONG[queue], *columns).limit(LOOKED_AT)


def _along(scope: Scope, queue: QueueName, keys: Keys, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """A query for a queue in an order that an index has.

    By id, the index is the one on site, status and id. Asked for one status and the order of ids, PostgreSQL may take the primary
    key and read all that was decided before; asked for a range of statuses and the order of status and id, it can't. SQLite
    takes the index either way, but enters it at a cursor only by one status.
    """
    if scope.tx.sqlite or not _is_by_id(keys):
        return _of_queue(scope, queue, *columns).order_by(*_order(keys))
    query = _all_but_status(scope, queue, *columns)
    range = (comments.c.status >= STATUS[queue].value, comments.c.status <= STATUS[queue].value)
    return query.where(*range).order_by(*_order([Key(comments.c.status, keys[0].falls), *keys]))


def _is_by_id(keys: Keys) -> bool:
    return keys[0].column is comments.c.id


def _of_queue(scope: Scope, queue: QueueName, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    query = _all_but_status(scope, queue, *columns)
    if queue not in STATUS:
        return query
    # written out and not bound: SQLite takes a partial index only for a constant that it sees in the statement
    return query.where(comments.c.status == sa.literal_column(f"'{STATUS[queue]}'"))


def _all_but_status(scope: Scope, queue: QueueName, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    query = sa.select(comments.c.id, *columns).where(*IN_QUEUE[queue])
    return scope.mine(query, comments, *([decisions] if queue is QueueName.DECIDED else []))


def _order(keys: Sequence[Key]) -> list[sa.ColumnElement[Any]]:
    return [key.order for key in keys]


def countable(scope: Scope, view: View) -> sa.Select[Any]:
    """A query for the ids of what a view shows, to be counted.

    Where each comment must be read to know whether it belongs, only the first LOOKED_AT of the queue are.
    """
    filters = tuple(_filters(scope, view))
    new = view.queue is QueueName.NEW_AUTHORS
    if view.words or view.thread_id or view.author_id:
        return of_view(scope, view)
    if not (filters or new):
        return _along(scope, view.queue, ALONG[view.queue])
    wanted = sa.and_(*filters, *([_BY_A_NEW_AUTHOR] if new else []))
    way = stretches(view)[-1]
    read = _along(scope, QueueName.FLAGGED if new else view.queue, way.along or way.keys, wanted.label("wanted"))
    few = read.limit(LOOKED_AT).subquery()
    return sa.select(few.c.id).where(few.c.wanted)


def score_of(attribute: str) -> sa.ColumnElement[float]:
    """A comment's score for an attribute."""
    score: sa.ColumnElement[float] = comments.c.scores[attribute].as_float()
    return score


def _filters(scope: Scope, view: View) -> Iterator[sa.ColumnElement[bool]]:
    if view.attribute is not None and view.low > 0:
        yield score_of(view.attribute) >= view.low
    if view.attribute is not None and view.high < 1:
        yield score_of(view.attribute) < view.high
    if view.language is not None:
        yield comments.c.language == view.language
    if view.older_than_hours is not None:
        yield comments.c.received_at <= scope.tx.now - timedelta(hours=view.older_than_hours)
    if view.newer_than_hours is not None:
        yield comments.c.received_at > scope.tx.now - timedelta(hours=view.newer_than_hours)
    if view.thread_id is not None:
        yield comments.c.thread_id == view.thread_id
    if view.author_id is not None:
        yield comments.c.author_id == view.author_id
    if view.words:
        first = first_of(scope, view.queue, comments.c.author_id, comments.c.text)
        yield comments.c.id.in_(having(scope, view.queue, view.words, first))


def _past(keys: Sequence[Key], values: Sequence[object]) -> sa.ColumnElement[bool]:
    (key, *rest), (value, *others) = keys, values
    beyond = key.column < value if key.falls else key.column > value
    if not rest:
        return beyond
    # said twice for the index, which is entered by the first of the two
    reached = key.column <= value if key.falls else key.column >= value
    return sa.and_(reached, sa.or_(beyond, _past(rest, others)))
