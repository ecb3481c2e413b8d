"""Migrations: both ends, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from service.store import Store, migrations
from service.store.tables import metadata

UNCHECKED = (
    "fk_comments_author_id_authors",
    "fk_comments_site_id_sites",
    "fk_comments_thread_id_threads",
    "fk_decisions_comment_id_comments",
    "fk_decisions_site_id_sites",
    "fk_deliveries_comment_id_comments",
    "fk_deliveries_site_id_sites",
)
"""Foreign keys that PostgreSQL has no more, and SQLite has: migration 0004 says why."""


def test_the_tables_are_those_that_the_migrations_make(store: Store) -> None:
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        sqlite = connection.dialect.name == "sqlite"
        wanted = [] if sqlite else [*(("add_fk", name) for name in UNCHECKED), ("remove_index", "ix_comments_words")]
    found = sorted((kind, key.name) for kind, key in differences)
    if sqlite:
        words = [pair for pair in found if pair[1].startswith("searched")]
        assert ("remove_table", "searched_words") in words
        found = [pair for pair in found if pair not in words]
    assert found == wanted


def test_down_to_nothing_and_up_again(store: Store) -> None:
    migrations.downgrade(store, "base")
    assert migrations.current(store) is None
    migrations.upgrade(store)
    assert migrations.current(store) == migrations.newest()


def test_upgrading_twice_changes_nothing(store: Store) -> None:
    migrations.upgrade(store)
    assert migrations.current(store) == migrations.newest()
