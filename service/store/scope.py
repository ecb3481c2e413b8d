"""The one place where a query is tied to a site."""

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.store.engine import Transaction

COUNT_TO = 1_000
"""Counting for a page stops here: nobody reads the number beyond, and each page would wait for it."""

Narrowed = TypeVar("Narrowed", sa.Select[Any], sa.Update, sa.Delete)


class Scope:
    """One site's rows. A repository is a scope; it reaches its tables through `mine` and `insert` alone."""

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
