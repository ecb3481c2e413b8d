"""What the repositories hand out: one frozen row each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import Action, Actor, Reason
from service.store.tables import authors, comments, threads


@dataclass(frozen=True)
class AuthorRow:
    """An author and how often a comment of theirs stood approved or rejected."""

    id: str
    site_author_id: str
    name: str
    email: str | None
    ip: str | None
    approved: int
    rejected: int
    first_seen_at: datetime
    banned_until: datetime | None


@dataclass(frozen=True)
class ThreadRow:
    """What is commented on."""

    id: str
    site_thread_id: str
    url: str | None
    title: str | None


class PendingRow(NamedTuple):
    """A comment as a worker takes it: just what scoring and deciding need. A tuple, since there are thousands a second."""

    id: str
    site_id: str
    site_comment_id: str
    author_id: str
    text: str
    revision: int
    decisions: int
    reports: int
    attempts: int
    reach: float

    @property
    def status(self) -> Status:
        """Where it stands, being here."""
        return Status.PENDING

    @property
    def scores(self) -> None:
        """None yet."""
        return None

    @property
    def language(self) -> None:
        """None yet."""
        return None

    @property
    def model_version(self) -> None:
        """None yet."""
        return None


class Waits(NamedTuple):
    """Since when readers' reports, an author's appeal and a moderator's question wait for a person; None where none does."""

    reported_at: datetime | None = None
    appealed_at: datetime | None = None
    escalated_at: datetime | None = None


NOTHING_WAITS = Waits()


@dataclass(frozen=True)
class CommentRow:
    """A comment as it stands, with its author and thread; `source` and `went_by` as in NewComment."""

    id: str
    site_id: str
    site_comment_id: str
    author: AuthorRow
    thread: ThreadRow | None
    site_parent_id: str | None
    text: str
    revision: int
    url: str | None
    created_at: datetime
    received_at: datetime
    metadata: Mapping[str, object]
    status: Status
    language: str | None
    scores: Mapping[str, float] | None
    model_version: str | None
    risk: float
    decisions: int
    reports: int
    attempts: int
    reach: float
    priority: float
    likeness: int | None
    reported_at: datetime | None
    appealed_at: datetime | None
    escalated_at: datetime | None
    source: str | None
    went_by: str | None

    @property
    def author_id(self) -> str:
        """The author, by our id."""
        return self.author.id

    @property
    def waits(self) -> Waits:
        """What about it waits for a person, besides its being flagged."""
        return Waits(self.reported_at, self.appealed_at, self.escalated_at)

    @property
    def for_lead(self) -> bool:
        """Whether it waits for a lead: passed on to one, or appealed."""
        return self.escalated_at is not None or self.appealed_at is not None


Standing = CommentRow | PendingRow
"""A comment that is decided about, as it was read for that."""


@dataclass(frozen=True)
class DecisionRow:
    """A decision; decisions are only ever added.

    act_id: what several decisions share that were one act. ended: what had waited for a person until this decision.
    """

    id: str
    comment_id: str
    number: int
    revision: int
    actor: Actor
    user_id: str | None
    action: Action
    from_status: Status
    reasons: tuple[Reason, ...]
    note: str | None
    undoes: str | None
    model_version: str | None
    policy_version: int | None
    created_at: datetime
    act_id: str | None
    ended: Waits


@dataclass(frozen=True)
class DeliveryRow:
    """One webhook to a site and what became of it."""

    id: str
    site_id: str
    comment_id: str
    number: int
    event: str
    body: str
    status: str
    attempts: int
    next_attempt_at: datetime
    created_at: datetime
    delivered_at: datetime | None
    last_answer: str | None


@dataclass(frozen=True)
class SiteRow:
    """A site, its secrets and where it wants to hear of decisions."""

    id: str
    name: str
    webhook_secret: str
    old_webhook_secret: str | None
    old_webhook_secret_until: datetime | None
    callback_url: str | None
    callback_disabled_at: datetime | None
    callback_disabled_why: str | None
    callback_batch: int
    callback_failures: int
    callback_opened_at: datetime | None
    callback_rest_until: datetime | None
    created_at: datetime
    reasons: list[dict[str, str]] | None
    queue_goal_seconds: int
    second_look_share: float

    def may_be_called(self, now: datetime) -> bool:
        """Whether there is a callback, it is not disabled and does not rest."""
        rests = self.callback_rest_until is not None and self.callback_rest_until > now
        return self.callback_url is not None and self.callback_disabled_at is None and not rests

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that are valid now, the newest first: two while one is being rotated."""
        until = self.old_webhook_secret_until
        old = self.old_webhook_secret if until is not None and now < until else None
        return (self.webhook_secret, old) if old else (self.webhook_secret,)


_AUTHOR = tuple(authors.c[name].label(f"author_{name}") for name in AuthorRow.__dataclass_fields__)
_THREAD = tuple(threads.c[name].label(f"thread_{name}") for name in ThreadRow.__dataclass_fields__)
_OWN = tuple(comments.c[name] for name in CommentRow.__dataclass_fields__ if name not in ("author", "thread"))


def select_comments() -> sa.Select[Any]:
    """A query for whole comments, to be narrowed to a site by its scope."""
    joined = comments.join(authors, authors.c.id == comments.c.author_id).outerjoin(
        threads, threads.c.id == comments.c.thread_id
    )
    return sa.select(*_OWN, *_AUTHOR, *_THREAD).select_from(joined)


def select_pending() -> sa.Select[Any]:
    """A query for comments as a worker takes them, to be narrowed."""
    return sa.select(*(comments.c[name] for name in PendingRow._fields))


def pending_row(row: sa.Row[Any]) -> PendingRow:
    """A row of `select_pending` as a PendingRow."""
    return PendingRow._make(row)


def comment_row(row: sa.RowMapping) -> CommentRow:
    """A row of `select_comments` as a CommentRow."""
    author = AuthorRow(**{name: row[f"author_{name}"] for name in AuthorRow.__dataclass_fields__})
    thread = None
    if row["thread_id"] is not None:
        thread = ThreadRow(**{name: row[f"thread_{name}"] for name in ThreadRow.__dataclass_fields__})
    own = {column.name: row[column.name] for column in _OWN}
    return CommentRow(**{**own, "status": Status(own["status"])}, author=author, thread=thread)


def decision_row(row: sa.RowMapping) -> DecisionRow:
    """A row of `decisions` as a DecisionRow."""
    fields = {name: row[name] for name in DecisionRow.__dataclass_fields__}
    return DecisionRow(
        **{
            **fields,
            "actor": Actor(fields["actor"]),
            "action": Action(fields["action"]),
            "from_status": Status(fields["from_status"]),
            "reasons": tuple(Reason.from_json(reason) for reason in fields["reasons"]),
            "ended": waits_of(fields["ended"]),
        }
    )


def waits_of(fields: Mapping[str, str] | None) -> Waits:
    """What `waits_json` wrote."""
    return Waits(**{name: datetime.fromisoformat(at) for name, at in (fields or {}).items()})


def waits_json(waits: Waits) -> dict[str, str] | None:
    """What waits, without what doesn't; None for nothing."""
    return {name: at.isoformat() for name, at in waits._asdict().items() if at is not None} or None


def delivery_row(row: sa.RowMapping) -> DeliveryRow:
    """A row of `deliveries` as a DeliveryRow."""
    return DeliveryRow(**{name: row[name] for name in DeliveryRow.__dataclass_fields__})
