"""What a moderator does to one comment or to many at once, and the way back."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.view import View
from service.store import bulk
from service.store.engine import Transaction
from service.store.rows import CommentRow, DecisionRow, comment_row, decision_row, select_comments
from service.store.scope import COUNT_TO, Scope
from service.store.tables import comments, decisions
from service.store.viewed import of_view
from service.store.words import FLAGGED

SHOWN = (Status.FLAGGED, Status.APPROVED)
"""Where readers see a comment, or may yet see it."""


class Acts(Scope):
    """The comments of one site as a moderator acts on them, and what that moderator did before."""

    def __init__(self, tx: Transaction, site_id: str, user_id: str) -> None:
        super().__init__(tx, site_id)
        self.user_id = user_id

    def lock(self, ids: Collection[str]) -> list[CommentRow]:
        """Lock comments for a decision; as they stand now, in the order of ids, without those that another moderator holds.

        In that order, so that two moderators' transactions never wait for each other in a circle. Whoever decides at the same
        time waits here, and then finds the status changed.
        """
        query = self.mine(select_comments(), comments).where(
            bulk.among(self.tx, comments.c.id, sorted(ids)), self._free()
        )
        rows = self.run(query.order_by(comments.c.id).with_for_update(of=comments, key_share=True)).mappings()
        return [comment_row(row) for row in rows]

    def alike(self, ids: Collection[str], limit: int) -> list[str]:
        """Up to `limit` other flagged comments near-identical to the flagged ones among these that nobody else holds.

        Those that were passed on to a lead only when one of these was, too.
        """
        given = self.mine(sa.select(comments.c.likeness, comments.c.escalated_at), comments).where(
            bulk.among(self.tx, comments.c.id, sorted(ids)), FLAGGED, comments.c.likeness.is_not(None)
        )
        rows = self.run(given).all()
        if not rows:
            return []
        passed_on = {row.likeness for row in rows if row.escalated_at is not None}
        found = self._of_kinds({row.likeness for row in rows}, passed_on).limit(limit + len(ids))
        return [id for id in self.run(found).scalars() if id not in ids][:limit]

    def still_in(self, view: View, ids: Collection[str]) -> set[str]:
        """Which of these comments the view shows now."""
        shown = of_view(self, view).where(bulk.among(self.tx, comments.c.id, sorted(ids)))
        return set(self.run(shown).scalars())

    def of_author(self, author_id: str, *, as_lead: bool) -> list[str]:
        """The newest COUNT_TO comments of an author that readers see or may yet see; only `as_lead` what waits for a lead."""
        shown = comments.c.status.in_([status.value for status in SHOWN])
        query = self.mine(sa.select(comments.c.id), comments).where(comments.c.author_id == author_id, shown)
        if not as_lead:
            query = query.where(comments.c.escalated_at.is_(None), comments.c.appealed_at.is_(None))
        return list(self.run(query.order_by(comments.c.id.desc()).limit(COUNT_TO)).scalars())

    def pass_on(self, ids: Sequence[str]) -> None:
        """Let flagged comments wait for a lead; nobody holds them any more."""
        since = sa.func.coalesce(comments.c.escalated_at, sa.bindparam(None, self.tx.now, comments.c.escalated_at.type))
        chosen = self.mine(sa.update(comments), comments).where(bulk.among(self.tx, comments.c.id, ids))
        self.run(chosen.values(escalated_at=since, claimed_by=None, claimed_until=None))

    def last(self, depth: int) -> list[DecisionRow]:
        """Of this moderator's last `depth` acts, the newest of which something still stands: its decisions that do.

        A decision stands while it is the last word on its comment. An undoing is no act.
        """
        mine = self.mine(sa.select(decisions), decisions).where(
            decisions.c.user_id == self.user_id, decisions.c.undoes.is_(None)
        )
        before = mine
        for _ in range(depth):
            newest = self.run(before.order_by(decisions.c.id.desc()).limit(1)).mappings().first()
            if newest is None:
                break
            act = decision_row(newest)
            begin = act.act_id or act.id
            # an act's id is made before those of its decisions, so that they stand together in the index of this moderator's
            of_act = mine.where(decisions.c.id.between(begin, act.id))
            if act.act_id is not None:
                of_act = of_act.where(decisions.c.act_id == act.act_id)
            standing = self.mine(of_act, comments).where(
                comments.c.id == decisions.c.comment_id,
                comments.c.decisions == decisions.c.number,
                comments.c.revision == decisions.c.revision,
            )
            if rows := self.run(standing).mappings().all():
                return [decision_row(row) for row in rows]
            before = mine.where(decisions.c.id < begin)
        return []

    def _of_kinds(self, likenesses: Collection[int], passed_on: Collection[int]) -> sa.Select[tuple[str]]:
        open_here = sa.or_(comments.c.escalated_at.is_(None), comments.c.likeness.in_(passed_on))
        return self.mine(sa.select(comments.c.id), comments).where(
            FLAGGED, comments.c.likeness.in_(likenesses), self._free(), open_here
        )

    def _free(self) -> sa.ColumnElement[bool]:
        until = comments.c.claimed_until
        return sa.or_(until.is_(None), until <= self.tx.now, comments.c.claimed_by == self.user_id)
