"""`python -m bench.end_to_end`: a whole Saring under load and under blows, then every comment is accounted for."""

import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import orjson

from bench.audit import Bar, bars, decided_at, duplicates, percentile
from bench.client import Acknowledged, Client
from bench.comments import Sent, comments
from bench.receiver import Attempt, Receiver, failures
from bench.saring import Saring, end_in_order, saring
from bench.strikes import Blow, Striker

TRICKLE = 25.0
"""Comments a second that come singly."""

BLOW_SECONDS = 8.0
"""Seconds from one burst of comments, and the blow that falls into it, to the next: a part is back by then."""

LOOK_SECONDS = 0.25

MOST_FAILURES = 1_000
"""Failures in a row of one event: no limit, unless a test is to end soon."""


@dataclass(frozen=True)
class Plan:
    """What to do to a Saring. `settings` are SARING_* variables without the prefix, in lower case."""

    sent: Sequence[Sent]
    batch: int = 100
    singles: int = 500
    database_url: str | None = None
    kill_worker: int = 0
    kill_sender: int = 0
    flush_broker: int = 0
    fail_share: float = 0.34
    most_failures: int = MOST_FAILURES
    seed: int = 1
    patience: float = 600.0
    blow_seconds: float = BLOW_SECONDS
    trickle: float = TRICKLE
    settings: dict[str, str] = field(default_factory=lambda: {"callback_timeout": "1"})

    @property
    def blows(self) -> list[str]:
        """The parts to be hurt."""
        return ["score-1"] * self.kill_worker + ["sender"] * self.kill_sender + ["broker"] * self.flush_broker

    @property
    def batches(self) -> list[Sequence[Sent]]:
        """What is sent together: all but the singles."""
        together = self.sent[: len(self.sent) - self.singles]
        return [together[start : start + self.batch] for start in range(0, len(together), self.batch)]

    @property
    def alone(self) -> list[Sequence[Sent]]:
        """What is sent singly."""
        return [[comment] for comment in self.sent[len(self.sent) - self.singles :]]


@dataclass(frozen=True)
class Report:
    """What came of it."""

    bars: list[Bar]
    figures: dict[str, float]
    failures: dict[str, int]
    blows: list[Blow]
    log: str

    @property
    def met(self) -> bool:
        """True when every bar is met."""
        return all(bar.met for bar in self.bars)


Progress = Callable[[str, int], Callable[[int], None]]
"""Begins to show a stage of so many steps; gives what to call with the steps done so far."""


def run(plan: Plan, progress: Progress = lambda _stage, _length: lambda _done: None) -> Report:
    """Start a Saring and a receiver, send everything, wait until all is decided and delivered, and audit it."""
    timeout = float(plan.settings.get("callback_timeout", "15"))
    with (
        Receiver(plan.fail_share, plan.most_failures, timeout, plan.seed) as receiver,
        saring(plan.database_url, **plan.settings) as running,
    ):
        site = running.add_site("bench", receiver.url)
        receiver.verify_with(site.webhook_secret)
        client = Client(running.url, site.api_key)
        try:
            return _Trial(plan, running, receiver, client, progress).run()
        finally:
            client.close()


class _Trial:
    """One run, from the first comment to the audit."""

    def __init__(self, plan: Plan, running: Saring, receiver: Receiver, client: Client, progress: Progress) -> None:
        self.plan = plan
        self.running = running
        self.receiver = receiver
        self.client = client
        self.progress = progress
        self.acknowledged: list[Acknowledged] = []
        self.figures: dict[str, float] = {}
        self.striker = Striker(running, client, plan.blows, plan.seed)

    def run(self) -> Report:
        began = time.time()
        self.striker.start()
        self._send_together()
        self._send_alone()
        self.striker.wait()
        self._await_end()
        stored, attempts = list(self.client.stored()), self.receiver.attempts()
        self._figures(began, stored, attempts)
        dealt = Bar("blows dealt", len(self.striker.blows), len(self.plan.blows))
        found = [dealt, *bars(self.plan.sent, self.acknowledged, stored, attempts)]
        return Report(found, self.figures, failures(attempts), self.striker.blows, self.running.log.read_text())

    def _send_together(self) -> None:
        """The batches at full speed: all of them, or a burst for each blow."""
        batches, bursts = self.plan.batches, max(len(self.plan.blows), 1)
        show = self.progress("Sending together", sum(map(len, batches)))
        for number in range(bursts):
            pause = self.plan.blow_seconds if self.plan.blows else 0.0
            burst = batches[number * len(batches) // bursts : (number + 1) * len(batches) // bursts]
            self._send(burst, show)
            time.sleep(pause)
        if self.client.waited:
            self.figures["accepted per second, in batches"] = len(self.acknowledged) / self.client.waited

    def _send_alone(self) -> None:
        if not self.plan.blows:
            self._await("Deciding", len(self.acknowledged), self._decided)
        waited, requests, together = self.client.waited, self.client.requests, len(self.acknowledged)
        show = self.progress("Sending singly", len(self.plan.alone))
        for one in self.plan.alone:
            due = time.monotonic() + 1 / self.plan.trickle
            self._send([one], lambda sent: show(sent - together))
            time.sleep(max(0.0, due - time.monotonic()))
        if self.plan.alone:
            per_request = (self.client.waited - waited) / (self.client.requests - requests)
            self.figures["milliseconds to accept one alone, mean"] = per_request * 1000

    def _send(self, burst: Sequence[Sequence[Sent]], show: Callable[[int], None]) -> None:
        """Send batches one after the other; the striker hears of the first."""
        for number, batch in enumerate(burst):
            self.acknowledged += self.client.post(batch)
            if number == 0:
                self.striker.accepted()
            show(len(self.acknowledged))

    def _decided(self) -> int:
        """How many are decided; a page's length stands for all the pending beyond it."""
        return len(self.acknowledged) - self.client.pending()

    def _await_end(self) -> None:
        total = len(self.acknowledged)
        self._await("Deciding", total, self._decided)
        self._await("Delivering", total, self.receiver.taken)

    def _await(self, stage: str, wanted: int, count: Callable[[], int]) -> None:
        show, until = self.progress(stage, wanted), time.monotonic() + self.plan.patience
        while (done := count()) < wanted and time.monotonic() < until:
            show(done)
            time.sleep(LOOK_SECONDS)
        show(done)

    def _figures(self, began: float, stored: Sequence[dict[str, Any]], attempts: Sequence[Attempt]) -> None:
        decided = {row["id"]: decided_at(row) for row in stored if row["decision"]}
        first_told: dict[str, float] = {}
        for attempt in attempts:
            if attempt.valid_by_library:
                first_told.setdefault(orjson.loads(attempt.body)["data"]["id"], attempt.at)
        together = {one.id: one.at for one in self.acknowledged[: len(self.plan.sent) - self.plan.singles]}
        ends = [decided[id] for id in together if id in decided]
        if ends and not self.plan.blows:
            self.figures["decided per second, in batches"] = len(ends) / (max(ends) - began)
        alone = {one.id: one.at for one in self.acknowledged if one.id not in together}
        for what, when in (("decided", decided), ("first told", first_told)):
            waits = [when[id] - at for id, at in alone.items() if id in when]
            for percent in (50, 95):
                self.figures[f"milliseconds to {what}, singly, p{percent}"] = percentile(waits, percent) * 1000
        self.figures |= {
            "seconds to the last decision": max(decided.values(), default=began) - began,
            "seconds to the last delivery": max((a.at for a in attempts if a.taken), default=began) - began,
            "delivery attempts": len(attempts),
            "attempts failed, %": 100 * sum(a.answer != "204" for a in attempts) / max(len(attempts), 1),
            "events delivered more than once": duplicates(attempts),
            "attempts cut off by a killed sender": self.receiver.cut_off,
            "requests sent again": self.client.again,
        }


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", help="The column of the files that holds the text; found by its name when left out.")
@click.option("--count", type=click.IntRange(1, 1_000_000), default=5_000, help="Comments to send.")
@click.option("--batch", type=click.IntRange(1, 1_000), default=100, help="Comments in one request.")
@click.option("--singles", type=click.IntRange(0), default=500, help="How many of them come singly, 25 a second.")
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", help="Where Saring keeps them."
)
@click.option(
    "--kill-worker", type=click.IntRange(0, 50), default=0, help="How often the scoring worker is killed (-9)."
)
@click.option(
    "--kill-sender", type=click.IntRange(0, 50), default=0, help="How often the delivering worker is killed (-9)."
)
@click.option(
    "--flush-broker", type=click.IntRange(0, 50), default=0, help="How often the broker is emptied and killed."
)
@click.option(
    "--fail-share", type=click.FloatRange(0, 0.9), default=0.34, help="Share of deliveries that the receiver fails."
)
@click.option("--most-failures", type=click.IntRange(0), default=MOST_FAILURES, help="Failures in a row of one event.")
@click.option("--seed", type=int, default=1, help="For the failures and the moments of the blows.")
@click.option(
    "--patience", type=click.FloatRange(1), default=600.0, help="Seconds to wait for the last decision and delivery."
)
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report here."
)
def main(
    files: tuple[Path, ...], column: str | None, count: int, database: str, json_file: Path | None, **chosen: Any
) -> None:
    """Send comments to a Saring of its own, kill parts of it meanwhile if asked, and account for every comment.

    FILES are CSV, TSV or JSONL, packed with gzip or not, taken in turn. Without any, the published sets in SARING_TRAINING_DATA
    are used, and without those the demo's comments. Everything stays on this machine. Exits with 1 when a bar is not met.
    """
    end_in_order()
    if chosen["singles"] > count:
        raise click.BadParameter("there can't be more singles than comments", param_hint="--singles")
    with _database(database) as url:
        plan = Plan(comments(files, column, count), database_url=url, **chosen)
        report = run(plan, _bar)
    click.echo(table(report, database))
    if json_file:
        told = asdict(report) | {
            "met": report.met,
            "database": database,
            "count": count,
            "chosen": chosen,
            **_machine(),
        }
        json_file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    if not report.met:
        click.echo(report.log[-4000:], err=True)
    sys.exit(0 if report.met else 1)


def table(report: Report, database: str) -> str:
    """The report for people."""
    lines = [f"\n{'bar (' + database + ')':52}{'count':>10}{'wanted':>10}"]
    lines += [f"{bar.what:52}{bar.count:10,}{bar.wanted:10,}  {'met' if bar.met else 'NOT MET'}" for bar in report.bars]
    lines += ["", *(f"{name:52}{value:10,.1f}" for name, value in report.figures.items())]
    lines += ["", "attempts failed on purpose: " + ", ".join(f"{n} {kind}" for kind, n in report.failures.items())]
    lines += [f"killed {blow.part} with {blow.pending} pending" for blow in report.blows]
    return "\n".join(lines)


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    """The URL of a fresh database; None for the embedded default."""
    if kind == "sqlite":
        yield None
        return
    from tests.servers import postgresql_cluster

    with postgresql_cluster() as url:
        yield url


def _bar(stage: str, length: int) -> Callable[[int], None]:
    """A progress bar on a terminal; elsewhere a line at every tenth."""
    shown = click.progressbar(length=length, label=f"{stage:17}")
    seen, began = 0, time.monotonic()

    def show(done: int) -> None:
        nonlocal seen
        if sys.stdout.isatty():
            shown.update(max(done - seen, 0))
            if done >= length:
                shown.render_finish()
        elif done * 10 // max(length, 1) > seen * 10 // max(length, 1):
            click.echo(f"{stage:17} {done:7,} of {length:,} after {time.monotonic() - began:.1f} s")
        seen = max(seen, done)

    return show


def _machine() -> dict[str, str]:
    return {"python": platform.python_version(), "machine": platform.platform()}


if __name__ == "__main__":
    main()
