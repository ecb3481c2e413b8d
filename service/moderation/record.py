"""Record decisions: whoever decides, this is how it is written down and how the site comes to hear of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from service.domain.change import Change, Kind
from service.domain.comment import Status, readers_of
from service.domain.decision import Action, Actor
from service.domain.errors import Conflict, NotFound
from service.runtime import metrics
from service.store import Transaction
from service.store.ledger import Ledger, Message, Ruling
from service.store.sites import Sites
from service.store.users import Users


def record(tx: Transaction, site_id: str, rulings: Sequence[Ruling]) -> list[Ruling]:
    """Write rulings down, in this transaction: decisions, the comments' status, authors' counts, a delivery each.

    Those that were written: a comment that has changed since it was read is passed over by the policy. Whoever calls wakes the
    sender after the commit; open desks are told by then. The number of statements is the same for one ruling and for thousands.

    Raises: NotFound, when a comment is not of this site; Conflict, when one has changed that a person decides about.
    """
    if any(ruling.comment.site_id != site_id for ruling in rulings):
        raise NotFound("a comment of another site")
    site = Sites(tx).get(site_id)
    if site is None:
        raise NotFound("no such site")
    ledger = Ledger(tx, site_id)
    written = ledger.write(rulings)
    if len(written) < len(rulings) and any(ruling.actor is not Actor.POLICY for ruling in rulings):
        raise Conflict("somebody else has just decided about this comment")
    if written and site.callback_url is not None:
        stopped = None if site.callback_disabled_at is None else f"callback disabled: {site.callback_disabled_why}"
        timestamp = rfc3339(tx.now)
        ledger.post([_message(ruling, site.name, timestamp) for ruling in written], stopped)
    counts = Counter((ruling.action.value, ruling.actor.value) for ruling in written)
    tx.after_commit.append(lambda: metrics.decided(counts))
    tx.changes.extend(_changes(tx, site_id, written))
    return written


def _changes(tx: Transaction, site_id: str, written: Sequence[Ruling]) -> list[Change]:
    """What the site's desks must hear of: what came into the queue and what left it, each together."""
    heard: dict[tuple[Kind, str | None], list[str]] = {}
    for ruling in written:
        if ruling.action is Action.FLAG:
            heard.setdefault((Kind.FLAGGED, ruling.user_id), []).append(ruling.comment.id)
        # nearly all: decided by the policy before any desk has seen them
        elif ruling.comment.status is not Status.PENDING or ruling.actor is not Actor.POLICY:
            heard.setdefault((Kind.DECIDED, ruling.user_id), []).append(ruling.comment.id)
    people = {user_id: Users(tx).get(user_id) for _, user_id in heard if user_id is not None}
    names = {user_id: person.name for user_id, person in people.items() if person}
    return [
        Change(site_id, kind, tuple(ids), names.get(user_id) if user_id else None, user_id)
        for (kind, user_id), ids in heard.items()
    ]


def _message(ruling: Ruling, site: str, timestamp: str) -> Message:
    event = f"comment.{ruling.action.status.value}"
    body = {"type": event, "timestamp": timestamp, "data": _told(ruling, site)}
    return Message(ruling, event, orjson.dumps(body).decode())


def _told(ruling: Ruling, site: str) -> Mapping[str, Any]:
    """What a site is told: no text and nothing personal, it has those. At most some 10 kB, since reasons are bounded."""
    comment = ruling.comment
    scores = ruling.scores.by_attribute if ruling.scores else comment.scores
    return {
        "site": site,
        "id": comment.id,
        "site_comment_id": comment.site_comment_id,
        "revision": comment.revision,
        "status": ruling.action.status.value,
        "from_status": comment.status.value,
        "decision": {
            "id": ruling.id,
            "number": ruling.number,
            "action": ruling.action.value,
            "actor": ruling.actor.value,
            "automated": ruling.actor is Actor.POLICY,
            "reasons": [reason.to_json() for reason in ruling.reasons[:MAX_REASONS]],
            "undoes": ruling.undoes,
            "policy_version": ruling.policy_version,
        },
        "scores": {name: round(score, 4) for name, score in scores.items()} if scores else None,
        "language": ruling.scores.language if ruling.scores else comment.language,
        "model_version": ruling.model_version,
        "readers": readers_of(ruling.model_version) if ruling.model_version else None,
    }


MAX_REASONS = 20
"""Reasons told in a webhook: the format asks for bodies under 20 kB."""


def rfc3339(at: datetime) -> str:
    """A UTC time as RFC 3339, to the microsecond, with a Z."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
