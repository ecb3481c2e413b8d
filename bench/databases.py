"""The databases that a measurement runs on: SQLite in a folder of its own, PostgreSQL in a cluster of its own, both durable."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from tests.servers import postgresql_cluster

KINDS = ("sqlite", "postgresql")


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], str]]:
    """What makes an empty database of one of KINDS and gives its URL; all are gone at the end of the block."""
    numbers = count(1)
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="saring-bench-", ignore_cleanup_errors=True) as folder:
            yield lambda: f"sqlite:///{folder}/{next(numbers)}.db"
        return
    with postgresql_cluster() as url:

        def fresh() -> str:
            name = f"bench_{next(numbers)}"
            with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {name}")
            return url.replace("/postgres?", f"/{name}?")

        yield fresh
