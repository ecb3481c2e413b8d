"""Record decisions: whoever decides, this is how it is written down and how the site comes to hear of it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.domain.errors import NotFound
from service.runtime import metrics
from service.store import Transaction
from service.store.engine import new_id
from service.store.ledger import Entry, Ledger, Message
from service.store.rows import CommentRow
from service.store.sites import Sites


@dataclass(frozen=True)
class Ruling:
    """A decision about a comment, as somebody made it. `comment` as read in the transaction that records it."""

    comment: CommentRow
    action: Action
    actor: Actor
    reasons: tuple[Reason, ...] = ()
    user_id: str | None = None
    note: str | None = None
    undoes: str | None = None
    policy_version: int | None = None
    scores: Scores | None = None
    risk: float = 0.0


def record(tx: Transaction, site_id: str, rulings: Sequence[Ruling]) -> list[str]:
    """Write rulings down, in this transaction: decisions, the comments' status, authors' counts, a delivery each.

    The ids of the decisions, in order. Whoever calls wakes the sender after the commit.

    Raises: NotFound, when a comment is not of this site.
    """
    if any(ruling.comment.site_id != site_id for ruling in rulings):
        raise NotFound("a comment of another site")
    site = Sites(tx).get(site_id)
    if site is None:
        raise NotFound("no such site")
    entries = [Entry(id=new_id(), **vars(ruling)) for ruling in rulings]
    ledger = Ledger(tx, site_id)
    ledger.write(entries)
    if site.callback_url is not None:
        stopped = None if site.callback_disabled_at is None else f"callback disabled: {site.callback_disabled_why}"
        ledger.post([_message(entry, site.name, tx.now) for entry in entries], stopped)
    counts = Counter((ruling.action.value, ruling.actor.value) for ruling in rulings)
    tx.after_commit.append(lambda: metrics.decided(counts))
    return [entry.id for entry in entries]


def _message(entry: Entry, site: str, now: datetime) -> Message:
    event = f"comment.{entry.action.status.value}"
    body = {"type": event, "timestamp": rfc3339(now), "data": _told(entry, site)}
    return Message(entry, event, json.dumps(body, separators=(",", ":"), ensure_ascii=False))


def _told(entry: Entry, site: str) -> Mapping[str, Any]:
    """What a site is told: no text and nothing personal, it has those. At most some 10 kB, since reasons are bounded."""
    comment = entry.comment
    scores = entry.scores.by_attribute if entry.scores else comment.scores
    return {
        "site": site,
        "id": comment.id,
        "site_comment_id": comment.site_comment_id,
        "revision": comment.revision,
        "status": entry.action.status.value,
        "from_status": comment.status.value,
        "decision": {
            "id": entry.id,
            "number": entry.number,
            "action": entry.action.value,
            "actor": entry.actor.value,
            "automated": entry.actor is Actor.POLICY,
            "reasons": [reason.to_json() for reason in entry.reasons[:MAX_REASONS]],
            "undoes": entry.undoes,
            "policy_version": entry.policy_version,
        },
        "scores": {name: round(score, 4) for name, score in scores.items()} if scores else None,
        "language": entry.scores.language if entry.scores else comment.language,
        "model_version": entry.scores.model_version if entry.scores else comment.model_version,
    }


MAX_REASONS = 20
"""Reasons told in a webhook: the format asks for bodies under 20 kB."""


def rfc3339(at: datetime) -> str:
    """A UTC time as RFC 3339, to the microsecond, with a Z."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
