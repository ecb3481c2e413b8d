"""How soon those are answered who can't wait, Perspective's callers and Coral's, while the worker has a backlog."""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import click
import orjson

from bench.audit import percentile
from bench.backlog import SITE as WAITING
from bench.backlog import backlog
from bench.comments import Sent, comments
from bench.databases import KINDS, databases
from bench.load import request, seconds_each
from bench.measure import Bar, Measure
from bench.noop import noop_server
from bench.paced import Door, paced
from bench.saring import Saring, Site, saring
from service.store import Store

RATE = 50.0
"""Requests a second to each door, the doors at the same time."""

EACH = 1_200
"""Requests to each door in a round: 24 seconds. 25 rounds are 30,000."""

FIRST = 100
"""Requests to each door before those that count."""

LATE = 0.2
"""Seconds after which Coral publishes without us."""

SITE = "at-once.example"

BARS = {50: (Bar("median", most=5.0), None), 99: (Bar("median", most=50.0), Bar("ratio", most=3.0))}
"""By percentile: of the milliseconds, and of their ratio to a route that does nothing."""

ATTRIBUTES = {"TOXICITY": {}, "INSULT": {}, "THREAT": {}}

TEXTS = 5_000


@dataclass(frozen=True)
class Waits:
    """The seconds of one round at one door."""

    seconds: list[float]
    refusals: int = 0

    def ms(self, percent: int) -> float:
        """The percentile, in milliseconds."""
        return 1000 * percentile(self.seconds, percent)

    @property
    def shown(self) -> str:
        """What a table shows of them."""
        return "".join(f"{self.ms(percent):8.1f}" for percent in (50, 95, 99)) + f"{1000 * max(self.seconds):8.1f}"

    @property
    def over(self) -> int:
        """How many answers were none, or came too late for Coral."""
        return self.refusals + sum(wait > LATE for wait in self.seconds)


def at_once(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """The waits at both doors and at a route that does nothing, on each database; a table of them is printed as it comes."""
    return [measure for kind in KINDS for measure in _at_once(kind, rounds, told)]


def _at_once(kind: str, rounds: int, told: Callable[[], None]) -> list[Measure]:
    with ExitStack() as stack:
        url = stack.enter_context(databases(kind))()
        running = stack.enter_context(saring(url, log_level="error"))
        noop = stack.enter_context(noop_server())
        site = running.add_site(SITE, None)
        waiting = running.add_site(WAITING, None)
        stack.enter_context(backlog(url))
        _wake(running, waiting)
        doors = _doors(running.url, site, noop)
        paced(doors, RATE, FIRST)
        store = Store(url, lambda: datetime.now(UTC))
        stack.callback(store.close)
        found: dict[str, list[Waits]] = {name: [] for name in doors}
        late: list[float] = []
        decided, began = _decided(store), time.monotonic()
        for _ in range(rounds):
            late += _round(doors, found)
            told()
        rate = (_decided(store) - decided) / (time.monotonic() - began)
    click.echo("\n" + _table(kind, found, late, rate))
    return _measures(kind, found, rate)


def _wake(running: Saring, waiting: Site) -> None:
    """The backlog is put into the database behind everyone's back: one comment by the door wakes the worker."""
    sent = Sent("first", "Selamat pagi", "author").to_json()
    url = f"{running.url}/v1/comments"
    seconds_each(url, [request(url, orjson.dumps(sent), waiting.api_key)])


def _round(doors: dict[str, Door], found: dict[str, list[Waits]]) -> list[float]:
    for door in doors.values():
        door.seconds.clear()
        door.refusals = 0
    late = paced(doors, RATE, EACH)
    for name, door in doors.items():
        found[name].append(Waits(list(door.seconds), door.refusals))
    return late


def _doors(url: str, site: Site, noop: str) -> dict[str, Door]:
    sent = comments([], None, TEXTS)
    analyze = f"{url}/v1alpha1/comments:analyze?key={site.api_key}"
    coral = f"{url}/integrations/coral/moderate/{SITE}"
    return {
        "analyze": Door(analyze, _analyze(analyze, sent)),
        "coral": Door(coral, _coral(coral, site.webhook_secret, sent)),
        "noop": Door(noop, _analyze(noop, sent)),
    }


def _analyze(url: str, sent: Sequence[Sent]) -> Iterator[bytes]:
    number = 0
    while True:
        text = sent[number % len(sent)].text
        body = {"comment": {"text": text}, "languages": ["id"], "requestedAttributes": ATTRIBUTES}
        yield request(url, orjson.dumps(body))
        number += 1


def _coral(url: str, secret: str, sent: Sequence[Sent]) -> Iterator[bytes]:
    """Coral's requests, each by another author, so that each is a comment of its own."""
    number = 0
    while True:
        one = sent[number % len(sent)]
        story = {"id": f"story-{number % 50}", "url": f"https://news.example/{number % 50}"}
        told = {
            "action": "NEW",
            "comment": {"body": one.text, "parentID": None},
            "author": {"id": f"reader-{number}", "role": "COMMENTER"},
            "story": story,
            "site": {"id": "news"},
            "tenantID": "tenant",
            "tenantDomain": "comments.news.example",
        }
        body = orjson.dumps(told, option=orjson.OPT_INDENT_2)
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        yield request(url, body, X_Coral_Signature=f"sha256={signature}")
        number += 1


def _decided(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one())


def _measures(kind: str, found: dict[str, list[Waits]], rate: float) -> list[Measure]:
    measures = []
    for name in ("analyze", "coral"):
        for percent, (bar, to_noop) in BARS.items():
            ours, idle = ([one.ms(percent) for one in found[way]] for way in (name, "noop"))
            said = f"{name} beside a backlog, {kind}, p{percent}"
            measures += [
                Measure(said, "ms", ours, bar=bar),
                Measure(said, "ms", ours, "a POST that does nothing", idle, to_noop),
            ]
        over = float(sum(one.over for one in found[name]))
        measures.append(Measure(f"{name}, {kind}: late or refused", "answers", [over], bar=Bar("median", most=0.0)))
    return [*measures, Measure(f"  decided meanwhile, {kind}", "comments/s", [rate])]


def _table(kind: str, found: dict[str, list[Waits]], late: list[float], rate: float) -> str:
    """All rounds together."""
    lines = [f"{kind + ', all rounds':30}{'requests':>9}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8} ms  late or refused"]
    for name, rounds in found.items():
        whole = Waits([wait for one in rounds for wait in one.seconds], sum(one.refusals for one in rounds))
        lines.append(
            f"  {name:28}{len(whole.seconds):9,}{whole.shown}     {whole.over} ({whole.over / len(whole.seconds):.3%})"
        )
    lines.append(f"  {'sent late by':28}{len(late):9,}{Waits(late).shown}")
    return "\n".join([*lines, f"  the worker decided {rate:,.0f} a second meanwhile"])
