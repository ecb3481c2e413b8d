"""The databases that a measurement runs on: SQLite in a folder of its own, PostgreSQL in a cluster of its own, both durable."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from tests.servers import postgresql_cluster

KINDS = ("sqlite", "postgresql")

PRODUCTION = {
    "max_connections": "250",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
}
"""PostgreSQL as docker-compose.yml sets it up, for what is measured for minutes."""


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], str]]:
    """What makes an empty database of one of KINDS and gives its URL; all are gone at the end of the block."""
    numbers = count(1)
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="saring-bench-", ignore_cleanup_errors=True) as folder:
            yield lambda: f"sqlite:///{folder}/{next(numbers)}.db"
        return
    with postgresql_cluster(PRODUCTION) as url:

        def fresh() -> str:
            name = f"bench_{next(numbers)}"
            with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {name}")
            return url.replace("/postgres?", f"/{name}?")

        yield fresh
