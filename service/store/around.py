"""What stands around comments: for people who judge them, and need to see more than their text.

The number of statements is the same for one comment and for many, and each row is found by an index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from service.domain.comment import Status
from service.store import bulk
from service.store.rows import CommentRow, DecisionRow, decision_row
from service.store.scope import Scope
from service.store.tables import appeals, authors, comments, decisions, notes, reports, users

LAST = 5
"""Other comments of an author."""

GLIMPSED = 600
"""Characters of a comment that stands beside another."""


@dataclass(frozen=True)
class Glimpse:
    """As much of a comment as one sees of it beside another: the beginning of its text."""

    id: str
    status: Status
    text: str
    created_at: datetime
    author_id: str
    author_name: str
    scores: Mapping[str, float] | None


@dataclass(frozen=True)
class Remark:
    """What somebody said of a comment: a colleague's note, a reader's report (`by` is then the reason), an author's appeal."""

    by: str | None
    text: str | None
    at: datetime


@dataclass(frozen=True)
class Surroundings:
    """What stands around one comment.

    before, after: its neighbours in the thread. written: the author's last, but this one. names: of those who decided. reports,
    notes: the newest ones, the first first. appeal: the one that waits.
    """

    parent: Glimpse | None
    before: Glimpse | None
    after: Glimpse | None
    written: tuple[Glimpse, ...]
    decisions: tuple[DecisionRow, ...]
    names: Mapping[str, str]
    reports: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    appeal: Remark | None


NOTHING = Surroundings(None, None, None, (), (), {}, (), (), None)


class Around(Scope):
    """What stands around comments of one site."""

    def of(self, about: Sequence[CommentRow], remarks: int) -> dict[str, Surroundings]:
        """The surroundings of each comment by its id, with so many reports and notes; each is of this site."""
        if not about:
            return {}
        ids = [comment.id for comment in about]
        places, parents = self._places(ids), self.parents(about)
        near: set[str] = {id for place in places.values() for id in tuple(place)[1:-1] if id}
        glimpses = self.glimpses(near.union(parents.values()))
        decided = self._decisions(ids)
        reported = self._reports([comment.id for comment in about if comment.reports], remarks)
        noted = self._notes([row.id for row in places.values() if row.noted], remarks)
        appealed = self._appeals([comment.id for comment in about if comment.appealed_at])
        # one that was erased since it was read has nothing around it
        found = dict.fromkeys(ids, NOTHING)
        for comment in about:
            id, place, ruled = comment.id, places.get(comment.id), decided.get(comment.id, [])
            if place is None:
                continue
            written = [glimpses[other] for other in place[_FIRST_WRITTEN:-1] if other in glimpses and other != id]
            found[id] = Surroundings(
                parent=glimpses.get(parents.get(comment.site_parent_id or "", "")),
                before=glimpses.get(place.before),
                after=glimpses.get(place.after),
                written=tuple(written[:LAST]),
                decisions=tuple(decision for decision, _name in ruled),
                names={decision.user_id: name for decision, name in ruled if decision.user_id and name},
                reports=reported.get(id, ()),
                notes=noted.get(id, ()),
                appeal=next(iter(appealed.get(id, ())), None),
            )
        return found

    def parents(self, replies: Sequence[CommentRow]) -> dict[str, str]:
        """The ids of what these comments reply to, by the ids that the site gave it."""
        wanted = list({comment.site_parent_id for comment in replies if comment.site_parent_id})
        found = self.look_up(comments, "site_comment_id", wanted, ()) if wanted else {}
        return {key: row[0] for key, row in found.items()}

    def glimpses(self, ids: Iterable[str]) -> dict[str, Glimpse]:
        """The comments of these ids that are of this site."""
        wanted = list(ids)
        if not wanted:
            return {}
        query = self.mine(_GLIMPSE, comments).where(bulk.among(self.tx, comments.c.id, wanted))
        return {row.id: glimpse(row) for row in self.run(query)}

    def _places(self, ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
        """By each comment's id the ids of its neighbours and its author's last; and whether it has notes."""
        query = self.mine(_PLACES, comments).where(bulk.among(self.tx, comments.c.id, ids))
        return {row.id: row for row in self.run(query)}

    def _decisions(self, ids: Sequence[str]) -> dict[str, list[tuple[DecisionRow, str]]]:
        """All decisions about each comment with the names of those who took them, the first first."""
        query = self.mine(_DECISIONS, decisions).where(bulk.among(self.tx, decisions.c.comment_id, ids))
        rows = self.run(query.order_by(decisions.c.comment_id, decisions.c.number)).mappings()
        return {
            id: [(decision_row(row), row["user_name"]) for row in same]
            for id, same in groupby(rows, key=itemgetter("comment_id"))
        }

    def _reports(self, ids: Sequence[str], limit: int) -> dict[str, tuple[Remark, ...]]:
        return self._newest(reports, sa.select(reports.c.reason.label("by"), reports.c.note.label("text")), ids, limit)

    def _notes(self, ids: Sequence[str], limit: int) -> dict[str, tuple[Remark, ...]]:
        written = sa.select(users.c.name.label("by"), notes.c.text).join(users, users.c.id == notes.c.user_id)
        return self._newest(notes, written, ids, limit)

    def _appeals(self, ids: Sequence[str]) -> dict[str, tuple[Remark, ...]]:
        waiting = sa.select(sa.null().label("by"), appeals.c.text).where(appeals.c.decided_at.is_(None))
        return self._newest(appeals, waiting, ids, 1)

    def _newest(
        self, table: sa.Table, query: sa.Select[Any], ids: Sequence[str], limit: int
    ) -> dict[str, tuple[Remark, ...]]:
        """The newest remarks on each comment, the first first."""
        if not ids:
            return {}
        place = sa.func.row_number().over(partition_by=table.c.comment_id, order_by=table.c.id.desc()).label("place")
        of_these = self.mine(query, table).where(bulk.among(self.tx, table.c.comment_id, ids))
        numbered = of_these.add_columns(table.c.comment_id, table.c.created_at, table.c.id, place).subquery()
        newest = sa.select(numbered).where(numbered.c.place <= limit).order_by(numbered.c.comment_id, numbered.c.id)
        return {
            id: tuple(Remark(row.by, row.text, row.created_at) for row in same)
            for id, same in groupby(self.run(newest), key=lambda row: row.comment_id)
        }


def glimpse(row: sa.Row[Any]) -> Glimpse:
    """A row of `_GLIMPSE`."""
    return Glimpse(row.id, Status(row.status), row.text, row.created_at, row.author_id, row.author_name, row.scores)


_other = comments.alias("other")


def _beside(*where: sa.ColumnElement[bool], order: sa.ColumnElement[Any], offset: int = 0) -> sa.ScalarSelect[str]:
    """The id of one comment, found from another.

    Not narrowed to the site again where a thread or an author is named, which are of one site: with the site in it a database
    without figures may take an index that begins with the site, and read all of it. `glimpses` narrows what is found here.
    """
    return sa.select(_other.c.id).where(*where).order_by(order).limit(1).offset(offset).scalar_subquery()


_in_thread = _other.c.thread_id == comments.c.thread_id
_by_author = _other.c.author_id == comments.c.author_id
_FIRST_WRITTEN = 3
# one column for each: SQLite has no LATERAL, and a window over all that an author wrote would read all of it
_PLACES = sa.select(
    comments.c.id,
    _beside(_in_thread, _other.c.id < comments.c.id, order=_other.c.id.desc()).label("before"),
    _beside(_in_thread, _other.c.id > comments.c.id, order=_other.c.id).label("after"),
    *(_beside(_by_author, order=_other.c.id.desc(), offset=place).label(f"last_{place}") for place in range(LAST + 1)),
    sa.exists().where(notes.c.comment_id == comments.c.id).label("noted"),
)
_DECISIONS = sa.select(decisions, users.c.name.label("user_name")).outerjoin(users, users.c.id == decisions.c.user_id)
_GLIMPSE = sa.select(
    comments.c.id,
    comments.c.status,
    sa.func.substr(comments.c.text, 1, GLIMPSED).label("text"),
    comments.c.created_at,
    comments.c.author_id,
    authors.c.name.label("author_name"),
    comments.c.scores,
).join(authors, authors.c.id == comments.c.author_id)
