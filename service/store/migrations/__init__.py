"""Alembic migrations, from the first table on."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.store import Store


def upgrade(store: Store, revision: str = "head") -> None:
    """Bring the database to a revision. One at a time: SQLite by its write lock, PostgreSQL by an advisory lock."""
    _run(store, lambda config: command.upgrade(config, revision))


def downgrade(store: Store, revision: str) -> None:
    """Take the database back to a revision, `base` for none of our tables."""
    _run(store, lambda config: command.downgrade(config, revision))


def current(store: Store) -> str | None:
    """The revision of the database."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The revision that this code wants."""
    return ScriptDirectory(str(Path(__file__).parent)).get_current_head()


def _run(store: Store, step: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        config.attributes["connection"] = connection
        step(config)


LOCK = 5_872_001
"""Any number that nobody else takes: two hosts that start together migrate one after the other."""
