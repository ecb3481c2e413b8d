"""Writing decisions down: the decision, the comment's new status, the author's counts and the delivery, in few statements."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.domain.policy import priority
from service.store.appeals import Appeals
from service.store.comments import COUNTED
from service.store.engine import made_at, new_id
from service.store.rows import NOTHING_WAITS, CommentRow, Standing, Waits, waits_json
from service.store.scope import Scope
from service.store.tables import authors, comments, decisions, deliveries


@dataclass(slots=True)
class Ruling:
    """A decision about a comment, as somebody made it; `comment` as it was read for that.

    likeness: of one that the policy flags. leaves: what goes on waiting for a person after a person's decision.
    """

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
    likeness: int | None = None
    act_id: str | None = None
    leaves: Waits = NOTHING_WAITS
    id: str = field(default_factory=new_id)

    @property
    def number(self) -> int:
        """Its place among the decisions about the comment, from 1."""
        return self.comment.decisions + 1

    @property
    def model_version(self) -> str | None:
        """The model whose scores it rests on."""
        return self.scores.model_version if self.scores else self.comment.model_version

    @property
    def ends(self) -> Waits:
        """What waits for a person no more, since one has decided."""
        if self.undoes is not None or not isinstance(self.comment, CommentRow):
            return NOTHING_WAITS
        return self.comment.waits


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
        scored = [ruling for ruling in rulings if ruling.scores is not None]
        others = [ruling for ruling in rulings if ruling.scores is None]
        by_people = [ruling for ruling in others if ruling.actor is not Actor.POLICY]
        for_reports = [ruling for ruling in others if ruling.actor is Actor.POLICY]
        moved = {*self._move(scored, _scores), *self._move(by_people, _waits), *self._move(for_reports, _nothing_more)}
        written = [ruling for ruling in rulings if ruling.comment.id in moved]
        if written:
            self._add_decisions(written)
            self._end_appeals([ruling for ruling in by_people if ruling.comment.id in moved])
            self._count_for_authors(written)
        return written

    def refresh(self, rulings: Sequence[Ruling]) -> None:
        """Give comments other scores that stand as they were ruled again, and still as they were read; nothing else changes."""
        some = sorted(rulings, key=lambda ruling: ruling.comment.id)
        if some:
            scores = {name: value for name, value in _scores(some).items() if name != "likeness"}
            columns = {"id": [ruling.comment.id for ruling in some], **scores}
            self.move_columns(comments, columns, _was(some))

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
            "act_id": [ruling.act_id for ruling in rulings],
            "ended": [waits_json(ruling.ends) if ruling.user_id else None for ruling in rulings],
            "model_version": [ruling.model_version for ruling in rulings],
            "policy_version": [ruling.policy_version for ruling in rulings],
            "created_at": self.tx.now,
        }
        self.insert_columns(decisions, columns)

    def _move(self, some: list[Ruling], more: Callable[[Sequence[Ruling]], Mapping[str, object]]) -> list[str]:
        """Let those comments stand as they were ruled that still stand as they were read, and set `more`; their ids."""
        if not some:
            return []
        # in the order of ids, as all who lock comments, so that no two transactions wait for each other in a circle
        some.sort(key=lambda ruling: ruling.comment.id)
        columns = {
            "id": [ruling.comment.id for ruling in some],
            "status": [ruling.action.status.value for ruling in some],
            "decisions": [ruling.number for ruling in some],
            **dict.fromkeys(("lease", "leased_until", "claimed_by", "claimed_until")),
            **more(some),
        }
        return self.move_columns(comments, columns, _was(some))

    def _end_appeals(self, rulings: Sequence[Ruling]) -> None:
        """End those appeals that wait no more."""
        open_ones = [
            ruling for ruling in rulings if isinstance(ruling.comment, CommentRow) and ruling.comment.appealed_at
        ]
        ended = {ruling.comment.id: ruling.id for ruling in open_ones if ruling.leaves.appealed_at is None}
        Appeals(self.tx, self.site_id).end(ended)

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


def _was(rulings: Sequence[Ruling]) -> dict[str, list[object]]:
    return {
        "status": [ruling.comment.status.value for ruling in rulings],
        "revision": [ruling.comment.revision for ruling in rulings],
        "decisions": [ruling.comment.decisions for ruling in rulings],
    }


def _scores(rulings: Sequence[Ruling]) -> dict[str, list[object]]:
    scores = [ruling.scores for ruling in rulings if ruling.scores is not None]
    return {
        "scores": [dict(one.by_attribute) for one in scores],
        "language": [one.language for one in scores],
        "model_version": [one.model_version for one in scores],
        "risk": [ruling.risk for ruling in rulings],
        "likeness": [ruling.likeness for ruling in rulings],
        "priority": [priority(ruling.risk, ruling.comment.reach, made_at(ruling.comment.id)) for ruling in rulings],
    }


def _waits(rulings: Sequence[Ruling]) -> dict[str, list[object]]:
    return {name: [getattr(ruling.leaves, name) for ruling in rulings] for name in Waits._fields}


def _nothing_more(_rulings: Sequence[Ruling]) -> dict[str, object]:
    """What readers have reported goes on waiting when the policy flags it for that."""
    return {}
