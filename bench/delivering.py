"""`python -m bench.delivering`: webhooks a second from the database to a receiver that takes each at once.

One sender process on a fresh database, beside the same requests over raw sockets and as many connections.
"""

import json
import logging
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
import sqlalchemy as sa
import structlog

from bench.databases import PRODUCTION
from bench.load import per_second, request
from bench.measure import Measure, interleaved, table
from bench.sink import Sink, sink
from service.bootstrap import utc_now
from service.moderation.deliver import deliver_due
from service.moderation.sites import add_site, set_callback
from service.store import Store, migrations
from service.store.engine import new_id
from service.store.tables import authors, comments, deliveries
from service.webhooks.sender import Sender
from tests.servers import postgresql_cluster

CONNECTIONS = 16
"""Calls to one site at a time: the default of SARING_CALLBACK_CONCURRENCY."""

PATIENCE = 120.0

BODY = {
    "type": "comment.approved",
    "timestamp": "2026-11-29T16:00:00.000000Z",
    "data": {
        "site": "news.example",
        "site_comment_id": "c-123456",
        "revision": 1,
        "status": "approved",
        "from_status": "pending",
        "decision": {"number": 1, "action": "approve", "actor": "policy", "automated": True, "reasons": []},
        "scores": dict.fromkeys(
            ("toxicity", "severe_toxicity", "identity_attack", "insult", "profanity", "threat", "sexually_explicit"),
            0.0123,
        ),
        "language": "id",
        "model_version": "2026-11-29-0123456789abcdef",
    },
}
"""An event as `moderation/record.py` makes it, some 600 bytes."""


@dataclass(frozen=True)
class Course:
    """A database with events of some sites, to be delivered again and again."""

    store: Store
    sender: Sender
    events: int

    def deliver(self) -> float:
        """Events a second until each was delivered. Raises: RuntimeError, when one was not."""
        with self.store.begin() as tx:
            waiting = {"status": "waiting", "attempts": 0, "next_attempt_at": tx.now}
            tx.connection.execute(sa.update(deliveries).values(waiting))
        began = time.perf_counter()
        while deliver_due(self.store, self.sender, utc_now, seconds=5, concurrency=CONNECTIONS, beat=lambda: None):
            if time.perf_counter() - began > PATIENCE:
                break
        took = time.perf_counter() - began
        with self.store.read() as tx:
            left = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.status != "delivered")
            if count := tx.connection.execute(left).scalar_one():
                raise RuntimeError(f"{count} events were not delivered")
        return self.events / took


@contextmanager
def course(database: str, url: str, sites: int, events: int, batch: int = 1) -> Iterator[Course]:
    """A fresh database of this kind, in which so many events wait, shared evenly by so many sites."""
    with tempfile.TemporaryDirectory() as folder, _database(database, Path(folder)) as database_url:
        store = Store(database_url, utc_now)
        migrations.upgrade(store)
        for number in range(sites):
            made = add_site(f"site-{number}.example", None, store, allow_private=True)
            set_callback(f"site-{number}.example", f"{url}/{number}", store, allow_private=True, batch=batch)
            _fill(store, made.site_id, events // sites)
        sender = Sender(timeout=15, allow_private=True)
        yield Course(store, sender, events // sites * sites)
        sender.close()
        store.close()


def _database(kind: str, folder: Path) -> "nullcontext[str] | object":
    return postgresql_cluster(PRODUCTION) if kind == "postgresql" else nullcontext(f"sqlite:///{folder / 'saring.db'}")


def _fill(store: Store, site_id: str, events: int) -> None:
    body, author = json.dumps(BODY, separators=(",", ":")), new_id()
    with store.begin() as tx:
        row = {"id": author, "site_id": site_id, "site_author_id": "a", "name": "a", "first_seen_at": tx.now}
        tx.connection.execute(sa.insert(authors).values(row))
        told = [
            {
                "id": new_id(), "site_id": site_id, "site_comment_id": f"c{number}", "author_id": author, "text": "x",
                "created_at": tx.now, "received_at": tx.now, "metadata": {}, "status": "approved",
            }
            for number in range(events)
        ]  # fmt: skip
        tx.connection.execute(sa.insert(comments), told)
        waiting = [
            {
                "id": new_id(), "site_id": site_id, "comment_id": comment["id"], "number": 1, "event": BODY["type"],
                "body": body, "status": "waiting", "next_attempt_at": tx.now, "created_at": tx.now,
            }
            for comment in told
        ]  # fmt: skip
        tx.connection.execute(sa.insert(deliveries), waiting)


def delivering(database: str, sites: int, events: int, batch: int, rounds: int) -> tuple[Measure, float]:
    """Events delivered a second, beside raw sockets; and the connections that were opened for a thousand of them."""
    with sink() as receiver, course(database, receiver.url, sites, events, batch) as ours:
        connections = min(sites * CONNECTIONS, 64)
        bare = [request(receiver.url, json.dumps(BODY).encode())] * events
        read = interleaved(
            {"ours": ours.deliver, "bare": lambda: per_second(receiver.url, bare, connections)}, rounds, lambda: None
        )
        opened = _connections(receiver, ours)
    name = f"{database}, {sites} site{'s' if sites > 1 else ''}, {batch} a request"
    ceiling = f"raw sockets, {connections} connections"
    return Measure(name, "events/s", read["ours"], ceiling, read["bare"]), opened


def _connections(receiver: Sink, ours: Course) -> float:
    before = receiver.counts().connections
    ours.deliver()
    return (receiver.counts().connections - before) / ours.events * 1000


@click.command()
@click.option("--rounds", type=click.IntRange(1, 50), default=5, help="Readings of each way; the median counts.")
@click.option("--events", type=click.IntRange(100), default=5_000, help="Events of one reading.")
@click.option("--site-count", "sites", type=int, multiple=True, default=(1, 10), help="Sites that share them.")
@click.option(
    "--batch", "batches", type=click.IntRange(1, 500), multiple=True, default=(1, 100), help="Events a request."
)
@click.option(
    "--database", "databases", type=click.Choice(["sqlite", "postgresql"]), multiple=True, default=("sqlite",)
)
def main(rounds: int, events: int, sites: Sequence[int], batches: Sequence[int], databases: Sequence[str]) -> None:
    """Measure how many webhooks a second one sender process delivers."""
    # as a sender runs: without the lines that only a search for faults asks for
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    measures = []
    for database in databases:
        for count, batch in product(sites, batches):
            measure, opened = delivering(database, count, events, batch, rounds)
            measures.append(measure)
            click.echo(f"{measure.name}: {opened:.1f} connections opened for 1,000 events")
    click.echo(table(measures))


if __name__ == "__main__":
    main()
