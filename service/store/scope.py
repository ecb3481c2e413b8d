"""The one place where a query is tied to a site."""

from collections.abc import Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.store import bulk
from service.store.engine import Transaction

COUNT_TO = 1_000
"""Counting for a page stops here: nobody reads the number beyond, and each page would wait for it."""

Narrowed = TypeVar("Narrowed", sa.Select[Any], sa.Update, sa.Delete)


class Scope:
    """One site's rows. A repository is a scope; it reaches its tables through `mine` and the methods below alone."""

    def __init__(self, tx: Transaction, site_id: str) -> None:
        self.tx = tx
        self.site_id = site_id

    def mine(self, statement: Narrowed, *tables: sa.Table) -> Narrowed:
        """The statement, narrowed to this site's rows of each table."""
        for table in tables:
            statement = statement.where(table.c.site_id == self.site_id)
        return statement

    def run(self, statement: sa.Executable, *parameters: Any) -> sa.CursorResult[*tuple[Any, ...]]:
        """The statement's result."""
        return self.tx.connection.execute(statement, *parameters)

    def count(self, query: sa.Select[Any]) -> int:
        """How many rows a query finds, at most COUNT_TO."""
        return int(self.run(sa.select(sa.func.count()).select_from(query.limit(COUNT_TO).subquery())).scalar_one())

    def insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Insert rows of this site."""
        if rows:
            self.run(sa.insert(table), [{**row, "site_id": self.site_id} for row in rows])

    def insert_columns(self, table: sa.Table, columns: bulk.Columns, *, or_ignore: bool = False) -> int:
        """Insert many rows of this site in one statement; how many were. See `bulk`."""
        return bulk.insert(self.tx, table, {**columns, "site_id": self.site_id}, or_ignore=or_ignore)

    def update_columns(
        self, table: sa.Table, columns: bulk.Columns, *, add: Sequence[str] = (), locked: bool = False
    ) -> int:
        """Update many rows of this site by their ids in one statement; how many were there. See `bulk`."""
        return bulk.update(self.tx, table, {**columns, "site_id": self.site_id}, ("site_id",), add=add, locked=locked)

    def move_columns(self, table: sa.Table, columns: bulk.Columns, was: bulk.Columns) -> list[str]:
        """Update those of many rows of this site that still are as they `was` read; their ids. See `bulk`."""
        return bulk.move(self.tx, table, {**columns, "site_id": self.site_id}, ("site_id",), was)

    def look_up(
        self, table: sa.Table, key: str, values: Sequence[str], fields: Sequence[str]
    ) -> dict[str, Sequence[Any]]:
        """Of this site's rows whose key is one of the values: the id and some text fields, by the key. See `bulk`."""
        return bulk.look_up(self.tx, table, key, values, fields, self.site_id)

    def insert_new(self, table: sa.Table, rows: list[dict[str, Any]], *returning: sa.Column[Any]) -> list[sa.Row[Any]]:
        """Insert rows of this site but those that are there already; the new ones' columns, in any order."""
        if not rows:
            return []
        statement = insert_ignoring(self.tx, table).returning(*returning)
        return list(self.run(statement, [{**row, "site_id": self.site_id} for row in rows]))


def insert_ignoring(tx: Transaction, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that passes over what is there already."""
    insert = sqlite.insert(table) if tx.sqlite else postgresql.insert(table)
    return insert.on_conflict_do_nothing()


def upserting(
    tx: Transaction, table: sa.Table, key: Sequence[str], changed: Sequence[str]
) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that, where the `key` is there already, sets the columns that may have `changed`."""
    insert = sqlite.insert(table) if tx.sqlite else postgresql.insert(table)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in changed})
