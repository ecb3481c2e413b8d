"""`python -m bench.chaos`: a whole Saring under load for minutes while its parts are killed, paused and misled; then an audit."""

import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import orjson
import sqlalchemy as sa

from bench import evidence, proof
from bench.audit import Bar
from bench.blows import Blow, deck, plan
from bench.clock import Clock, library
from bench.comments import comments
from bench.crowd import Crowd, Door
from bench.disk import small_disk
from bench.harm import Harm
from bench.hooks import Hooks
from bench.journal import Journal, read
from bench.reader import missing
from bench.saring import Saring, end_in_order, saring_in
from tests.servers import postgresql_server, postgresql_url

CALLBACK_TIMEOUT = 2.0

SETTINGS = {
    "worker_processes": "2",
    "lease_seconds": "5",
    "silent_seconds": "15",
    "callback_timeout": str(CALLBACK_TIMEOUT),
}
"""A lease and a silence that pauses can outlast."""

TEXTS = 5_000
LONGEST_TEXT = 2_000
"""Characters; longer ones would only fill the journals."""

TARGET_SECONDS = 8.0
"""How long the target of a kill may be away before another one is chosen."""

LATE_SECONDS = 60.0
"""How long the load goes on for blows that came late, since their targets were away."""

LONGEST_SETTLING = 3_600.0

READER_SECONDS = 30.0
"""Within which the second reader's process is up, where there is one."""

SHOWN_AT_ONCE = {"mode": "post"}
"""The policy of the last site: there the second reader judges anew what was decided; at the others it is waited for."""

LOOK_SECONDS = 0.5
TELL_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """What to do."""

    seconds: float
    kills: int
    seed: int = 1
    rate: float = 200.0
    postgresql: bool = True
    sites: int = 3
    clients: int = 2
    fail_share: float = 0.05
    patience: float = 200.0
    turn_clock: bool = True


@dataclass
class Report:
    """What came of it. `unmet` kinds of trouble say why they could not be made."""

    bars: list[Bar] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)
    trouble: dict[str, int] = field(default_factory=dict)
    unmet: dict[str, str] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    blows: list[Blow] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """True when every bar is met."""
        return all(bar.met for bar in self.bars)


Say = Callable[[str], None]


class Striker:
    """Deals the blows of a plan at their times; whoever is not there to be killed is replaced by another."""

    def __init__(self, plan: Plan, harm: Harm, journal: Journal) -> None:
        self._harm, self._journal = harm, journal
        self._blows = blows(plan, reader=harm.reads)
        self._others = deck(plan.seed + 1, postgresql=plan.postgresql, reader=harm.reads)
        self.dealt: list[Blow] = []
        self.faults: list[BaseException] = []
        self._began = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._strike_all, name="striker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Wait until all are dealt, for so many seconds at most; from then on nothing more is."""
        self._thread.join(seconds)
        self._ended.set()
        self._thread.join()

    def _strike_all(self) -> None:
        try:
            for blow in self._blows:
                if self._ended.wait(max(0.0, blow.at - self._since())):
                    return
                self._strike(blow)
        except Exception as error:
            # the top of a thread: the run is told, and fails by it
            self.faults.append(error)
            raise

    def _strike(self, blow: Blow) -> None:
        what, until = blow.what, time.monotonic() + TARGET_SECONDS
        while not self._harm.do(what, blow.seconds):
            if not blow.kill or self._ended.is_set():
                return
            if time.monotonic() > until:
                what, until = next(self._others), time.monotonic() + TARGET_SECONDS
            time.sleep(0.1)
        self.dealt.append(Blow(self._since(), what, blow.seconds))
        self._journal.write(at=time.time(), what=what, seconds=blow.seconds)

    def _since(self) -> float:
        return time.monotonic() - self._began


def blows(plan_: Plan, *, reader: bool) -> list[Blow]:
    """What is to be done in such a run."""
    return plan(plan_.seconds, plan_.kills, plan_.seed, postgresql=plan_.postgresql, reader=reader)


def run(plan: Plan, folder: Path, say: Say = lambda _line: None) -> Report:
    """Do it in a folder, where the logs stay, and audit it."""
    (folder / "saring").mkdir()
    faketime = library() if plan.turn_clock else None
    with ExitStack() as stack:
        server = stack.enter_context(postgresql_server()) if plan.postgresql else None
        clock = Clock(folder / "clock", faketime) if faketime else None
        disk = stack.enter_context(small_disk(folder / "saring/broker"))
        hooks = Hooks(folder / "hooks.jsonl", plan.fail_share, CALLBACK_TIMEOUT)
        stack.callback(hooks.stop)
        hooks.start()
        url = postgresql_url(server) if server else f"sqlite:///{folder / 'saring/saring.db'}"
        running = stack.enter_context(saring_in(folder / "saring", url, SETTINGS, clock.variables if clock else None))
        reads = _reads(running)
        harm = Harm(running, hooks, server, clock, disk, random.Random(f"harm {plan.seed}"), reads=reads)
        # before Saring is stopped: a paused process would not hear of it
        stack.callback(harm.calm)
        trial = _Trial(plan, folder, running, harm, url, say)
        return trial.run()


def _reads(running: Saring) -> bool:
    """Whether it has a second reader, which is up a little later than it is ready."""
    until = time.monotonic() + READER_SECONDS if missing() is None else 0.0
    while (part := running.part("reader")) is None and time.monotonic() < until:
        time.sleep(0.2)
    return part is not None


class _Trial:
    """One run, from the first comment to the audit."""

    def __init__(self, plan: Plan, folder: Path, running: Saring, harm: Harm, url: str, say: Say) -> None:
        self._plan, self._folder, self._running, self._harm = plan, folder, running, harm
        self._url, self._say = url, say
        self._report = Report(unmet=_unmet(plan, harm))

    def run(self) -> Report:
        names = [f"site-{number}" for number in range(1, self._plan.sites + 1)]
        sites = {name: self._running.add_site(name, self._harm.hooks.url) for name in names}
        self._running.set_policy(SHOWN_AT_ONCE, names[-1])
        doors = [Door(name, self._running.url, site.api_key) for name, site in sites.items()]
        self._trouble(doors)
        self._settle()
        self._audit({name: site.webhook_secret for name, site in sites.items()})
        return self._report

    def _trouble(self, doors: list[Door]) -> None:
        texts = [one.text for one in comments([], None, TEXTS) if len(one.text) <= LONGEST_TEXT]
        sent, done = Journal(self._folder / "clients.jsonl"), Journal(self._folder / "blows.jsonl")
        crowd = Crowd(doors, self._plan.clients, self._plan.rate, texts, self._plan.seed)
        striker = Striker(self._plan, self._harm, done)
        crowd.start(sent)
        striker.start()
        until = time.monotonic() + self._plan.seconds
        while (left := until - time.monotonic()) > 0:
            self._say(f"{left:5.0f} s left, {len(striker.dealt)} blows dealt")
            time.sleep(min(left, TELL_SECONDS))
        striker.end(LATE_SECONDS)
        self._harm.calm()
        crowd.stop()
        for fault in [*crowd.faults, *striker.faults]:
            raise RuntimeError("the harness itself failed") from fault
        kills = Counter(blow.what for blow in striker.dealt if blow.kill)
        self._report.blows = striker.dealt
        self._report.kills = dict(sorted(kills.items()))
        self._report.trouble = dict(sorted(Counter(blow.what for blow in striker.dealt if not blow.kill).items()))
        self._report.bars.append(Bar("kills short of those wanted", max(self._plan.kills - kills.total(), 0), 0))

    def _settle(self) -> None:
        """Wait until nothing is pending and no delivery waits, as long as there is progress at least once in our patience."""
        began = told = progress = time.monotonic()
        least, ahead = float("inf"), None
        while time.monotonic() - progress < self._plan.patience and time.monotonic() - began < LONGEST_SETTLING:
            try:
                pending, waiting = evidence.waiting_in(self._url)
                unread = evidence.unread_in(self._url)
                ahead = evidence.dated_ahead_in(self._url, datetime.now(UTC)) if ahead is None else ahead
            except sa.exc.OperationalError as error:
                # PostgreSQL may still recover from the last blow
                self._say(f"settling: the database does not answer ({type(error).__name__})")
                time.sleep(LOOK_SECONDS)
                continue
            if (left := pending + waiting + unread) == 0:
                break
            if left < least:
                least, progress = left, time.monotonic()
            if time.monotonic() > told:
                self._say(f"settling: {pending} pending, {waiting} deliveries wait, {unread} unread")
                told = time.monotonic() + TELL_SECONDS
            time.sleep(LOOK_SECONDS)
        self._report.figures["seconds to settle"] = time.monotonic() - began
        self._report.figures["deliveries that a clock set back kept waiting"] = ahead or 0

    def _audit(self, secrets: dict[str, str]) -> None:
        claim = evidence.claim_of(read(self._folder / "clients.jsonl"))
        stored = evidence.stored_in(self._url)
        arrivals = evidence.arrivals_of(read(self._folder / "hooks.jsonl"), secrets)
        self._report.bars += proof.bars(claim, stored, arrivals)
        if self._harm.reads:
            unread = not any(one.by_both for one in stored.decisions)
            self._report.bars.append(Bar("nothing was decided by both readers", int(unread), 0))
        self._report.figures |= proof.figures(claim, stored, arrivals)
        self._report.again = dict(sorted(claim.again.items()))


def _unmet(plan: Plan, harm: Harm) -> dict[str, str]:
    why = {}
    if harm.clock is None:
        why["clock"] = (
            "libfaketime is not installed (apt-get install libfaketime)" if plan.turn_clock else "not asked for"
        )
    if harm.disk is None:
        why["disk full"] = "no small disk could be mounted here (that takes root)"
    if not harm.reads:
        why["reader"] = missing() or "its process did not start"
    return why


@click.command()
@click.option("--minutes", type=click.FloatRange(0.2, 600), default=10.0, help="How long the load and the blows last.")
@click.option("--kills", type=click.IntRange(0, 10_000), default=100, help="Processes to be killed (-9) meanwhile.")
@click.option("--seed", type=int, default=1, help="For the plan and what the sites do.")
@click.option("--rate", type=click.FloatRange(1, 100_000), default=200.0, help="Comments a second, all sites together.")
@click.option(
    "--database", type=click.Choice(["postgresql", "sqlite"]), default="postgresql", help="Where they are kept."
)
@click.option("--sites", type=click.IntRange(1, 100), default=3, help="Sites that send.")
@click.option("--clients", type=click.IntRange(1, 100), default=2, help="Clients of each site.")
@click.option(
    "--fail-share", type=click.FloatRange(0, 0.9), default=0.05, help="Share of deliveries that the receiver fails."
)
@click.option(
    "--patience",
    type=click.FloatRange(1),
    default=200.0,
    help="Seconds without progress after which it waits no longer.",
)
@click.option("--clock/--no-clock", "turn_clock", default=True, help="Turn the clock, where libfaketime is installed.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report here."
)
def main(minutes: float, database: str, json_file: Path | None, **chosen: object) -> None:
    """Put a Saring of its own under load and hurt it at random, by a plan made from the seed; then account for everything.

    Processes are killed and paused, the broker is emptied and its disk filled, PostgreSQL crashes, the receiver of callbacks
    dies,
    the clock is turned. Everything stays on this machine. Exits with 1 when a bar is not met, and leaves the logs then.
    """
    end_in_order()
    plan = Plan(seconds=minutes * 60, postgresql=database == "postgresql", **chosen)  # type: ignore[arg-type]
    with _kept_on_failure() as folder:
        report = run(plan, folder, say=_line)
        click.echo(table(report, database))
        if json_file:
            told = asdict(report) | {"met": report.met, "plan": asdict(plan)}
            json_file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        if not report.met:
            sys.exit(1)


@contextmanager
def _kept_on_failure() -> Iterator[Path]:
    """A folder for the logs, which stays when the block does not end well."""
    folder = Path(tempfile.mkdtemp(prefix="saring-chaos-"))
    try:
        yield folder
    except BaseException:
        click.echo(f"the logs are in {folder}", err=True)
        raise
    shutil.rmtree(folder)


def _line(text: str) -> None:
    """Show progress: on a terminal in one line."""
    click.echo(f"\r{text:60}" if sys.stdout.isatty() else text, nl=not sys.stdout.isatty())


def table(report: Report, database: str) -> str:
    """The report for people; the bars and what could not be tried are its last lines."""
    lines = ["", *(f"{name:52}{value:12,.0f}" for name, value in report.figures.items())]
    lines += ["", "sent again because of: " + _counts(report.again), "", f"{'killed (-9)':52}{'times':>12}"]
    lines += [f"{what:52}{times:12,}" for what, times in report.kills.items()]
    lines += [f"{'in all':52}{sum(report.kills.values()):12,}", "", f"{'other trouble':52}{'times':>12}"]
    lines += [f"{what:52}{times:12,}" for what, times in report.trouble.items()]
    lines += ["", f"{'bar (' + database + ')':52}{'count':>12}{'wanted':>8}"]
    lines += [f"{bar.what:52}{bar.count:12,}{bar.wanted:8,}  {'met' if bar.met else 'NOT MET'}" for bar in report.bars]
    lines += ["", f"kills: {sum(report.kills.values())}", *map(partial(_told, report), TRIED)]
    return "\n".join([*lines, "every bar is met" if report.met else "NOT EVERY BAR IS MET"])


TRIED = {"clock": "clock turns", "disk full": "broker's disk full", "reader": "second reader killed"}
"""What may not be possible everywhere, and its name in the report."""


def _told(report: Report, what: str) -> str:
    """How often this was tried, and loudly when it could not be."""
    times = sum(number for name, number in (report.trouble | report.kills).items() if name.startswith(what))
    why = report.unmet.get(what)
    return f"{TRIED[what]}: {times}" + (f"  <-- NOT TRIED, {why}" if why else "")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{times} {what}" for what, times in counts.items()) or "nothing"


if __name__ == "__main__":
    main()
