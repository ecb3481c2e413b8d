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
            # what is pending the policy looks at with its reports, and what is rejected nobody sees
            waits = sa.and_(comments.c.reported_at.is_(None), comments.c.status.in_(("approved", "flagged")))
            since = sa.case(
                (waits, sa.bindparam(None, self.tx.now, comments.c.reported_at.type)), else_=comments.c.reported_at
            )
            self.run(one_more.values(reports=comments.c.reports + 1, reported_at=since))
        return bool(added)

    def of_comment(self, comment_id: str) -> list[sa.RowMapping]:
        """The reports of a comment, the first first."""
        query = self.mine(sa.select(reports), reports).where(reports.c.comment_id == comment_id).order_by(reports.c.id)
        return list(self.run(query).mappings())
