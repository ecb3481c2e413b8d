"""Readers' reports."""

import sqlalchemy as sa

from service.store.engine import new_id
from service.store.scope import Scope
from service.store.tables import comments, reports


class Reports(Scope):
    """The reports of one site."""

    def report(self, comment_id: str, reporter: str, reason: str, note: str | None) -> bool:
        """Add a report; false when this reporter has reported the comment before."""
        row = {"comment_id": comment_id, "reporter": reporter, "reason": reason, "note": note}
        added = self.insert_new(reports, [{**row, "id": new_id(), "created_at": self.tx.now}], reports.c.id)
        if added:
            one_more = self.mine(sa.update(comments), comments).where(comments.c.id == comment_id)
            self.run(one_more.values(reports=comments.c.reports + 1))
        return bool(added)

    def of_comment(self, comment_id: str) -> list[sa.RowMapping]:
        """The reports of a comment, the first first."""
        query = self.mine(sa.select(reports), reports).where(reports.c.comment_id == comment_id).order_by(reports.c.id)
        return list(self.run(query).mappings())
