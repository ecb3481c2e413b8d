"""What a lead asks of one site's history, each in a bounded amount of work.

Counts go along an index. What has to be looked at row by row is looked at as a sample where there is much of it: the last digits
of a UUIDv7 are chance (RFC 9562, section 5.7), so those below a bound are a fair share of all.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import Action, Actor
from service.store.engine import first_id, made_at
from service.store.rows import ThreadRow
from service.store.scope import Scope
from service.store.tables import comments, decisions, threads
from service.store.types import Id

COUNT_EACH = 200_000
"""Comments counted of one status in one hour or day; a site beyond it reads "at least"."""

SAMPLE = 10_000
"""Rows looked at one by one, about: a share of so many is right within one point, nineteen times in twenty."""

_PLACES = 16**3
"""A sample is so many of 4,096 parts: by the last three digits of ids."""

# written out: SQLite takes a partial index only for what it sees in the statement
_BY_PEOPLE = decisions.c.user_id.is_not(None)
_ACT = sa.func.coalesce(decisions.c.act_id, decisions.c.id)
_FLAGGED = comments.c.status == sa.literal_column("'flagged'")


class Arrivals(NamedTuple):
    """How many comments that came in during one part of a period stand at each status now, each counted to COUNT_EACH."""

    counts: tuple[Counter[str], ...]

    def of(self, part: int) -> int:
        """All of one part."""
        return self.counts[part].total()

    @property
    def flagged(self) -> int:
        """Those that are flagged now."""
        return sum(counts[Status.FLAGGED] for counts in self.counts)

    @property
    def capped(self) -> bool:
        """True when counting stopped somewhere."""
        return any(count >= COUNT_EACH for counts in self.counts for count in counts.values())


class Flag(NamedTuple):
    """A comment that was flagged: when it came, where it stands, and each code and attribute for which the policy flagged it."""

    came_at: float
    thread_id: str | None
    causes: tuple[tuple[str, str | None], ...]


class Worked(NamedTuple):
    """One person's work in one hour: their acts, and the comments that these decided. Who it was is left out."""

    hour: datetime
    acts: int
    comments: int


class Taken(NamedTuple):
    """A person's decision; `act` is the same for all that were taken at once.

    `waited` is how many seconds the comment was flagged by then, None when it wasn't; `scored` are the attributes for which the
    policy had flagged it, with their scores; `reasons` the codes that the person gave.
    """

    act: str
    at: datetime
    action: Action
    waited: float | None
    scored: tuple[tuple[str, float], ...]
    language: str | None
    reasons: tuple[str, ...]


class Insights(Scope):
    """The history of one site."""

    def arrivals(self, starts: Sequence[datetime], end: datetime) -> Arrivals:
        """What came in during each part of a period, by its status now."""
        bounds = [first_id(at) for at in (*starts, end + timedelta(days=1))]
        parts = sa.values(sa.column("part", sa.Integer), sa.column("low", Id), sa.column("high", Id), name="given")
        part = parts.data(list(zip(range(len(starts)), bounds, bounds[1:], strict=False))).cte("parts")
        counted = [
            self._some(
                self.mine(sa.select(comments.c.id), comments)
                .where(comments.c.status == status.value, comments.c.id >= part.c.low, comments.c.id < part.c.high)
                .correlate(part)
            ).label(status.value)
            for status in Status
        ]
        rows = self.run(sa.select(part.c.part, *counted).order_by(part.c.part)).mappings()
        return Arrivals(tuple(Counter({status.value: row[status.value] for status in Status}) for row in rows))

    def waiting(self, share: float) -> list[float]:
        """How long each of a share of the flagged comments has been so, in seconds, in any order."""
        last = decisions.c.number == comments.c.decisions
        query = self.mine(sa.select(decisions.c.created_at), comments).join(
            comments, sa.and_(decisions.c.comment_id == comments.c.id, last)
        )
        rows = self.run(query.where(_FLAGGED, self._sampled(comments.c.id, share))).scalars()
        return [(self.tx.now - since).total_seconds() for since in rows]

    def how_many_wait(self) -> int:
        """How many comments are flagged, to COUNT_EACH."""
        query = self.mine(sa.select(comments.c.id), comments).where(_FLAGGED)
        return int(self.run(sa.select(self._some(query))).scalar_one())

    def hours(self, since: datetime) -> list[Worked]:
        """What each person decided in each hour, but what only took something back."""
        hour = (
            sa.func.substr(sa.type_coerce(decisions.c.created_at, sa.String), 1, 13)
            if self.tx.sqlite
            else sa.func.to_char(sa.func.timezone("UTC", decisions.c.created_at), "YYYY-MM-DD HH24")
        ).label("hour")
        # acts first, by hashing: counting distinct ones would have PostgreSQL go along an index that is sorted by users
        one = self._people(since, sa.select(decisions.c.user_id, hour, sa.func.count().label("comments")))
        acts = one.group_by(decisions.c.user_id, sa.text("hour"), _ACT).subquery()
        query = sa.select(acts.c.hour, sa.func.count().label("acts"), sa.func.sum(acts.c.comments).label("comments"))
        rows = self.run(query.group_by(acts.c.user_id, acts.c.hour))
        return [Worked(datetime.fromisoformat(f"{row.hour}:00+00:00"), row.acts, int(row.comments)) for row in rows]

    def taken(self, since: datetime, share: float) -> list[Taken]:
        """The decisions of a share of people's acts but those that were taken back, in any order."""
        flag, earlier = decisions.alias("flag"), decisions.alias("earlier")
        last_flag = sa.select(sa.func.max(earlier.c.number)).where(
            earlier.c.comment_id == decisions.c.comment_id,
            earlier.c.number < decisions.c.number,
            earlier.c.revision == decisions.c.revision,
            earlier.c.action == Action.FLAG.value,
            earlier.c.undoes.is_(None),
        )
        columns = (
            _ACT.label("act"),
            *(decisions.c[name] for name in ("created_at", "action", "from_status", "reasons")),
            *(flag.c[name].label(f"flag_{name}") for name in ("created_at", "actor", "reasons")),
            comments.c.language,
        )
        joined = decisions.join(comments, comments.c.id == decisions.c.comment_id).outerjoin(
            flag, sa.and_(flag.c.comment_id == decisions.c.comment_id, flag.c.number == last_flag.scalar_subquery())
        )
        undoing = decisions.alias("undoing")
        stands = ~sa.exists().where(undoing.c.undoes == decisions.c.id)
        query = self._people(since, sa.select(*columns).select_from(joined)).where(stands)
        return [_taken(row) for row in self.run(query.where(self._sampled(_ACT, share)))]

    def flags(self, since: datetime, share: float) -> list[Flag]:
        """A share of the comments that came in since a time and are flagged, or were until a person decided; in any order."""
        first = first_id(since)
        now = self.mine(sa.select(comments.c.id), comments).where(
            _FLAGGED, comments.c.id >= first, self._sampled(comments.c.id, share)
        )
        before = self._people(since, sa.select(decisions.c.comment_id)).where(
            decisions.c.from_status == Status.FLAGGED.value,
            decisions.c.comment_id >= first,
            self._sampled(decisions.c.comment_id, share),
        )
        found = now.union(before).cte("found")
        flag, earlier = decisions.alias("flag"), decisions.alias("earlier")
        last = sa.select(sa.func.max(earlier.c.number)).where(
            earlier.c.comment_id == found.c.id,
            earlier.c.action == Action.FLAG.value,
            earlier.c.actor == Actor.POLICY.value,
        )
        joined = found.join(comments, comments.c.id == found.c.id).outerjoin(
            flag, sa.and_(flag.c.comment_id == found.c.id, flag.c.number == last.scalar_subquery())
        )
        query = self.mine(sa.select(comments.c.id, comments.c.thread_id, flag.c.reasons).select_from(joined), comments)
        return [
            Flag(
                made_at(row.id),
                row.thread_id,
                tuple(dict.fromkeys((str(one["code"]), one.get("attribute")) for one in row.reasons or ())),
            )
            for row in self.run(query)
        ]

    def threads_of(self, ids: Sequence[str]) -> dict[str, ThreadRow]:
        """Threads by their ids."""
        fields = [threads.c[name] for name in ThreadRow.__dataclass_fields__]
        rows = self.run(self.mine(sa.select(*fields), threads).where(threads.c.id.in_(ids))).mappings()
        return {row["id"]: ThreadRow(**row) for row in rows}

    def _people(self, since: datetime, query: sa.Select[tuple[object, ...]]) -> sa.Select[tuple[object, ...]]:
        """What people decided since a time, but undoing."""
        return self.mine(query, decisions).where(
            _BY_PEOPLE, decisions.c.created_at >= since, decisions.c.undoes.is_(None)
        )

    def _some(self, query: sa.Select[tuple[str]]) -> sa.ScalarSelect[int]:
        """How many a query finds, to COUNT_EACH."""
        return sa.select(sa.func.count()).select_from(query.limit(COUNT_EACH).subquery()).scalar_subquery()

    def _sampled(self, id: sa.ColumnElement[str], share: float) -> sa.ColumnElement[bool]:
        if share >= 1:
            return sa.true()
        text = sa.type_coerce(id, sa.String) if self.tx.sqlite else sa.cast(id, sa.String)
        start = 30 if self.tx.sqlite else 34
        return sa.func.substr(text, start, 3) < f"{round(share * _PLACES):03x}"


def share_of(n: int) -> float:
    """How large a share of n rows is looked at."""
    return 1.0 if n <= SAMPLE else max(1, round(_PLACES * SAMPLE / n)) / _PLACES


def _taken(row: sa.Row[tuple[object, ...]]) -> Taken:
    by_policy = row.flag_reasons if row.flag_actor == Actor.POLICY.value else None
    flagged = row.from_status == Status.FLAGGED.value and row.flag_created_at is not None
    return Taken(
        row.act,
        row.created_at,
        Action(row.action),
        (row.created_at - row.flag_created_at).total_seconds() if flagged else None,
        tuple((one["attribute"], one["score"]) for one in by_policy or () if flagged and one["code"] == "score"),
        row.language,
        tuple(str(one["code"]) for one in row.reasons),
    )
