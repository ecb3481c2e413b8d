"""Writing decisions down: the decision, the comment's new status, the author's counts and the delivery, in few statements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.store.comments import COUNTED
from service.store.engine import new_id
from service.store.rows import CommentRow
from service.store.scope import Scope
from service.store.tables import authors, comments, decisions, deliveries


@dataclass(frozen=True)
class Entry:
    """One decision to be written down; `comment` as it was read in this transaction."""

    id: str
    comment: CommentRow
    action: Action
    actor: Actor
    reasons: tuple[Reason, ...]
    user_id: str | None
    note: str | None
    undoes: str | None
    policy_version: int | None
    scores: Scores | None
    risk: float

    @property
    def number(self) -> int:
        """Its place among the decisions about the comment, from 1."""
        return self.comment.decisions + 1


@dataclass(frozen=True)
class Message:
    """What a site is to hear of a decision."""

    entry: Entry
    event: str
    body: str


class Ledger(Scope):
    """The decisions of one site, for writing."""

    def write(self, entries: Sequence[Entry]) -> None:
        """Add decisions and let the comments stand as they say. Each comment at most once."""
        self.insert(decisions, [self._decision(entry) for entry in entries])
        self._update_comments(entries)
        self._count_for_authors(entries)

    def post(self, messages: Sequence[Message], stopped: str | None) -> None:
        """Add deliveries: waiting, or dead when the callback is `stopped`, which says why."""
        status = (
            {"status": "waiting", "last_answer": None}
            if stopped is None
            else {"status": "dead", "last_answer": stopped}
        )
        rows = [
            {
                "id": new_id(),
                "comment_id": message.entry.comment.id,
                "number": message.entry.number,
                "event": message.event,
                "body": message.body,
                "next_attempt_at": self.tx.now,
                "created_at": self.tx.now,
                **status,
            }
            for message in messages
        ]
        self.insert(deliveries, rows)

    def _decision(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "comment_id": entry.comment.id,
            "number": entry.number,
            "revision": entry.comment.revision,
            "actor": entry.actor.value,
            "user_id": entry.user_id,
            "action": entry.action.value,
            "from_status": entry.comment.status.value,
            "reasons": [reason.to_json() for reason in entry.reasons],
            "note": entry.note,
            "undoes": entry.undoes,
            "model_version": entry.scores.model_version if entry.scores else entry.comment.model_version,
            "policy_version": entry.policy_version,
            "created_at": self.tx.now,
        }

    def _update_comments(self, entries: Sequence[Entry]) -> None:
        decided: dict[str, Any] = {"status": sa.bindparam("to_status"), "decisions": sa.bindparam("to_decisions")}
        released = dict.fromkeys(("lease", "leased_until", "claimed_by", "claimed_until"))
        scored: dict[str, Any] = {
            name: sa.bindparam(f"to_{name}") for name in ("scores", "language", "model_version", "risk")
        }
        one = self.mine(sa.update(comments), comments).where(comments.c.id == sa.bindparam("comment_id"))
        for with_scores in (True, False):
            rows = [_comment(entry) for entry in entries if (entry.scores is not None) is with_scores]
            if rows:
                self.run(one.values({**decided, **released, **(scored if with_scores else {})}), rows)

    def _count_for_authors(self, entries: Sequence[Entry]) -> None:
        """Move each author's counts; in the order of ids, so that two transactions never wait for each other in a circle."""
        changes: dict[str, Counter[str]] = {}
        for entry in entries:
            counts = changes.setdefault(entry.comment.author.id, Counter())
            for status, step in ((entry.comment.status, -1), (entry.action.status, 1)):
                if status in COUNTED:
                    counts[COUNTED[status]] += step
        rows = [
            {"author": id, "more_approved": counts["approved"], "more_rejected": counts["rejected"]}
            for id, counts in sorted(changes.items())
            if any(counts.values())
        ]
        if rows:
            more = {name: authors.c[name] + sa.bindparam(f"more_{name}") for name in ("approved", "rejected")}
            self.run(
                self.mine(sa.update(authors), authors).where(authors.c.id == sa.bindparam("author")).values(more), rows
            )


def _comment(entry: Entry) -> Mapping[str, Any]:
    row: dict[str, Any] = {
        "comment_id": entry.comment.id,
        "to_status": entry.action.status.value,
        "to_decisions": entry.number,
    }
    if entry.scores is not None:
        row |= {
            "to_scores": dict(entry.scores.by_attribute),
            "to_language": entry.scores.language,
            "to_model_version": entry.scores.model_version,
            "to_risk": entry.risk,
        }
    return row
