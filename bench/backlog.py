"""Comments that wait, always more of them than the workers get done: put straight into the database, past the web server."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from bench.comments import comments
from service.domain.comment import Author, NewComment
from service.moderation.accept import accept
from service.store import Store
from service.store.backlog import Backlog
from service.store.sites import Sites

SITE = "backlog.example"

FULL = 60_000
LOW = 30_000
"""So many wait at first, and at least while it is measured."""

TOGETHER = 2_000
TEXTS = 20_000

LOOK_SECONDS = 0.25

PATIENCE = 120.0


@contextmanager
def backlog(database_url: str) -> Iterator[None]:
    """Keep at least LOW comments of the site SITE pending until the block ends, beginning once there are FULL.

    Raises: click.ClickException, when it did not come to that, or fell behind the workers.
    """
    filler = subprocess.Popen(
        [sys.executable, "-m", "bench.backlog", database_url], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        if filler.stdout is None or filler.stdout.readline().strip() != "full":
            raise click.ClickException("the backlog could not be made")
        yield
        if filler.poll() is not None:
            raise click.ClickException("the backlog was not kept up")
    finally:
        filler.terminate()
        filler.wait(30)


def pending(store: Store, most: int) -> int:
    """How many comments wait, up to a number."""
    with store.read(by_index=True) as tx:
        return Backlog(tx).depth(most)


def main(database_url: str) -> None:
    """Fill, say so, and go on filling for ever. Exits with 1 when the workers had nothing left to do."""
    store = Store(database_url, lambda: datetime.now(UTC))
    with store.read() as tx:
        site = Sites(tx).by_name(SITE)
    if site is None:
        raise click.ClickException(f"there is no site {SITE}")
    batches, told = _batches(), False
    while True:
        waiting = pending(store, FULL)
        if told and not waiting:
            sys.exit(1)
        wanted = FULL if not told else LOW + TOGETHER
        for _ in range(max(0, wanted - waiting) // TOGETHER):
            accept(next(batches), site.id, store, lambda: None)
        if not told and waiting >= LOW:
            told = True
            print("full", flush=True)
        time.sleep(LOOK_SECONDS)


def _batches() -> Iterator[Sequence[NewComment]]:
    sent = comments([], None, TEXTS)
    number = 0
    while True:
        some = [sent[(number + place) % TEXTS] for place in range(TOGETHER)]
        yield [
            NewComment(f"waits-{number + place}", one.text, Author(one.author, one.author))
            for place, one in enumerate(some)
        ]
        number += TOGETHER


if __name__ == "__main__":
    main(sys.argv[1])
