"""Migrations: both ends, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from service.store import Store, migrations
from service.store.tables import metadata


def test_the_tables_are_those_that_the_migrations_make(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_down_to_nothing_and_up_again(store: Store) -> None:
    migrations.downgrade(store, "base")
    assert migrations.current(store) is None
    migrations.upgrade(store)
    assert migrations.current(store) == migrations.newest()


def test_upgrading_twice_changes_nothing(store: Store) -> None:
    migrations.upgrade(store)
    assert migrations.current(store) == migrations.newest()
