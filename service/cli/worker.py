"""The parts of Saring, each to be run alone: `saring web`, `worker`, `beat`, and `health` to ask after them."""

import math
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click
import structlog

from service.bootstrap import DELIVER_DUE, READ_AGAIN, SCORE_PENDING, Services, build
from service.moderation.deliver import deliver_due
from service.moderation.score import score_batch
from service.moderation.sweep import sweep
from service.moderation.tidy import Gone, tidy
from service.runtime import metrics, watch
from service.runtime.broker import QUEUES, READ
from service.runtime.heartbeat import age, heartbeat_path, node, touch
from service.runtime.logs import set_up_logs
from service.runtime.supervisor import NOT_NEEDED
from service.settings import Settings

log = structlog.get_logger(__name__)

PULSE_SECONDS = 5.0
"""Seconds between two pulses; fewer when workers are to be found silent sooner than that."""

TIDY_SECONDS = 3_600.0

WORD_SECONDS = 10.0
"""How often a long round of tidying says how far it is."""

LEAST_PAUSE = 0.02
"""Seconds between two steps of tidying."""

NEGLECT_SECONDS = 10.0
"""How long rows stay stale, though workers are woken, before the sweeper does them itself."""

DELIVER_SECONDS = 2.0
"""How long the sweeper delivers at a time, when it has to."""


@click.command()
def web() -> None:
    """Run the web server alone."""
    from service.runtime.web import serve

    settings = Settings.from_env()
    set_up_logs(settings, "web")
    metrics.keep(settings.data_dir, "web")
    serve(settings)


@click.command()
@click.option(
    "--queue",
    type=click.Choice(sorted(QUEUES.values())),
    help="Take from this queue alone; from score and deliver by default. The second reader's is read.",
)
@click.option("--name", help="Its name among this host's workers; the queue's by default.")
@click.option("--concurrency", type=click.IntRange(1, 256), help="Processes that work at the same time.")
@click.option("--or-leave", is_flag=True, help=f"With code {NOT_NEEDED}, when there is no second reader.")
def worker(queue: str | None, name: str | None, concurrency: int | None, or_leave: bool) -> None:
    """Run a Celery worker alone."""
    settings = Settings.from_env()
    name = name or queue or "worker"
    set_up_logs(settings, name)
    if or_leave and not _has_reader(settings):
        sys.exit(NOT_NEEDED)
    _count(settings, name)
    # only now: it reads the settings at import
    from service.runtime.worker import work
    from worker import app

    touch(heartbeat_path(settings.data_dir, node(name)))
    queues = [queue] if queue else sorted(set(QUEUES.values()) - {READ})
    part = queue or "+".join(reversed(queues))
    begin = partial(watch.start, settings.otlp_endpoint, part)
    work(app, node(name), queues, concurrency or _concurrency(settings, queue), begin)


def _has_reader(settings: Settings) -> bool:
    """Whether the second reader can be loaded: tried in a process that ends, so that this one stays small."""
    if (child := os.fork()) == 0:
        os._exit(0 if build(settings).stack else 1)
    return os.waitpid(child, 0)[1] == 0


def _count(settings: Settings, name: str) -> None:
    """Let this process count, and answer with its numbers when no web server of this host does."""
    if metrics.keep(settings.data_dir, name) and settings.metrics_port:
        metrics.serve(settings.metrics_port)


def _concurrency(settings: Settings, queue: str | None) -> int:
    """Processes for scoring, one for delivering or reading, and for both queues the sum, so that neither waits for the other."""
    return {"score": settings.worker_processes, None: settings.worker_processes + 1}.get(queue, 1)


@click.command()
def beat() -> None:
    """Run the sweeper alone: it wakes workers, and does their work itself when nobody else does. Needs no broker."""
    settings = Settings.from_env()
    set_up_logs(settings, "beat")
    _count(settings, "beat")
    watch.start(settings.otlp_endpoint, "beat")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    run_beat(build(settings), stop)


def run_beat(services: Services, stop: threading.Event) -> int:
    """Sweep, pulse and tidy, each in its own rhythm, until told to stop; the number of rounds that failed."""
    settings = services.settings
    heartbeat = heartbeat_path(settings.data_dir, node("beat"))
    sweeper = Sweeper(services, heartbeat)
    tidier = Tidier(services)
    duties = (
        Duty(services.waker.pulse, min(PULSE_SECONDS, settings.silent_seconds / 4)),
        Duty(tidier.step, 0.0),
        Duty(sweeper.sweep, settings.sweep_seconds),
    )
    failed = 0
    while not stop.is_set():
        touch(heartbeat)
        for duty in duties:
            try:
                duty.do_if_due(time.monotonic())
            except Exception:
                # the top of the process: a database that is away must not end the one who looks after everything
                failed += 1
                metrics.meter().rounds_failed.inc()
                log.exception("a round of the sweeper failed", failed=failed)
        stop.wait(min(settings.sweep_seconds, 1.0, tidier.pause))
    return failed


class Duty:
    """Something to do again and again, at least `every` seconds apart."""

    def __init__(self, act: Callable[[], None], every: float) -> None:
        self.act = act
        self.every = every
        self.due = 0.0

    def do_if_due(self, now: float) -> None:
        """Do it, if it is time. A failure too counts as done: the next try comes in its turn."""
        if now >= self.due:
            self.due = now + self.every
            self.act()


class Tidier:
    """Tidies once an hour, one short transaction a round, so that a long deletion keeps nobody from anything."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._steps: Iterator[Gone] | None = None
        self._gone: Counter[str] = Counter()
        self._next_round = self._next_word = 0.0
        self.pause = math.inf

    def step(self) -> None:
        """Begin a round when it is time, or take the next step of the one that is under way."""
        began = time.monotonic()
        if self._steps is None:
            if began < self._next_round:
                return
            s = self._services
            self._next_round, self._next_word = began + TIDY_SECONDS, began + WORD_SECONDS
            self._steps, self._gone = tidy(s.store, s.clock, s.settings.retention_days), Counter()
        # a step that fails ends the round, the next one takes up what is left
        steps, self._steps, self.pause = self._steps, None, math.inf
        gone = next(steps, None)
        if gone is None:
            log.info("tidied", **self._gone)
            return
        self._steps = steps
        self._gone.update(gone.counts)
        ended = time.monotonic()
        # where writers wait for each other, others have the database for at least as long as this step had it
        self.pause = max(ended - began, LEAST_PAUSE) if self._services.store.sqlite else LEAST_PAUSE
        if ended > self._next_word:
            self._next_word = ended + WORD_SECONDS
            log.info("tidying", **self._gone)


class Sweeper:
    """Looks for rows that wait too long, wakes those who should take them, and takes them when that does not help."""

    def __init__(self, services: Services, heartbeat: Path) -> None:
        self._services = services
        self._heartbeat = heartbeat
        self._stale_since: dict[str, float] = {}

    def sweep(self) -> None:
        """One round over all kinds of rows."""
        waiting = sweep(self._services.store, self._services.clock)
        self._see_to(SCORE_PENDING, waiting.stale_pending, self._score)
        self._see_to(DELIVER_DUE, waiting.stale_due, self._deliver)
        if waiting.stale_readings:
            # nobody has to do it instead: what is held runs out, and what is decided is decided
            self._services.waker.poke(READ_AGAIN)

    def _see_to(self, task: str, stale: bool, do_it: Callable[[], int]) -> None:
        if not stale:
            self._stale_since.pop(task, None)
            return
        self._services.waker.poke(task)
        now = time.monotonic()
        if now - self._stale_since.setdefault(task, now) >= NEGLECT_SECONDS:
            metrics.meter().helped[task].inc()
            log.warning("it has waited long, so the sweeper lends a hand", task=task, done=do_it())

    def _score(self) -> int:
        """One batch a round: enough to get on without workers, too little to get in the way of busy ones."""
        s = self._services
        limit, lease = s.settings.batch_size, s.settings.lease_seconds
        return score_batch(s.store, s.classifier, limit=limit, lease=lease, rota=s.rota)

    def _deliver(self) -> int:
        s = self._services
        return deliver_due(
            s.store,
            s.sender,
            s.clock,
            seconds=DELIVER_SECONDS,
            concurrency=s.settings.callback_concurrency,
            beat=lambda: touch(self._heartbeat),
        )


@click.command()
@click.argument("part", type=click.Choice(["web", "worker", "beat"]))
@click.option("--name", help="The worker's name, as it was started.")
def health(part: str, name: str | None) -> None:
    """Say whether a running part is well: exit code 0 when it is, 1 when not. For container health checks."""
    settings = Settings.from_env()
    trouble = _web_trouble(settings) if part == "web" else _silence(settings, name or part)
    click.echo(trouble or "well", err=bool(trouble))
    sys.exit(1 if trouble else 0)


def _silence(settings: Settings, name: str) -> str | None:
    """What is wrong with a part that should touch its heartbeat on this host."""
    since = age(heartbeat_path(settings.data_dir, node(name)))
    if since is None:
        return f"{name} has never given a sign of life here"
    if since > settings.silent_seconds:
        return f"{name} has been silent for {since:.0f} seconds"
    return None


def _web_trouble(settings: Settings) -> str | None:
    """What is wrong with the web server."""
    status = get_status(settings, "/healthz")
    return None if status == 200 else f"/healthz answers {status or 'nothing'}"


def get_status(settings: Settings, path: str, timeout: float = 3.0) -> int | None:
    """The status with which this host's web server answers; None when it does not answer."""
    # not httpx: a health check runs every few seconds and should cost little
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection = HTTPConnection(host, settings.port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
