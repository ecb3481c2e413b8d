"""Decisions: only ever added."""

from collections.abc import Sequence

import sqlalchemy as sa

from service.store.rows import DecisionRow, decision_row
from service.store.scope import Scope
from service.store.tables import decisions


class Decisions(Scope):
    """The decisions of one site."""

    def get(self, id: str) -> DecisionRow | None:
        """The decision, or None."""
        row = self.run(self.mine(sa.select(decisions), decisions).where(decisions.c.id == id)).mappings().first()
        return decision_row(row) if row else None

    def of_comment(self, comment_id: str) -> list[DecisionRow]:
        """All decisions about a comment, the first first."""
        query = (
            self.mine(sa.select(decisions), decisions)
            .where(decisions.c.comment_id == comment_id)
            .order_by(decisions.c.number)
        )
        return [decision_row(row) for row in self.run(query).mappings()]

    def latest(self, comment_ids: Sequence[str]) -> dict[str, DecisionRow]:
        """The last decision about each comment that has one."""
        query = self.mine(sa.select(decisions), decisions).where(decisions.c.comment_id.in_(comment_ids))
        rows = self.run(query.order_by(decisions.c.number)).mappings()
        return {row["comment_id"]: decision_row(row) for row in rows}
