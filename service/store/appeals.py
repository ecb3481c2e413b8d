"""Authors' appeals against a rejection: one is open until a person decides about the comment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.store.engine import new_id
from service.store.scope import Scope
from service.store.tables import appeals, comments


@dataclass(frozen=True)
class AppealRow:
    """An appeal and how it ended: `decision_id` is None while it is open, and when an edit of the comment ended it."""

    id: str
    comment_id: str
    text: str
    created_at: datetime
    decision_id: str | None
    decided_at: datetime | None


class Appeals(Scope):
    """The appeals of one site."""

    def add(self, comment_id: str, text: str) -> AppealRow:
        """Add an appeal; the comment waits for a person from now on."""
        appeal = AppealRow(new_id(), comment_id, text, self.tx.now, None, None)
        self.insert(appeals, [vars(appeal)])
        waits = self.mine(sa.update(comments), comments).where(comments.c.id == comment_id)
        self.run(waits.values(appealed_at=self.tx.now))
        return appeal

    def of_comment(self, comment_id: str) -> list[AppealRow]:
        """All appeals about a comment, the first first."""
        query = self.mine(sa.select(*_COLUMNS), appeals).where(appeals.c.comment_id == comment_id)
        return [AppealRow(*row) for row in self.run(query.order_by(appeals.c.id))]

    def end(self, decided: Mapping[str, str | None]) -> None:
        """End the open appeals about these comments: the decision that did it, by the comment's id."""
        for comment_id, decision_id in decided.items():
            open_ones = self.mine(sa.update(appeals), appeals).where(
                appeals.c.comment_id == comment_id, appeals.c.decided_at.is_(None)
            )
            self.run(open_ones.values(decision_id=decision_id, decided_at=self.tx.now))

    def reopen(self, undone: Mapping[str, str]) -> None:
        """Open again what these decisions had ended, each by its comment's id."""
        for comment_id, decision_id in undone.items():
            ended = self.mine(sa.update(appeals), appeals).where(
                appeals.c.comment_id == comment_id, appeals.c.decision_id == decision_id
            )
            self.run(ended.values(decision_id=None, decided_at=None))


_COLUMNS = tuple(appeals.c[name] for name in AppealRow.__dataclass_fields__)
