"""What shows that something has changed in a site's queues, without looking at the queues."""

import sqlalchemy as sa

from service.store.scope import Scope
from service.store.tables import comments, decisions

# written out and not bound: SQLite takes a partial index only for a constant that it sees in the statement
_FLAGGED = comments.c.status == sa.literal_column("'flagged'")


class Pulse(Scope):
    """Of one site."""

    def beat(self) -> tuple[object, ...]:
        """Values of which one is another when a comment came into a queue or left it, or a person decided.

        Told apart up to COUNT_TO waiting comments in each queue; beyond that by the newest and the most urgent one.
        """
        waiting = (
            _FLAGGED,
            comments.c.reported_at.is_not(None),
            comments.c.appealed_at.is_not(None),
            comments.c.escalated_at.is_not(None),
        )
        counts = [self.count(self.mine(sa.select(comments.c.id), comments).where(which)) for which in waiting]
        return (*counts, self._newest(), self._most_urgent(), self._last_decision())

    def _newest(self) -> str | None:
        flagged = self.mine(sa.select(comments.c.id), comments).where(_FLAGGED)
        return self._first(flagged.order_by(comments.c.id.desc()))

    def _most_urgent(self) -> str | None:
        flagged = self.mine(sa.select(comments.c.id), comments).where(_FLAGGED)
        return self._first(flagged.order_by(comments.c.priority.desc(), comments.c.id))

    def _last_decision(self) -> str | None:
        by_people = self.mine(sa.select(decisions.c.id), decisions).where(decisions.c.user_id.is_not(None))
        return self._first(by_people.order_by(decisions.c.created_at.desc(), decisions.c.id.desc()))

    def _first(self, query: sa.Select[tuple[str]]) -> str | None:
        return self.run(query.limit(1)).scalar()
