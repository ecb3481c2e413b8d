"""A small history written by hand: comments that came, were flagged and decided at times of one's choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from uuid import uuid4

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import Action, Actor, Reason
from service.store import Store
from service.store.engine import first_id
from service.store.tables import authors, comments, decisions, threads

numbers = count(1)


def id_at(at: datetime) -> str:
    """A UUIDv7 of a time."""
    return first_id(at)[:15] + str(uuid4())[15:]


@dataclass
class History:
    """Of one site."""

    store: Store
    site_id: str
    author: str = field(default="")
    threads: dict[str, str] = field(default_factory=dict)

    def came(
        self, at: datetime, status: Status = Status.APPROVED, *, thread: str | None = None, language: str = "id"
    ) -> str:
        """A comment."""
        with self.store.begin() as tx:
            run = tx.connection.execute
            if not self.author:
                self.author = id_at(at)
                row = {"id": self.author, "site_id": self.site_id, "site_author_id": "u", "name": "Sari"}
                run(sa.insert(authors), {**row, "first_seen_at": at})
            if thread is not None and thread not in self.threads:
                self.threads[thread] = id_at(at)
                row = {"id": self.threads[thread], "site_id": self.site_id, "site_thread_id": thread, "title": thread}
                run(sa.insert(threads), row)
            comment = id_at(at)
            row = {
                "id": comment, "site_id": self.site_id, "site_comment_id": f"h{next(numbers)}", "author_id": self.author,
                "thread_id": self.threads.get(thread or ""), "text": "halo", "created_at": at, "received_at": at,
                "metadata": {}, "status": status.value, "language": language,
            }  # fmt: skip
            run(sa.insert(comments), row)
        return comment

    def flagged(self, at: datetime, scores: Mapping[str, float] | None = None, *, code: str = "", **fields: str) -> str:
        """A comment that the policy flagged at once, for these scores or for a reason of its own."""
        comment = self.came(at, Status.FLAGGED, **fields)
        reasons = [Reason("score", Action.FLAG, name, score, 0.2) for name, score in (scores or {}).items()]
        if code:
            reasons.append(Reason(code, Action.FLAG))
        self.decided(comment, at, None, Action.FLAG, reasons, before=Status.PENDING)
        return comment

    def decided(
        self,
        comment: str,
        at: datetime,
        user_id: str | None,
        action: Action,
        reasons: list[Reason] | None = None,
        *,
        before: Status = Status.FLAGGED,
        undoes: str | None = None,
        act: str | None = None,
    ) -> str:
        """A decision, by a person or (None) the policy."""
        decision = id_at(at)
        with self.store.begin() as tx:
            run = tx.connection.execute
            mine = comments.c.id == comment
            run(sa.update(comments).where(mine).values(decisions=comments.c.decisions + 1, status=action.status.value))
            number = run(sa.select(comments.c.decisions).where(mine)).scalar_one()
            row = {
                "id": decision, "site_id": self.site_id, "comment_id": comment, "number": number, "revision": 1,
                "actor": (Actor.MODERATOR if user_id else Actor.POLICY).value, "user_id": user_id, "action": action.value,
                "from_status": before.value, "reasons": [reason.to_json() for reason in reasons or ()],
                "undoes": undoes, "act_id": act, "created_at": at,
            }  # fmt: skip
            run(sa.insert(decisions), row)
        return decision
