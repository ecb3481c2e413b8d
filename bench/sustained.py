"""`python -m bench.sustained`: how many comments a second are accepted, scored, decided and durable, for minutes on end."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson
import psutil  # type: ignore[import-untyped]

from bench.comments import comments
from bench.databases import PRODUCTION
from bench.load import Connection, request
from bench.measure import Bar, Measure
from bench.reader import OFF
from bench.saring import Saring, end_in_order, saring
from service.store import Store
from service.store.backlog import Backlog
from tests.servers import postgresql_cluster

WANTED = 5_787
"""Comments a second: 500 million a day, what the Perspective API carried for the whole world."""

CONNECTIONS = 4
AUTHORS = 20_000
STORIES = 500
TEXTS = 20_000
"""Different texts, taken in turn from all published sets; ids, and so rows, are always new."""

MARK = b"@@@@@@@@"
"""Stands in a prepared body for what makes its ids new."""

AGAIN = (429, 503)
"""Answers after which a request is sent again, `AGAIN_SECONDS` later."""

TAKEN = (200, 202)
"""200: it was sent again, and had been taken in the first time."""

AGAIN_SECONDS = 0.25

LOOK_SECONDS = 3.0
"""Between two looks at how many wait: to count them takes from what is measured."""

MANY = 10_000_000
"""More than ever wait."""

PATIENCE = 120.0

AHEAD = 1.02
"""How much faster than wanted comments come in `make bench`: what is left over when the last one came counts too."""

SECONDS = 120.0
WORKERS = 2
WEB_WORKERS = 1
"""Processes for two cores: one that takes in and two that score, so that one computes while another waits for the database."""

ROLES = ("web", "score", "reader", "sender", "beat", "broker", "database", "client", "rest")


@dataclass
class Run:
    """What a run came to. `depth` is the number of pending comments at each look."""

    database: str
    batch: int
    seconds: float
    accepted: int
    decided: int
    decisions: int
    pending: int
    refused: int
    failed: list[int | str]
    depth: list[int] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Comments a second from the first request to the last decision."""
        return self.decided / self.seconds

    @property
    def faults(self) -> int:
        """How many comments were acknowledged and not decided, or decided twice, or answered with neither yes nor "later"."""
        failed = self.batch * len(self.failed)
        return abs(self.accepted - self.decided) + abs(self.decisions - self.decided) + self.pending + failed

    @property
    def met(self) -> bool:
        """True when everything acknowledged is decided once, fast enough."""
        return self.faults == 0 and self.rate >= WANTED


def bodies(batch: int) -> list[bytes]:
    """Prepared bodies of so many comments each, with `MARK` where the ids are to be made new."""
    sent = comments([], None, TEXTS // batch * batch)
    made = []
    for start in range(0, len(sent), batch):
        told = []
        for number, one in enumerate(sent[start : start + batch], start):
            story = f"story-{(number // batch) % STORIES:03}"
            author = f"reader-{number * 7919 % AUTHORS:05}"
            told.append(
                {
                    "id": f"{MARK.decode()}-{number - start:03}",
                    "text": one.text,
                    "author": {"id": author, "name": author.title()},
                    "thread": {"id": story, "url": f"https://news.example/{story}", "title": story.title()},
                }
            )
        made.append(orjson.dumps({"comments": told}))
    return made


class Load:
    """Connections that send prepared bodies in turn, as fast as they are answered or at a rate of comments a second."""

    def __init__(
        self, url: str, key: str, prepared: Sequence[bytes], batch: int, rate: float | None, first: int = 0
    ) -> None:
        """`first` is the number of its first request: those of another load at the same Saring have other ids."""
        self._requests = [request(url, body, key) for body in prepared]
        self._url = url
        self._batch = batch
        self._rate = rate
        self._lock = threading.Lock()
        self._number = self._first = first
        self._stop = threading.Event()
        self._began = time.monotonic()
        self.accepted = self.refused = 0
        self.failed: list[int | str] = []
        self.waits: list[float] = []
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(CONNECTIONS)]

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send no more, and wait for the answers."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _send(self) -> None:
        try:
            self._send_in_turn()
        except (OSError, RuntimeError) as error:
            self.failed.append(f"a connection broke off: {error}")

    def _send_in_turn(self) -> None:
        with closing(Connection(self._url)) as connection:
            while not self._stop.is_set():
                with self._lock:
                    number = self._number
                    self._number += 1
                if self._rate is not None:
                    ahead = self._began + (number - self._first) * self._batch / self._rate - time.monotonic()
                    if ahead > 0 and self._stop.wait(ahead):
                        return
                prepared = self._requests[number % len(self._requests)].replace(MARK, f"{number:08x}".encode())
                began = time.perf_counter()
                while (status := connection.ask(prepared)) in AGAIN and not self._stop.wait(AGAIN_SECONDS):
                    self.refused += 1
                if status in AGAIN:
                    return
                if status not in TAKEN:
                    self.failed.append(status)
                    continue
                with self._lock:
                    self.accepted += self._batch
                    self.waits.append(time.perf_counter() - began)


def sustain(
    database: str,
    seconds: float,
    batch: int,
    rate: float | None,
    told: Callable[[str], None],
    **settings: str,
) -> Run:
    """Load a whole Saring for so many seconds, wait for the last decision, and count what its database holds."""
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_cluster(PRODUCTION)) if database == "postgresql" else None
        running = stack.enter_context(saring(url, log_level="warning", **settings))
        url = url or f"sqlite:///{running.data_dir / 'saring.db'}"
        key = orjson.loads((running.data_dir / "first-run.json").read_bytes())["api_key"]
        store = Store(url, lambda: datetime.now(UTC))
        stack.callback(store.close)
        load = Load(f"{running.url}/v1/comments", key, bodies(batch), batch, rate)
        before, began = _cpu(running), time.monotonic()
        load.start()
        depth = []
        while time.monotonic() - began < seconds:
            time.sleep(LOOK_SECONDS)
            depth.append(_pending(store))
            told(f"{time.monotonic() - began:4.0f} s: {load.accepted:9,} accepted, {depth[-1]:7,} pending")
        load.stop()
        if load.failed:
            told(running.log.read_text()[-4000:])
        until = time.monotonic() + PATIENCE
        while (left := _pending(store)) and time.monotonic() < until:
            time.sleep(0.02)
        took = time.monotonic() - began
        cpu = {role: (spent - before.get(role, 0.0)) / took for role, spent in _cpu(running).items()}
        decided, decisions = _counted(store)
        waits = sorted(load.waits)
        return Run(
            database, batch, took, load.accepted, decided, decisions, left, load.refused, load.failed, depth, cpu,
            {f"p{percent}": waits[len(waits) * percent // 100] for percent in (50, 95, 99)},
        )  # fmt: skip


def _pending(store: Store) -> int:
    with store.read(by_index=True) as tx:
        return Backlog(tx).depth(MANY)


def _counted(store: Store) -> tuple[int, int]:
    with store.engine.connect() as connection:
        decided = connection.exec_driver_sql("SELECT count(*) FROM comments WHERE status <> 'pending'").scalar_one()
        return int(decided), int(connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one())


def _cpu(running: Saring) -> dict[str, float]:
    """Seconds of processor time by role so far."""
    spent = dict.fromkeys(ROLES, 0.0)
    spent["client"] = sum(psutil.Process().cpu_times()[:2])
    for process in psutil.Process(running.process.pid).children(recursive=True):
        with _gone():
            spent[_role(process.cmdline())] += sum(process.cpu_times()[:2])
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            with _gone():
                spent["database"] += sum(process.cpu_times()[:2])
    return spent


@contextmanager
def _gone() -> Iterator[None]:
    """A process may end while it is looked at."""
    try:
        yield
    except psutil.NoSuchProcess:
        return


def _role(argv: Sequence[str]) -> str:
    if "broker.sock" in " ".join(argv):
        return "broker"
    if "--name" in argv:
        return argv[argv.index("--name") + 1].partition("-")[0]
    return next((role for role in ("web", "beat") if role in argv), "rest")


def report(run: Run) -> str:
    """The run for people."""
    half = run.depth[len(run.depth) // 2 :] or [0]
    lines = [
        f"{run.database}, batches of {run.batch}: {run.decided:,} comments accepted and decided in {run.seconds:.1f} s",
        f"  {run.rate:10,.0f} a second ({run.rate / WANTED:.2f} of {WANTED:,}); {'met' if run.met else 'NOT MET'}",
        f"  acknowledged {run.accepted:,}, decided {run.decided:,}, decisions {run.decisions:,}, pending {run.pending:,}",
        f"  answered 429 or 503 and sent again: {run.refused:,}; answered otherwise: {run.failed or 'none'}",
        f"  pending while it ran: at most {max(run.depth, default=0):,}, at the end {half[-1]:,}",
        "  a request took " + ", ".join(f"{name} {1000 * wait:.1f} ms" for name, wait in run.waits.items()),
        "  microseconds of processor time a comment: "
        + ", ".join(f"{role} {1e6 * share / run.rate:.0f}" for role, share in run.cpu.items()),
        "  cores in use: " + ", ".join(f"{role} {share:.2f}" for role, share in run.cpu.items()),
    ]
    return "\n".join(lines)


def _processes(workers: int, web_workers: int) -> dict[str, str]:
    return {"worker_processes": str(workers), "web_workers": str(web_workers)}


def sustaining(_rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Two minutes on each database: one reading each, since it is a mean over two minutes."""
    measures = []
    for database, bar in (("PostgreSQL", Bar("median", least=WANTED)), ("SQLite", None)):
        run = sustain(
            database.lower(), SECONDS, 100, AHEAD * WANTED, lambda _: None, **_processes(WORKERS, WEB_WORKERS)
        )
        click.echo("\n" + report(run))
        if run.faults:
            raise RuntimeError(f"{run.faults} comments were lost, left or decided twice")
        measures.append(Measure(f"two minutes on, {database}", "decided/s", [run.rate], bar=bar))
        told()
    return measures


@click.command()
@click.option(
    "--database", type=click.Choice(["postgresql", "sqlite"]), default="postgresql", help="Where they are kept."
)
@click.option("--seconds", type=click.FloatRange(2), default=SECONDS, help="How long comments are sent.")
@click.option("--batch", type=click.IntRange(1, 1_000), default=100, help="Comments in a request.")
@click.option("--rate", type=click.FloatRange(1), help="Comments a second; as many as are taken when left out.")
@click.option("--workers", type=click.IntRange(1, 64), default=WORKERS, help="Scoring processes.")
@click.option("--web-workers", type=click.IntRange(1, 64), default=WEB_WORKERS, help="Web processes.")
@click.option("--first-alone", is_flag=True, help="Without the second reader.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write it here.")
def main(
    database: str,
    seconds: float,
    batch: int,
    rate: float | None,
    workers: int,
    web_workers: int,
    first_alone: bool,
    json_file: Path | None,
) -> None:
    """Send comments for minutes, and count those that were accepted, scored, decided and kept. Exits with 1 below the bar."""
    end_in_order()
    settings = _processes(workers, web_workers) | ({"reader": OFF} if first_alone else {})
    run = sustain(database, seconds, batch, rate, lambda line: click.echo(line, err=True), **settings)
    click.echo(report(run))
    if json_file:
        json_file.write_bytes(orjson.dumps({**asdict(run), "rate": run.rate}, option=orjson.OPT_INDENT_2))
    sys.exit(0 if run.met else 1)


if __name__ == "__main__":
    main()
