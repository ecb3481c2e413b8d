"""What one person has seen of a site's comments, by their decisions."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from service.store.scope import Scope
from service.store.tables import comments, decisions


class Seen(Scope):
    """Of one site."""

    def scores(self, user_id: str, since: datetime, limit: int) -> list[Mapping[str, float] | None]:
        """The scores of the comments that this person decided about since then, the last `limit`; undoing is no seeing."""
        taken = self.mine(sa.select(decisions.c.comment_id), decisions).where(
            decisions.c.user_id == user_id, decisions.c.created_at >= since, decisions.c.undoes.is_(None)
        )
        last = taken.order_by(decisions.c.created_at.desc()).limit(limit).subquery()
        found = self.mine(sa.select(comments.c.scores), comments).join(last, last.c.comment_id == comments.c.id)
        return list(self.run(found).scalars())
