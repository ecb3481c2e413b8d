"""The queue of one site: flagged comments, worst first, and who holds which.

A claim is two columns of the comment, `claimed_by` and `claimed_until`. It ends by itself, so a moderator whose machine dies
blocks nobody for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.domain.comment import Status
from service.store.rows import CommentRow, DecisionRow, comment_row, decision_row, select_comments
from service.store.scope import COUNT_TO, Scope
from service.store.tables import authors, comments, decisions, users

# written out and not bound: SQLite takes a partial index only for a constant that it sees in the statement
_FLAGGED = comments.c.status == sa.literal_column("'flagged'")
_WORST_FIRST = (comments.c.risk.desc(), comments.c.id)


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


class Queue(Scope):
    """The flagged comments of one site and the claims on them."""

    def claim_worst(self, user_id: str, until: datetime, limit: int, passed: Sequence[str] = ()) -> list[str]:
        """Claim the worst flagged comments that nobody holds, but those `passed` over; their ids, the worst first.

        Nobody else gets them: on PostgreSQL the rows are locked and locked ones skipped, on SQLite writers come one by one.
        """
        free = self.mine(sa.select(comments.c.id), comments).where(_FLAGGED, self._free(), comments.c.id.not_in(passed))
        chosen = free.order_by(*_WORST_FIRST).limit(limit).with_for_update(skip_locked=True)
        ids = list(self.run(chosen).scalars())
        self._hold(ids, user_id, until)
        return ids

    def claim(self, ids: Sequence[str], user_id: str, until: datetime) -> list[str]:
        """Claim or renew these, as far as they are flagged and nobody else holds them; the ids of those."""
        open_to_me = sa.or_(self._free(), comments.c.claimed_by == user_id)
        found = self.mine(sa.select(comments.c.id), comments).where(comments.c.id.in_(ids), _FLAGGED, open_to_me)
        held = set(self.run(found.with_for_update(skip_locked=True)).scalars())
        self._hold([id for id in ids if id in held], user_id, until)
        return [id for id in ids if id in held]

    def held_by(self, user_id: str) -> list[str]:
        """The ids of the flagged comments that this moderator holds, the worst first."""
        live = self.mine(sa.select(comments.c.id), comments).where(
            _FLAGGED, comments.c.claimed_by == user_id, comments.c.claimed_until > self.tx.now
        )
        return list(self.run(live.order_by(*_WORST_FIRST)).scalars())

    def release(self, ids: Sequence[str], user_id: str, claimed_until: datetime | None = None) -> None:
        """Give up claims; with a time, only those that were not renewed past it.

        A page that closes must not end what another page of the same moderator has claimed since.
        """
        mine = self.mine(sa.update(comments), comments).where(comments.c.id.in_(ids), comments.c.claimed_by == user_id)
        if claimed_until is not None:
            mine = mine.where(comments.c.claimed_until <= claimed_until)
        self.run(mine.values(claimed_by=None, claimed_until=None))

    def lock(self, comment_id: str, revision: int, status: Status, user_id: str) -> bool:
        """Lock a comment for a decision; false when it is no longer as this moderator saw it, or another one holds it.

        An UPDATE, for its lock: whoever decides at the same time waits here and then finds the status changed.
        """
        as_seen = self.mine(sa.update(comments), comments).where(
            comments.c.id == comment_id,
            comments.c.revision == revision,
            comments.c.status == status.value,
            sa.or_(self._free(), comments.c.claimed_by == user_id),
        )
        return self.run(as_seen.values(revision=comments.c.revision)).rowcount == 1

    def holder(self, comment_id: str) -> Holder | None:
        """Who holds this comment now."""
        query = self.mine(sa.select(users.c.id, users.c.name), comments).join(
            comments, comments.c.claimed_by == users.c.id
        )
        row = self.run(query.where(comments.c.id == comment_id, comments.c.claimed_until > self.tx.now)).first()
        return Holder(row.id, row.name) if row else None

    def of_ids(self, ids: Sequence[str]) -> list[CommentRow]:
        """Comments in the order of their ids; what is not there is left out."""
        rows = self.run(self.mine(select_comments(), comments).where(comments.c.id.in_(ids))).mappings()
        found = {row["id"]: comment_row(row) for row in rows}
        return [found[id] for id in ids if id in found]

    def worst(self, limit: int) -> list[CommentRow]:
        """The worst flagged comments, whoever holds them: for those who only look."""
        query = self.mine(select_comments(), comments).where(_FLAGGED).order_by(*_WORST_FIRST).limit(limit)
        return [comment_row(row) for row in self.run(query).mappings()]

    def search(self, words: str, limit: int) -> list[CommentRow]:
        """Flagged comments whose text or author's name has these words in it, the worst first."""
        has = sa.or_(
            comments.c.text.icontains(words, autoescape=True), authors.c.name.icontains(words, autoescape=True)
        )
        query = self.mine(select_comments(), comments).where(_FLAGGED, has).order_by(*_WORST_FIRST).limit(limit)
        return [comment_row(row) for row in self.run(query).mappings()]

    def counts(self, user_id: str) -> Counts:
        """How much waits."""
        flagged = self.mine(sa.select(comments.c.id), comments).where(_FLAGGED)
        # a claim ends with any change of status, so the few claims are looked at and not the whole queue
        others = self.mine(sa.select(comments.c.id), comments).where(
            comments.c.claimed_by.is_not(None), comments.c.claimed_by != user_id, comments.c.claimed_until > self.tx.now
        )
        return Counts(self.count(flagged), self.count(others))

    def decided_since(self, user_id: str, since: datetime) -> int:
        """How many decisions this moderator has taken."""
        query = self.mine(sa.select(sa.func.count()), decisions).where(
            decisions.c.user_id == user_id, decisions.c.created_at >= since
        )
        return int(self.run(query.where(decisions.c.undoes.is_(None))).scalar_one())

    def undoable(self, user_id: str, limit: int) -> DecisionRow | None:
        """The newest of this moderator's last decisions that is still the last word on its comment and is no undoing itself."""
        recent = self.mine(sa.select(decisions), decisions).where(
            decisions.c.user_id == user_id, decisions.c.undoes.is_(None)
        )
        latest = recent.order_by(decisions.c.id.desc()).limit(limit).subquery()
        standing = self.mine(sa.select(latest), comments).join(comments, comments.c.id == latest.c.comment_id)
        standing = standing.where(comments.c.decisions == latest.c.number, comments.c.revision == latest.c.revision)
        row = self.run(standing.order_by(latest.c.id.desc()).limit(1)).mappings().first()
        return decision_row(row) if row else None

    def names_of(self, user_ids: Sequence[str]) -> dict[str, str]:
        """The names of those who decided, by their ids."""
        rows = self.run(sa.select(users.c.id, users.c.name).where(users.c.id.in_(user_ids)))
        return {row.id: row.name for row in rows}

    def _free(self) -> sa.ColumnElement[bool]:
        return sa.or_(comments.c.claimed_until.is_(None), comments.c.claimed_until <= self.tx.now)

    def _hold(self, ids: Sequence[str], user_id: str, until: datetime) -> None:
        if ids:
            held = self.mine(sa.update(comments), comments).where(comments.c.id.in_(ids))
            self.run(held.values(claimed_by=user_id, claimed_until=until))
