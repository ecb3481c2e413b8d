"""The database: an engine set up for either kind, and transactions that hand out repositories."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from math import inf
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from time import monotonic
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg import Connection as PostgresqlConnection
from psycopg import Error as PsycopgError
from psycopg.errors import DeadlockDetected, ProgramLimitExceeded
from psycopg.types.string import TextLoader
from uuid_utils import uuid7

from service.domain.change import Change
from service.domain.errors import Invalid, Overtaken, Unavailable
from service.store.known import Known

WAIT_FOR_LOCK = 30_000
"""Milliseconds that a SQLite writer waits for another one before it gives up."""


IDLE_SECONDS = 2.0
"""A connection that was used in the last seconds is taken as it is; one that rested longer is asked first whether it lives."""


OTHER_WAYS = ("seqscan", "bitmapscan", "sort", "incremental_sort", "hashjoin", "mergejoin")

ALONE = "set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"

CANT_BE_KEPT = "a value in this request can't be stored or looked for"

BY_INDEX = f"SELECT {ALONE}, " + ", ".join(f"set_config('enable_{way}', 'off', true)" for way in OTHER_WAYS)
"""Leaves PostgreSQL's planner the look-up in an index that has the order asked for, until the transaction ends
(https://www.postgresql.org/docs/current/runtime-config-query.html). What it has to do all the same, such as reading the few rows
of `claims`, it then reckons to be dear, and would compile such a query first, or read a whole index with several processes."""


def new_id() -> str:
    """A UUIDv7: sorts by the time it was made."""
    return str(uuid7())


def made_at(id: str) -> float:
    """When an id was made, in seconds since 1970: a UUIDv7 begins with the milliseconds (RFC 9562, section 5.7)."""
    return int(id[:8] + id[9:13], 16) / 1000


def first_id(at: datetime) -> str:
    """The smallest UUIDv7 of a time: what was made earlier has a smaller id (RFC 9562: 48 bits of milliseconds lead)."""
    milliseconds = int(at.timestamp() * 1000)
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62))


class Transaction:
    """One transaction and the time at which it began; the repositories are made with it.

    What is in `after_commit` is called once it is committed, and never when it is not; open desks are told the `changes` then.
    """

    def __init__(self, connection: sa.Connection, now: datetime, known: Known) -> None:
        self.connection = connection
        self.now = now
        self.known = known
        self.after_commit: list[Callable[[], None]] = []
        self.changes: list[Change] = []

    @property
    def sqlite(self) -> bool:
        """True on SQLite, where a few statements are written otherwise."""
        return self.connection.dialect.name == "sqlite"


def nobody(_changes: Sequence[Change]) -> None:
    """For a store whose changes no desk follows."""


class Store:
    """Where everything is kept. `tell` is called after a commit with what it changed in queues; it must not raise."""

    def __init__(
        self, url: str, clock: Callable[[], datetime], tell: Callable[[Sequence[Change]], None] = nobody
    ) -> None:
        self.url = url
        self.tell = tell
        self.sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.sqlite else _postgresql(url)
        self.clock = clock
        self.known = Known()
        self._writing = Lock()

    @contextmanager
    def begin(self, *, by_index: bool = False) -> Iterator[Transaction]:
        """A transaction that writes: committed at the end of the block, rolled back when it raises.

        With `by_index` PostgreSQL finds every row by an index that has the order asked for, whatever it has counted.
        Raises: Unavailable, when the database is away or too busy; then nothing of the block was written.
        """
        with _told(), self._turn(), self.engine.begin() as connection:
            tx = Transaction(connection, self.clock(), self.known)
            if by_index and not self.sqlite:
                connection.exec_driver_sql(BY_INDEX)
            yield tx
        for act in tx.after_commit:
            act()
        if tx.changes:
            self.tell(tx.changes)

    @contextmanager
    def read(self, *, by_index: bool = False) -> Iterator[Transaction]:
        """A transaction that only reads; `by_index` as in `begin`. Raises: Unavailable.

        On SQLite it sees one state of the database and waits for no writer. On PostgreSQL each statement sees the state of its
        own time, as READ COMMITTED has it anyway, and so BEGIN and ROLLBACK are saved, unless it is `by_index`.
        """
        options: dict[str, Any] = {}
        if self.sqlite:
            options["saring_reads"] = True
        elif not by_index:
            options["isolation_level"] = "AUTOCOMMIT"
        with _told(), self.engine.connect().execution_options(**options) as connection:
            if by_index and not self.sqlite:
                connection.exec_driver_sql(BY_INDEX)
            yield Transaction(connection, self.clock(), self.known)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let the writers of this process wait in line for SQLite: it would have each ask again and again, with pauses."""
        if not self.sqlite:
            yield
            return
        if not self._writing.acquire(timeout=WAIT_FOR_LOCK / 1000):
            raise Unavailable("the database can't be used now (too many write to it)")
        try:
            yield
        finally:
            self._writing.release()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """Say in our words what the database refuses.

    Unavailable: it is away or locked for too long. Overtaken: it had to choose between two writers. Invalid: it was given what
    no column can hold.
    """
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        if isinstance(error.__cause__, ProgramLimitExceeded):
            # such as a key that is too long for an index: it would be no other the next time
            raise Invalid(CANT_BE_KEPT) from error
        kind = Overtaken if isinstance(error.__cause__, DeadlockDetected) else Unavailable
        raise kind(f"the database can't be used now ({type(error.__cause__ or error).__name__})") from error
    except (sa.exc.DataError, OverflowError) as error:
        # a NUL, or a number beyond the column's: doors refuse them by name, and what one overlooks is no fault of ours
        raise Invalid(CANT_BE_KEPT) from error


def _sqlite(url: str) -> sa.Engine:
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=16, max_overflow=16, hide_parameters=True
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: SqliteConnection, _record: object) -> None:
        # BEGIN is ours to send: the driver's own would start every transaction as a reader, and a reader that turns writer
        # fails at once with SQLITE_BUSY instead of waiting (https://www.sqlite.org/lang_transaction.html)
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={WAIT_FOR_LOCK}",
            "journal_mode=WAL",
            # an acknowledged comment survives a power cut; NORMAL would not promise that
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("saring_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        # an error's message goes into the log, and its parameters are people's comments
        hide_parameters=True,
        pool_size=8,
        max_overflow=16,
        connect_args={
            "connect_timeout": 5,
            # never prepared, so that each statement is planned for the tables as they are now. A prepared one keeps its plan
            # until they are analysed, once a minute at the most: planned on young, small tables, it takes any index that begins
            # with the site, and looks up 100 comments in 150 ms in place of one when ten thousand are there
            "prepare_threshold": None,
        },
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: PostgresqlConnection, _record: object) -> None:
        # an id is text in Python; the driver's own way makes a UUID object first
        connection.adapters.register_loader("uuid", TextLoader)

    @sa.event.listens_for(engine, "checkin")
    def note(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["used"] = monotonic()

    @sa.event.listens_for(engine, "checkout")
    def check(connection: PostgresqlConnection, record: sa.pool.ConnectionPoolEntry, _proxy: object) -> None:
        # a round trip before each use, as `pool_pre_ping` does it, would be a fifth of a request's
        if monotonic() - record.info.get("used", inf) > IDLE_SECONDS:
            try:
                connection.execute("")
                connection.rollback()
            except PsycopgError as error:
                raise sa.exc.DisconnectionError from error

    return engine
