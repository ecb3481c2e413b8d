"""The queues of one site that are dealt as cards, and who holds which.

A claim is two columns of the comment, `claimed_by` and `claimed_until`. It ends by itself, so a moderator whose machine dies
blocks nobody for long. Flagged comments that are nearly the same share a number, `likeness`: while somebody holds one of them
the others are not dealt either, and so a claim is one row however many comments a wave of spam has.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.view import Order, QueueName, View
from service.store.rows import CommentRow, comment_row, select_comments
from service.store.scope import COUNT_TO, Scope
from service.store.tables import comments, decisions, users
from service.store.viewed import countable, of_stretch, of_view, stretches
from service.store.words import FLAGGED

_WAITING = sa.or_(
    FLAGGED,
    sa.and_(
        comments.c.status != Status.PENDING.value,
        sa.or_(comments.c.reported_at.is_not(None), comments.c.appealed_at.is_not(None)),
    ),
)
"""What is dealt at all."""

_HAS_LIKENESS = comments.c.likeness.is_not(None)

_IN_HAND: dict[Order, Callable[[sa.Row[Any]], tuple[Any, ...]]] = {
    Order.RISK: lambda row: (-row.priority, row.id),
    Order.OLDEST: lambda row: (row.id,),
    Order.REPORTS: lambda row: (-row.reports, -row.priority, row.id),
}
"""The order of the few that a moderator holds."""


@dataclass(frozen=True)
class Holder:
    """Who holds a claim."""

    user_id: str
    name: str


@dataclass(frozen=True)
class Counts:
    """How much waits, and how much of it another moderator holds; both stop at COUNT_TO."""

    waiting: int
    with_others: int

    @property
    def more(self) -> bool:
        """True when more may wait than was counted."""
        return self.waiting >= COUNT_TO


DEFAULT = View()


class Queue(Scope):
    """The comments of one site that wait for a person, and the claims on them."""

    def of_view(self, view: View) -> sa.Select[Any]:
        """A query for the ids of what a view shows, in no order."""
        return of_view(self, view)

    def ids_of(self, view: View, limit: int) -> list[str]:
        """The first ids of what a view shows, in the order of ids, whoever holds them."""
        return list(self.run(self.of_view(view).order_by(comments.c.id).limit(limit)).scalars())

    def take_turn(self) -> None:
        """Wait until nobody else deals cards of this site, which takes milliseconds; nobody does until the transaction ends.

        Rows that are locked can be skipped, but the look-alikes of what another one is just taking can't be seen.
        """
        if not self.tx.sqlite:
            self.run(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"deal {self.site_id}", 0))))

    def claim_worst(
        self, user_id: str, until: datetime, limit: int, passed: Sequence[str] = (), view: View = DEFAULT
    ) -> list[str]:
        """Claim the first of a view that nobody holds, but those `passed` over; their ids, in the view's order.

        Of look-alikes only the first is claimed, and none when anybody holds one or it was passed over. To be called when it is
        our turn.
        """
        return self._first(limit, passed, view, lambda ids: self.claim(ids, user_id, until, view.queue))

    def first(self, limit: int, passed: Sequence[str], view: View) -> list[str]:
        """What `claim_worst` would claim; whether it still can is seen when it is our turn."""
        return self._first(limit, passed, view, lambda ids: ids)

    def claim_some(
        self, ids: Sequence[str], user_id: str, until: datetime, limit: int, queue: QueueName | None = None
    ) -> list[str]:
        """Claim the first `limit` of these that can be claimed; see `claim`."""
        taken: list[str] = []
        while ids and (room := limit - len(taken)) > 0:
            taken += self.claim(ids[:room], user_id, until, queue)
            ids = ids[room:]
        return taken

    def _first(
        self, limit: int, passed: Sequence[str], view: View, take: Callable[[list[str]], list[str]]
    ) -> list[str]:
        """Take the first of a view that nobody holds until there are so many; `take` says which could be."""
        free = self._free(), self._unlike_those_held(), self._unlike_those(passed)
        taken: list[str] = []
        tried, known = list(passed), set[int]()
        for stretch in stretches(view):
            more = True
            while more and (room := limit - len(taken)) > 0:
                new = comments.c.id.not_in(tried), _unlike(known)
                found = of_stretch(self, view, stretch, *free, *new, columns=("likeness", "status"))
                rows = self.run(found.query.limit(room)).all()
                tried += [row.id for row in rows]
                taken += take(_without_likes(rows, known))
                more = len(rows) == room
        return taken

    def claim(self, ids: Sequence[str], user_id: str, until: datetime, queue: QueueName | None = None) -> list[str]:
        """Claim or renew these, as far as they wait for a person and nobody else holds them or a look-alike; the ids of those.

        Comments that are just being decided are skipped on PostgreSQL; on SQLite writers come one by one. For a page that shows a
        `queue`, what was escalated is claimed in the queue for it and in no other.
        """
        open_to_me = sa.or_(self._free(), comments.c.claimed_by == user_id)
        found = self.mine(sa.select(comments.c.id), comments).where(comments.c.id.in_(ids), _WAITING, open_to_me)
        found = found.where(self._unlike_those_held(but_by=user_id))
        if queue not in (None, QueueName.ESCALATED):
            found = found.where(comments.c.escalated_at.is_(None))
        held = set(self.run(found.with_for_update(skip_locked=True)).scalars())
        self._hold([id for id in ids if id in held], user_id, until)
        return [id for id in ids if id in held]

    def held_by(self, user_id: str, view: View = DEFAULT) -> list[str]:
        """The ids of what this moderator holds of a view, in its order."""
        held = of_view(self, view, comments.c.priority, comments.c.reports).where(
            comments.c.claimed_by == user_id, comments.c.claimed_until > self.tx.now
        )
        # sorted here, so that PostgreSQL looks the few claims up and does not walk the queue for its order
        return [row.id for row in sorted(self.run(held), key=_IN_HAND[view.order])]

    def release(self, ids: Sequence[str], user_id: str, claimed_until: datetime | None = None) -> None:
        """Give up claims; with a time, only those that were not renewed past it.

        A page that closes must not end what another page of the same moderator has claimed since.
        """
        mine = self.mine(sa.update(comments), comments).where(comments.c.id.in_(ids), comments.c.claimed_by == user_id)
        if claimed_until is not None:
            mine = mine.where(comments.c.claimed_until <= claimed_until)
        self.run(mine.values(claimed_by=None, claimed_until=None))

    def holder(self, comment_id: str) -> Holder | None:
        """Who holds this comment now, or a look-alike of it."""
        query = self.mine(sa.select(users.c.id, users.c.name), comments).join(
            comments, comments.c.claimed_by == users.c.id
        )
        live = query.where(comments.c.claimed_by.is_not(None), comments.c.claimed_until > self.tx.now)
        asked = self.mine(sa.select(comments.c.likeness), comments).where(comments.c.id == comment_id, FLAGGED)
        alike = sa.and_(FLAGGED, comments.c.likeness == asked.correlate(None).scalar_subquery())
        itself = comments.c.id == comment_id
        row = self.run(live.where(sa.or_(itself, alike)).order_by(sa.case((itself, 0), else_=1)).limit(1)).first()
        return Holder(row.id, row.name) if row else None

    def alike(self, those: Sequence[CommentRow], user_id: str) -> dict[str, int]:
        """Of each comment, how many more are flagged that are nearly the same and that nobody else holds; at most COUNT_TO."""
        flagged = [one for one in those if one.status is Status.FLAGGED and one.likeness is not None]
        counts = [self._alike(one, user_id).label(f"n{place}") for place, one in enumerate(flagged)]
        found = self.run(sa.select(*counts)).one() if counts else ()
        return dict.fromkeys((one.id for one in those), 0) | {
            one.id: count for one, count in zip(flagged, found, strict=True)
        }

    def of_ids(self, ids: Sequence[str]) -> list[CommentRow]:
        """Comments in the order of their ids; what is not there is left out."""
        rows = self.run(self.mine(select_comments(), comments).where(comments.c.id.in_(ids))).mappings()
        found = {row["id"]: comment_row(row) for row in rows}
        return [found[id] for id in ids if id in found]

    def counts(self, user_id: str, view: View = DEFAULT) -> Counts:
        """How much waits in the view's queue."""
        waits = of_view(self, View(queue=view.queue))
        # a claim ends with any change of status, so the few claims are looked at and not the whole queue
        others = waits.where(
            comments.c.claimed_by.is_not(None), comments.c.claimed_by != user_id, comments.c.claimed_until > self.tx.now
        )
        return Counts(self.count(countable(self, View(queue=view.queue))), self.count(others))

    def decided_since(self, user_id: str, since: datetime) -> int:
        """How many decisions this moderator has taken."""
        query = self.mine(sa.select(sa.func.count()), decisions).where(
            decisions.c.user_id == user_id, decisions.c.created_at >= since
        )
        return int(self.run(query.where(decisions.c.undoes.is_(None))).scalar_one())

    def names_of(self, user_ids: Sequence[str]) -> dict[str, str]:
        """The names of those who decided, by their ids."""
        rows = self.run(sa.select(users.c.id, users.c.name).where(users.c.id.in_(user_ids)))
        return {row.id: row.name for row in rows}

    def _free(self) -> sa.ColumnElement[bool]:
        return sa.or_(comments.c.claimed_until.is_(None), comments.c.claimed_until <= self.tx.now)

    def _unlike_those_held(self, but_by: str | None = None) -> sa.ColumnElement[bool]:
        """That a comment is no look-alike of a flagged one that somebody holds, whoever it is `but_by`."""
        held = self.mine(sa.select(comments.c.likeness), comments).where(
            FLAGGED,
            comments.c.claimed_by.is_not(None),
            comments.c.claimed_until > self.tx.now,
            _HAS_LIKENESS,
        )
        return _unlike(held if but_by is None else held.where(comments.c.claimed_by != but_by))

    def _unlike_those(self, ids: Sequence[str]) -> sa.ColumnElement[bool]:
        """That a comment is no look-alike of one of these."""
        return _unlike(self.mine(sa.select(comments.c.likeness), comments).where(_HAS_LIKENESS, comments.c.id.in_(ids)))

    def _alike(self, one: CommentRow, user_id: str) -> sa.ScalarSelect[int]:
        same = self.mine(sa.select(comments.c.id), comments).where(
            FLAGGED,
            comments.c.likeness == one.likeness,
            comments.c.id != one.id,
            sa.or_(self._free(), comments.c.claimed_by == user_id),
        )
        if one.escalated_at is None:
            # as they are then decided, see `Acts.alike`
            same = same.where(comments.c.escalated_at.is_(None))
        return sa.select(sa.func.count()).select_from(same.limit(COUNT_TO).subquery()).scalar_subquery()

    def _hold(self, ids: Sequence[str], user_id: str, until: datetime) -> None:
        if ids:
            held = self.mine(sa.update(comments), comments).where(comments.c.id.in_(ids))
            self.run(held.values(claimed_by=user_id, claimed_until=until))


def _unlike(likenesses: Collection[int] | sa.Select[tuple[int]]) -> sa.ColumnElement[bool]:
    """That a comment is none of the flagged ones of these likenesses; other comments are dealt one by one."""
    known = likenesses.correlate(None) if isinstance(likenesses, sa.Select) else likenesses
    return sa.or_(
        comments.c.likeness.is_(None), comments.c.status != Status.FLAGGED.value, comments.c.likeness.not_in(known)
    )


def _without_likes(rows: Sequence[sa.Row[Any]], known: set[int]) -> list[str]:
    """The ids of comments, but of flagged ones that look alike only the first, and none of those `known`; they are then known."""
    ids = []
    for row in rows:
        likeness = row.likeness if row.status == Status.FLAGGED else None
        if likeness is None or likeness not in known:
            ids.append(row.id)
        if likeness is not None:
            known.add(likeness)
    return ids
