"""Second looks of one site: decisions that a second moderator takes again, without knowing of the first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.domain.decision import Action
from service.store.engine import first_id, new_id
from service.store.scope import Scope
from service.store.tables import comments, decisions, second_looks


@dataclass(frozen=True)
class LookRow:
    """A second look that is claimed."""

    id: str
    comment_id: str


@dataclass(frozen=True)
class DisagreementRow:
    """Two who decided differently about one text; who they are stays unsaid."""

    id: str
    comment_id: str
    text: str
    scores: Mapping[str, float] | None
    first: Action
    second: Action
    decided_at: datetime


OPEN_FOR = timedelta(days=30)
"""How long a look waits for somebody. What nobody took then would be read through for each page, for ever."""

_OPEN = second_looks.c.decided_at.is_(None)


class SecondLooks(Scope):
    """The second looks of one site."""

    def add(self, decided: Sequence[tuple[str, int, str, Action]], user_id: str) -> None:
        """Have these decisions of a moderator taken again: comment, revision, decision and action of each."""
        rows = [
            {"id": new_id(), "comment_id": comment, "revision": revision, "decision_id": decision,
             "first_user_id": user_id, "first_action": action.value, "created_at": self.tx.now}
            for comment, revision, decision, action in decided
        ]  # fmt: skip
        self.insert(second_looks, rows)

    def claim(self, user_id: str, until: datetime, after: str | None = None) -> LookRow | None:
        """Claim the oldest one that this moderator may take, the one they hold first; with `after`, the next behind that.

        Nobody else gets it: on PostgreSQL the row is locked and locked ones are skipped, on SQLite writers come one by one.
        """
        mine = second_looks.c.second_user_id == user_id
        free = sa.or_(second_looks.c.claimed_until.is_(None), second_looks.c.claimed_until <= self.tx.now, mine)
        query = self._open_to(user_id, sa.select(second_looks.c.id, second_looks.c.comment_id)).where(free)
        order: list[sa.ColumnElement[object]] = [second_looks.c.id]
        if after is not None:
            query = query.where(second_looks.c.id > after)
        else:
            order.insert(0, sa.case((mine, 0), else_=1))
        chosen = query.order_by(*order).limit(1).with_for_update(skip_locked=True, of=second_looks)
        row = self.run(chosen).first()
        if row is None:
            return None
        held = self.mine(sa.update(second_looks), second_looks).where(second_looks.c.id == row.id)
        self.run(held.values(second_user_id=user_id, claimed_until=until))
        return LookRow(row.id, row.comment_id)

    def release(self, id: str, user_id: str) -> None:
        """Give up a claim."""
        mine = self._held(id, user_id).values(second_user_id=None, claimed_until=None)
        self.run(mine)

    def decide(self, id: str, user_id: str, action: Action) -> bool:
        """Record what this moderator would have decided; false when they don't hold it or the comment has changed since."""
        same = self._same().exists()
        done = self._held(id, user_id).where(same)
        return self.run(done.values(second_action=action.value, decided_at=self.tx.now)).rowcount == 1

    def forget_open(self, limit: int) -> int:
        """Delete up to `limit` that nobody took while they were open and nobody holds; how many there were."""
        held = sa.and_(second_looks.c.claimed_until.is_not(None), second_looks.c.claimed_until > self.tx.now)
        old = self.mine(sa.select(second_looks.c.id), second_looks).where(
            _OPEN, second_looks.c.id <= first_id(self.tx.now - OPEN_FOR), ~held
        )
        chosen = old.order_by(second_looks.c.id).limit(limit)
        gone = self.mine(sa.delete(second_looks), second_looks).where(_OPEN, second_looks.c.id.in_(chosen))
        return self.run(gone).rowcount

    def open_to(self, user_id: str) -> int:
        """How many this moderator may take, counted to COUNT_TO."""
        taken = sa.and_(second_looks.c.second_user_id != user_id, second_looks.c.claimed_until > self.tx.now)
        free = sa.or_(second_looks.c.claimed_until.is_(None), ~taken)
        return self.count(self._open_to(user_id, sa.select(second_looks.c.id)).where(free))

    def pairs(self, since: datetime) -> Counter[tuple[str, str]]:
        """How often each first and second action came together, of those looked at since a time."""
        query = self.mine(
            sa.select(second_looks.c.first_action, second_looks.c.second_action, sa.func.count().label("times")),
            second_looks,
        ).where(second_looks.c.decided_at >= since, _not_undone())
        rows = self.run(query.group_by(second_looks.c.first_action, second_looks.c.second_action))
        return Counter({(row.first_action, row.second_action): row.times for row in rows})

    def disagreements(self, before: datetime | None, limit: int) -> list[DisagreementRow]:
        """Looks at texts that still stand in which the two decided differently, the last first; those before a time."""
        columns = (
            *(second_looks.c[name] for name in ("id", "comment_id", "first_action", "second_action", "decided_at")),
            comments.c.text,
            comments.c.scores,
        )
        query = self.mine(sa.select(*columns).join(comments, _SAME), second_looks, comments).where(
            second_looks.c.second_action != second_looks.c.first_action, _not_undone()
        )
        query = query.where(second_looks.c.decided_at < before if before else second_looks.c.decided_at.is_not(None))
        rows = self.run(query.order_by(second_looks.c.decided_at.desc()).limit(limit))
        return [
            DisagreementRow(
                row.id,
                row.comment_id,
                row.text,
                row.scores,
                Action(row.first_action),
                Action(row.second_action),
                row.decided_at,
            )
            for row in rows
        ]

    def _open_to(self, user_id: str, query: sa.Select[tuple[str, ...]]) -> sa.Select[tuple[str, ...]]:
        """Those not looked at whose text still stands as decided, and about which this moderator has decided nothing."""
        own = sa.exists().where(decisions.c.comment_id == second_looks.c.comment_id, decisions.c.user_id == user_id)
        joined = self.mine(query.join(comments, _SAME), second_looks, comments)
        young = second_looks.c.id > first_id(self.tx.now - OPEN_FOR)
        return joined.where(_OPEN, young, second_looks.c.first_user_id != user_id, ~own, _not_undone())

    def _held(self, id: str, user_id: str) -> sa.Update:
        return self.mine(sa.update(second_looks), second_looks).where(
            second_looks.c.id == id, second_looks.c.second_user_id == user_id, _OPEN
        )

    def _same(self) -> sa.Select[tuple[str]]:
        return self.mine(sa.select(comments.c.id), comments).where(_SAME)


_SAME = sa.and_(comments.c.id == second_looks.c.comment_id, comments.c.revision == second_looks.c.revision)


def _not_undone() -> sa.ColumnElement[bool]:
    """What a moderator took back was no judgement."""
    return ~sa.exists().where(decisions.c.undoes == second_looks.c.decision_id)
