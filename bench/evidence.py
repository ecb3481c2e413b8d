"""What is there to judge a run by: the clients' journal, the receiver's, and the rows of the database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from bench.receiver import TAKEN, well_signed
from service.domain.policy import Mode
from service.store.tables import comments, decisions, deliveries, policies, revisions, sites

Named = tuple[str, str]
"""A comment by its site's name and the site's own id."""

LONGEST_WAIT = timedelta(minutes=5)
"""Longer than a run's few failures in a row make a delivery wait."""


@dataclass(frozen=True)
class Claim:
    """What the sites can say for themselves.

    `texts` are those acknowledged, per comment and in order; `unsure` the text that was sent last and never acknowledged;
    `ids` what Saring called the comment in its answers; `decided` the decisions that it answered with: id, number, status.
    """

    texts: Mapping[Named, list[str]]
    unsure: Mapping[Named, str]
    ids: Mapping[Named, set[str]]
    decided: AbstractSet[tuple[str, int, str]]
    requests: int
    unanswered: int
    refused: int
    again: Mapping[str, int]


@dataclass(frozen=True)
class Comment:
    """A comment as it is stored."""

    id: str
    name: Named
    text: str
    revision: int
    status: str


@dataclass(frozen=True)
class Decision:
    """A decision as it is stored."""

    id: str
    comment: str
    number: int
    revision: int
    actor: str
    status: str
    from_status: str
    by_both: bool = False


@dataclass(frozen=True)
class Stored:
    """The rows of the database.

    `earlier` are the texts that were replaced, per comment and in order; `shown` the sites whose comments are shown at once, of
    which the second reader may make the policy decide anew; `unread` is how many comments still wait for it.
    """

    comments: Sequence[Comment]
    earlier: Mapping[str, list[str]]
    decisions: Sequence[Decision]
    shown: AbstractSet[str] = frozenset()
    unread: int = 0


@dataclass(frozen=True)
class Arrival:
    """One attempt that reached the receiver."""

    event: str
    comment: str
    decision: str
    number: int
    status: str
    body: str
    signed: bool
    taken: bool


@dataclass
class _Open:
    """Requests that wait for their answers while a journal is read."""

    sent: dict[int, tuple[str, list[tuple[str, str]]]] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)


def claim_of(journal: Iterable[Mapping[str, Any]]) -> Claim:
    """What follows from the clients' journal."""
    texts: dict[Named, list[str]] = defaultdict(list)
    ids: dict[Named, set[str]] = defaultdict(set)
    decided: set[tuple[str, int, str]] = set()
    again: dict[str, int] = defaultdict(int)
    open_, requests, refused = _Open(), 0, 0
    for line in journal:
        match line["what"]:
            case "send":
                requests += 1
                told = [(one["id"], one["text"]) for one in line["comments"]]
                open_.sent[line["request"]] = line["site"], told
            case "decide":
                requests += 1
                open_.asked.add(line["request"])
            case "ack" if "decision" in line:
                open_.asked.discard(line["request"])
                ruling = line["decision"]
                decided.add((ruling["id"], ruling["number"], STATUS_OF[ruling["action"]]))
            case "ack":
                site, told = open_.sent.pop(line["request"])
                for (id, text), (named, ours) in zip(told, line["ids"], strict=True):
                    texts[site, id].append(text)
                    ids[site, named].add(ours)
            case "again":
                again[line["why"]] += 1
            case "refused":
                refused += 1
    unsure = {(site, id): text for site, told in open_.sent.values() for id, text in told}
    return Claim(
        texts, unsure, ids, decided, requests, len(open_.sent) + len(open_.asked) - refused, refused, dict(again)
    )


def stored_in(url: str) -> Stored:
    """All that the database holds of comments and decisions."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        named = dict(connection.execute(sa.select(sites.c.id, sites.c.name)).all())
        kept = connection.execute(sa.select(comments)).mappings().all()
        replaced = connection.execute(sa.select(revisions).order_by(revisions.c.comment_id, revisions.c.number))
        earlier: dict[str, list[str]] = defaultdict(list)
        for row in replaced.mappings():
            earlier[row["comment_id"]].append(row["text"])
        made = connection.execute(sa.select(decisions).order_by(decisions.c.comment_id, decisions.c.number))
        ruled = [_decision(row) for row in made.mappings()]
        shown = _shown_at_once(connection, named)
    engine.dispose()
    found = [
        Comment(row["id"], (named[row["site_id"]], row["site_comment_id"]), row["text"], row["revision"], row["status"])
        for row in kept
    ]
    return Stored(found, earlier, ruled, shown, unread_in(url))


def _shown_at_once(connection: sa.Connection, named: Mapping[str, str]) -> AbstractSet[str]:
    """The names of the sites whose newest policy has the mode `post`."""
    rows = connection.execute(sa.select(policies.c.site_id, policies.c.body).order_by(policies.c.version)).all()
    modes = {site_id: body["mode"] for site_id, body in rows}
    return {named[site_id] for site_id, mode in modes.items() if mode == Mode.POST}


def unread_in(url: str) -> int:
    """How many decided comments wait for the second reader to judge them anew; those that are held for it are pending."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM readings").scalar_one()
    engine.dispose()
    return count


def waiting_in(url: str) -> tuple[int, int]:
    """How many comments are pending and how many deliveries wait."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        counts = [
            connection.execute(sa.select(sa.func.count()).where(table.c.status == status)).scalar_one()
            for table, status in ((comments, "pending"), (deliveries, "waiting"))
        ]
    engine.dispose()
    return counts[0], counts[1]


def dated_ahead_in(url: str, now: datetime) -> int:
    """How many deliveries wait for a time that only a clock which was set back since has shown."""
    engine = sa.create_engine(url)
    ahead = sa.select(sa.func.count()).where(
        deliveries.c.status == "waiting", deliveries.c.next_attempt_at > now + LONGEST_WAIT
    )
    with engine.connect() as connection:
        found: int = connection.execute(ahead).scalar_one()
    engine.dispose()
    return found


def arrivals_of(journal: Iterable[Mapping[str, Any]], secrets: Mapping[str, str]) -> list[Arrival]:
    """What the receiver wrote down, in order; a signature counts for the time that it names."""
    return [_arrival(line, secrets) for line in journal]


BOTH = "+"
"""In the version of a model that is two readers."""

STATUS_OF = {"approve": "approved", "flag": "flagged", "reject": "rejected"}


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(
        row["id"],
        row["comment_id"],
        row["number"],
        row["revision"],
        row["actor"],
        STATUS_OF[row["action"]],
        row["from_status"],
        BOTH in (row["model_version"] or ""),
    )


def _arrival(line: Mapping[str, Any], secrets: Mapping[str, str]) -> Arrival:
    told = orjson.loads(line["body"])["data"]
    secret = secrets[told["site"]]
    signed = well_signed(secret, line["id"], line["time"], line["signature"], line["body"].encode())
    return Arrival(
        line["id"],
        told["id"],
        told["decision"]["id"],
        told["decision"]["number"],
        told["status"],
        line["body"],
        signed,
        line["answer"] == TAKEN,
    )
