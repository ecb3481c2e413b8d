"""`saring doctor`: checks every part and says how to mend it."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile

import click

from service.bootstrap import Services
from service.cli.services import running
from service.moderation.ready import clock_ahead, parts
from service.moderation.sweep import sweep
from service.settings import NO_READER, unknown_settings
from service.store import migrations

LEAST_FREE = 1 << 30
"""Bytes that should be free for the database to grow."""

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock before this is wrong, and signatures are only valid for five minutes."""

LONGEST_WAIT = 30.0
"""Seconds that a comment may wait while a worker is alive."""

LARGEST_SKEW = 2.0
"""Seconds by which two hosts' clocks may differ: leases of 30 s and waits of a second are compared across hosts."""

MEND = {
    "database": "see that SARING_DATABASE_URL is right and the server runs, then `saring db upgrade`",
    "broker": "see that SARING_REDIS_URL is right and the server runs; with neither, start Saring with `saring up`",
    "model": "see that SARING_MODEL names a model file, or leave it empty for the shipped one",
}


@dataclass(frozen=True)
class Finding:
    """How a part is; `mend` says what to do when it isn't well."""

    part: str
    state: str
    mend: str | None = None


@click.command()
def doctor() -> None:
    """Check database, broker, worker, model, clock and disk, and say how to mend what is wrong."""
    wrong = False
    with running() as services:
        for finding in examine(services):
            wrong = wrong or finding.mend is not None
            click.echo(f"{'ok   ' if finding.mend is None else 'WRONG'} {finding.part:9} {finding.state}")
            if finding.mend:
                click.echo(f"{'':15} -> {finding.mend}")
    sys.exit(1 if wrong else 0)


def examine(services: Services) -> Iterator[Finding]:
    """How each part is, one after the other."""
    found = parts(services.store, services.ping_broker, lambda: services.classifier)
    for part, error in found.items():
        yield Finding(part, error or "answers", MEND[part] if error else None)
    if not found["model"]:
        yield _reader(services)
    if not found["database"]:
        yield _migrations(services)
        yield _worker(services)
        yield _skew(services)
    yield _metrics(services)
    unknown = ", ".join(unknown_settings())
    yield Finding(
        "settings", unknown or "all known", "see the table in README.md for the right names" if unknown else None
    )
    now = services.clock()
    yield Finding("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC", None if now > EARLIEST else "set the clock, or run NTP")
    free = shutil.disk_usage(services.settings.data_dir).free
    yield Finding(
        "disk", f"{free / (1 << 30):.1f} GiB free", None if free > LEAST_FREE else "make room for the database to grow"
    )


def _migrations(services: Services) -> Finding:
    has, wants = migrations.current(services.store), migrations.newest()
    return Finding(
        "tables", f"at {has}, this Saring wants {wants}", None if has == wants else "run `saring db upgrade`"
    )


def _skew(services: Services) -> Finding:
    ahead = clock_ahead(services.store)
    mend = "let NTP set the clocks of this host and the database's" if abs(ahead) > LARGEST_SKEW else None
    return Finding("clocks", f"{ahead:+.1f} s ahead of the database's", mend)


def _metrics(services: Services) -> Finding:
    """Whether processes can write down what they count: where they can't, they don't start."""
    folder = services.settings.data_dir / "metrics"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("metrics", f"{folder}: {error.strerror}", "let Saring's user write to this folder")
    return Finding("metrics", f"{folder} can be written to")


def _reader(services: Services) -> Finding:
    """The second reader: none is no fault, one that was chosen and can't be used is."""
    state = services.reader_state
    if services.stack:
        pace = services.waker.reader_pace()
        alive = "no process reads now" if pace is None else f"{pace:.1f} ms for 100 characters"
        return Finding("reader", f"{state}, {alive}")
    chosen = services.settings.reader not in {"", NO_READER}
    return Finding(
        "reader", state, "see that SARING_READER names a reader's folder, or leave it empty" if chosen else None
    )


def _worker(services: Services) -> Finding:
    waited = sweep(services.store, services.clock).pending_seconds
    mend = (
        None
        if waited < LONGEST_WAIT
        else "see that a worker runs (`saring up`, or `saring worker`) and look at its log"
    )
    return Finding("worker", f"longest waiting comment: {waited:.0f} s", mend)
