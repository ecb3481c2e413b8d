"""The audit: what the site sent, what Saring keeps and what the receiver got must tell the same story."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from bench.client import Acknowledged
from bench.comments import Sent
from bench.receiver import Attempt


@dataclass(frozen=True)
class Bar:
    """Something that must be so: a count, and the count wanted."""

    what: str
    count: int
    wanted: int

    @property
    def met(self) -> bool:
        """True when it is so."""
        return self.count == self.wanted


@dataclass(frozen=True)
class Event:
    """What one attempt told."""

    attempt: Attempt
    type: str
    comment: str
    status: str
    decision: str
    number: int


def bars(
    sent: Sequence[Sent],
    acknowledged: Sequence[Acknowledged],
    stored: Sequence[Mapping[str, Any]],
    attempts: Sequence[Attempt],
) -> list[Bar]:
    """Every bar, from the three logs; `stored` as the API shows comments."""
    events = [_event(attempt) for attempt in attempts if attempt.valid_by_library and attempt.valid_by_hand]
    taken = [event for event in events if event.attempt.taken]
    return [
        Bar("acknowledged", len({one.sent.id for one in acknowledged}), len(sent)),
        *_storage(acknowledged, stored),
        *_decisions(stored),
        *_deliveries(stored, taken),
        *_messages(attempts, events, taken),
    ]


def _storage(acknowledged: Sequence[Acknowledged], stored: Sequence[Mapping[str, Any]]) -> Iterable[Bar]:
    rows = Counter(row["site_comment_id"] for row in stored)
    by_id = {row["id"]: row for row in stored}
    unchanged = sum(
        one.id in by_id
        and by_id[one.id]["site_comment_id"] == one.sent.id
        and by_id[one.id]["text"] == one.sent.text
        and by_id[one.id]["author"]["id"] == one.sent.author
        for one in acknowledged
    )
    yield Bar("stored once", sum(rows[one.sent.id] == 1 for one in acknowledged), len(acknowledged))
    yield Bar("stored as sent, under the id acknowledged", unchanged, len(acknowledged))
    yield Bar("stored and never sent", len(rows.keys() - {one.sent.id for one in acknowledged}), 0)
    yield Bar("lost", sum(rows[one.sent.id] == 0 for one in acknowledged), 0)
    yield Bar("twice", sum(count > 1 for count in rows.values()), 0)


def _decisions(stored: Sequence[Mapping[str, Any]]) -> Iterable[Bar]:
    once = [row for row in stored if _decided_once(row)]
    yield Bar("pending left", sum(row["status"] == "pending" for row in stored), 0)
    yield Bar("decided exactly once, by policy", len(once), len(stored))
    yield Bar("scored by the model", sum(bool(row["scores"]) for row in once), len(stored))


def _decided_once(row: Mapping[str, Any]) -> bool:
    decision = row["decision"] or {}
    first = (decision.get("number"), decision.get("actor"), decision.get("from_status")) == (1, "policy", "pending")
    return first and row["revision"] == 1


def _deliveries(stored: Sequence[Mapping[str, Any]], taken: Sequence[Event]) -> Iterable[Bar]:
    arrived = {(event.comment, event.decision, event.number, event.status) for event in taken}
    wanted = {
        (row["id"], row["decision"]["id"], row["decision"]["number"], row["status"])
        for row in stored
        if row["decision"]
    }
    yield Bar("decisions delivered once or more", len(wanted & arrived), len(wanted))
    yield Bar("decisions delivered that are not stored", len(arrived - wanted), 0)


def _messages(attempts: Sequence[Attempt], events: Sequence[Event], taken: Sequence[Event]) -> Iterable[Bar]:
    bodies, ids, numbers = defaultdict(set), defaultdict(set), defaultdict(list)
    for event in events:
        bodies[event.attempt.webhook_id].add(event.attempt.body)
        ids[event.decision].add(event.attempt.webhook_id)
    for event in taken:
        numbers[event.comment].append(event.number)
    yield Bar(
        "attempts with a valid signature, by the library", sum(a.valid_by_library for a in attempts), len(attempts)
    )
    yield Bar("attempts with a valid signature, by hand", sum(a.valid_by_hand for a in attempts), len(attempts))
    yield Bar("event ids with one body", sum(len(same) == 1 for same in bodies.values()), len(bodies))
    yield Bar("decisions with one event id", sum(len(same) == 1 for same in ids.values()), len(ids))
    yield Bar("comments told in order", sum(in_order(told) for told in numbers.values()), len(numbers))
    yield Bar("events named by their status", sum(e.type == f"comment.{e.status}" for e in events), len(events))


def in_order(numbers: Sequence[int]) -> bool:
    """True when each decision was first told after those before it."""
    first = list(dict.fromkeys(numbers))
    return first == sorted(first)


def duplicates(attempts: Sequence[Attempt]) -> int:
    """How many events were taken more than once: delivery is at least once."""
    return sum(count > 1 for count in Counter(a.webhook_id for a in attempts if a.taken).values())


def decided_at(row: Mapping[str, Any]) -> float:
    """When a comment was decided, in seconds since 1970."""
    return datetime.fromisoformat(row["decision"]["created_at"]).timestamp()


def percentile(values: Sequence[float], percent: int) -> float:
    """A percentile; not a number for fewer than two values."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else float("nan")


def _event(attempt: Attempt) -> Event:
    body = orjson.loads(attempt.body)
    told, decision = body["data"], body["data"]["decision"]
    return Event(attempt, body["type"], told["id"], told["status"], decision["id"], decision["number"])
