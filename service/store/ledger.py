"""Writing decisions down: the decision, the comment's new status, the author's counts and the delivery, in few statements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.store.comments import COUNTED
from service.store.engine import new_id
from service.store.rows import Standing
from service.store.scope import Scope
from service.store.tables import authors, comments, decisions, deliveries


@dataclass(slots=True)
class Ruling:
    """A decision about a comment, as somebody made it; `comment` as it was read for that."""

    comment: Standing
    action: Action
    actor: Actor
    reasons: tuple[Reason, ...] = ()
    user_id: str | None = None
    note: str | None = None
    undoes: str | None = None
    policy_version: int | None = None
    scores: Scores | None = None
    risk: float = 0.0
    id: str = field(default_factory=new_id)

    @property
    def number(self) -> int:
        """Its place among the decisions about the comment, from 1."""
        return self.comment.decisions + 1

    @property
    def model_version(self) -> str | None:
        """The model whose scores it rests on."""
        return self.scores.model_version if self.scores else self.comment.model_version


@dataclass(slots=True)
class Message:
    """What a site is to hear of a decision."""

    ruling: Ruling
    event: str
    body: str


class Ledger(Scope):
    """The decisions of one site, for writing."""

    def write(self, rulings: Sequence[Ruling]) -> list[Ruling]:
        """Add decisions and let the comments stand as they say; those that were written. Each comment at most once.

        A comment that was edited, decided or erased since it was read stays as it is, and its ruling is not written: whoever
        did that was first. Two who rule on the same comments at the same time wait for each other here.
        """
        moved = {id for scored in (True, False) for id in self._move(rulings, scored=scored)}
        written = [ruling for ruling in rulings if ruling.comment.id in moved]
        if written:
            self._add_decisions(written)
            self._count_for_authors(written)
        return written

    def post(self, messages: Sequence[Message], stopped: str | None) -> None:
        """Add deliveries: waiting, or dead when the callback is `stopped`, which says why."""
        columns = {
            "id": [new_id() for _ in messages],
            "comment_id": [message.ruling.comment.id for message in messages],
            "number": [message.ruling.number for message in messages],
            "event": [message.event for message in messages],
            "body": [message.body for message in messages],
            "next_attempt_at": self.tx.now,
            "created_at": self.tx.now,
            "status": "waiting" if stopped is None else "dead",
            "last_answer": stopped,
        }
        self.insert_columns(deliveries, columns)

    def _add_decisions(self, rulings: Sequence[Ruling]) -> None:
        columns = {
            "id": [ruling.id for ruling in rulings],
            "comment_id": [ruling.comment.id for ruling in rulings],
            "number": [ruling.number for ruling in rulings],
            "revision": [ruling.comment.revision for ruling in rulings],
            "actor": [ruling.actor.value for ruling in rulings],
            "user_id": [ruling.user_id for ruling in rulings],
            "action": [ruling.action.value for ruling in rulings],
            "from_status": [ruling.comment.status.value for ruling in rulings],
            "reasons": [[reason.to_json() for reason in ruling.reasons] for ruling in rulings],
            "note": [ruling.note for ruling in rulings],
            "undoes": [ruling.undoes for ruling in rulings],
            "model_version": [ruling.model_version for ruling in rulings],
            "policy_version": [ruling.policy_version for ruling in rulings],
            "created_at": self.tx.now,
        }
        self.insert_columns(decisions, columns)

    def _move(self, rulings: Sequence[Ruling], *, scored: bool) -> list[str]:
        """Let those comments stand as they were ruled that still stand as they were read; their ids."""
        some = [ruling for ruling in rulings if (ruling.scores is not None) is scored]
        if not some:
            return []
        # in the order of ids, as those who lock comments one by one, so that no two transactions wait for each other in a circle
        some.sort(key=lambda ruling: ruling.comment.id)
        columns = {
            "id": [ruling.comment.id for ruling in some],
            "status": [ruling.action.status.value for ruling in some],
            "decisions": [ruling.number for ruling in some],
            **dict.fromkeys(("lease", "leased_until", "claimed_by", "claimed_until")),
            **(_scores(some) if scored else {}),
        }
        was = {
            "status": [ruling.comment.status.value for ruling in some],
            "revision": [ruling.comment.revision for ruling in some],
            "decisions": [ruling.comment.decisions for ruling in some],
        }
        return self.move_columns(comments, columns, was)

    def _count_for_authors(self, rulings: Sequence[Ruling]) -> None:
        """Move each author's counts; in the order of ids, as everywhere."""
        changes: dict[str, Counter[str]] = {}
        for ruling in rulings:
            counts = changes.setdefault(ruling.comment.author_id, Counter())
            for status, step in ((ruling.comment.status, -1), (ruling.action.status, 1)):
                if status in COUNTED:
                    counts[COUNTED[status]] += step
        moved = sorted(id for id, counts in changes.items() if any(counts.values()))
        if moved:
            columns = {name: [changes[id][name] for id in moved] for name in COUNTED.values()}
            self.update_columns(authors, {"id": moved, **columns}, add=tuple(COUNTED.values()))


def _scores(rulings: Sequence[Ruling]) -> dict[str, list[object]]:
    scores = [ruling.scores for ruling in rulings if ruling.scores is not None]
    return {
        "scores": [dict(one.by_attribute) for one in scores],
        "language": [one.language for one in scores],
        "model_version": [one.model_version for one in scores],
        "risk": [ruling.risk for ruling in rulings],
    }
