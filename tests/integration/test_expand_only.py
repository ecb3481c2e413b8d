"""Each migration is one that the code before it survives: old and new processes may run side by side during an upgrade."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from service.store import Store, migrations

SLOWER = "without an index old code finds the same rows, only slower, for as long as the upgrade lasts"
UNCHECKED = "old code writes the same rows: a check less refuses nothing that it was let do"

EXCEPTIONS = {
    ("0004", "index comments thread_id,id is gone"): SLOWER,
    ("0004", "index decisions site_id,id is gone"): SLOWER,
    ("0005", "index comments site_id,risk,id is gone"): SLOWER,
    (
        "0005",
        "index users oidc_subject forbids what was allowed",
    ): "old code leaves the column null, as often as it likes",
}
"""What may be otherwise, as (revision, finding as below), each with the reason why old code survives it."""

EXCEPTIONS_ON_POSTGRESQL = {
    ("0004", "foreign key comments author_id is gone"): UNCHECKED,
    ("0004", "foreign key comments site_id is gone"): UNCHECKED,
    ("0004", "foreign key comments thread_id is gone"): UNCHECKED,
    ("0004", "foreign key decisions comment_id is gone"): UNCHECKED,
    ("0004", "foreign key decisions site_id is gone"): UNCHECKED,
    ("0004", "foreign key deliveries comment_id is gone"): UNCHECKED,
    ("0004", "foreign key deliveries site_id is gone"): UNCHECKED,
}
"""The same, of what SQLite keeps."""

Shape = dict[tuple[str, ...], tuple[object, ...]]


def shape(connection: sa.Connection) -> Shape:
    """Everything that code may lean on, by its kind and name, with what must stay as it is."""
    inspector = sa.inspect(connection)
    found: Shape = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        found["table", table] = ()
        for column in inspector.get_columns(table):
            kind = str(column["type"]), column["nullable"], column["default"]
            found["column", table, column["name"]] = kind
        for index in inspector.get_indexes(table):
            # by its columns: an index may be renamed
            found["index", table, ",".join(map(str, index["column_names"]))] = (index["unique"],)
        for key in inspector.get_unique_constraints(table):
            found["unique", table, ",".join(key["column_names"])] = ()
        for key in inspector.get_foreign_keys(table):
            found["foreign key", table, ",".join(key["constrained_columns"])] = ()
        for check in inspector.get_check_constraints(table):
            found["check", table, str(check["sqltext"])] = ()
    return found


def dangers(before: Shape, after: Shape) -> Iterator[str]:
    """What code that knows the tables as they were before would stumble over."""
    old_tables = {name[1] for name in before if name[0] == "table"}
    for name, kind in before.items():
        if name not in after:
            yield f"{' '.join(name)} is gone"
        elif after[name] != kind:
            yield f"{' '.join(name)} is another"
    for name, kind in after.items():
        if name in before or name[1] not in old_tables:
            continue
        if name[0] == "column" and not kind[1] and kind[2] is None:
            yield f"{' '.join(name)} is needed and has no default"
        if name[0] in {"unique", "check", "foreign key"} or (name[0] == "index" and kind[0]):
            yield f"{' '.join(name)} forbids what was allowed"


def test_every_migration_after_the_first_only_adds(store: Store) -> None:
    migrations.downgrade(store, "base")
    found = set()
    before: Shape = {}
    for revision in revisions():
        migrations.upgrade(store, revision)
        with store.engine.connect() as connection:
            after = shape(connection)
        if before:
            found |= {(revision, danger) for danger in dangers(before, after)}
        before = after
    sqlite = store.engine.dialect.name == "sqlite"
    assert found == EXCEPTIONS.keys() | (set() if sqlite else EXCEPTIONS_ON_POSTGRESQL.keys())


@pytest.mark.parametrize(
    ("change", "danger"),
    [
        ("ALTER TABLE comments DROP COLUMN declared_language", "column comments declared_language is gone"),
        ("ALTER TABLE reports RENAME COLUMN note TO notes", "column reports note is gone"),
        ("DROP TABLE reports", "table reports is gone"),
        ("DROP INDEX ix_decisions_user_id_id", "index decisions user_id,id is gone"),
        ("CREATE UNIQUE INDEX one ON sites (created_at)", "index sites created_at forbids what was allowed"),
    ],
)
def test_what_old_code_would_stumble_over_is_found(store: Store, change: str, danger: str) -> None:
    assert danger in found_after(store, change)


def test_a_column_that_is_needed_and_has_no_default_is_found(store: Store) -> None:
    with store.engine.begin() as connection:
        before = shape(connection)
        after = {**before, ("column", "sites", "plan"): ("TEXT", False, None)}
    assert list(dangers(before, after)) == ["column sites plan is needed and has no default"]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE plans (id INTEGER NOT NULL)",
        "ALTER TABLE sites ADD COLUMN plan TEXT",
        "ALTER TABLE sites ADD COLUMN plan TEXT NOT NULL DEFAULT 'free'",
        "CREATE INDEX ix_sites_created_at ON sites (created_at)",
    ],
)
def test_what_only_adds_is_no_danger(store: Store, change: str) -> None:
    assert found_after(store, change) == []


def found_after(store: Store, change: str) -> list[str]:
    with store.engine.begin() as connection:
        before = shape(connection)
        connection.exec_driver_sql(change)
        return list(dangers(before, shape(connection)))


def revisions() -> list[str]:
    """Every revision, the first one first."""
    script = ScriptDirectory(str(next(iter(migrations.__path__))))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]
