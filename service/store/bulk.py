"""Many rows in one statement: what the way of every comment through Saring rests on.

SQLAlchemy writes a statement with a parameter for each value of each row; compiling and binding it cost more than the database
does with it. Here a statement has one parameter for each **column**, and its text never changes:

- PostgreSQL gets one array a column, opened by `unnest`. One statement for any number of rows, planned once for each connection.
- SQLite gets `executemany` of a plain statement, which costs no round trip there.

Values are bound by the columns' own types, as everywhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from service.store.engine import Transaction
from service.store.types import Id, UtcTime

Columns = Mapping[str, object]
"""Values by the name of their column: a list has one for each row, anything else is the same in all rows."""


@dataclass(frozen=True)
class _Shape:
    """What a statement looks like: its table, the columns that differ from row to row, and those that don't."""

    table: sa.Table
    each: tuple[str, ...]
    same: tuple[str, ...]


def insert(tx: Transaction, table: sa.Table, columns: Columns, *, or_ignore: bool = False) -> int:
    """Insert rows; how many were. With `or_ignore`, those that are there already are passed over."""
    shape = _shape(table, columns)
    write = _insert_sqlite if tx.sqlite else _insert_postgresql
    return _run(tx, write(shape, or_ignore), shape, columns)


def update(tx: Transaction, table: sa.Table, columns: Columns, where: Sequence[str], add: Sequence[str] = ()) -> int:
    """Update the row of each id; how many were there.

    `columns` must have a list `id`. Those named in `where` are no new values: the row must have these, else it stays as it is.
    Those named in `add` are added to the old value. The rows are locked in the order of ids, so that two who write the same ones
    never wait for each other in a circle.
    """
    if not tx.sqlite:
        ids: list[str] = columns["id"]  # type: ignore[assignment]
        locked = sa.select(table.c.id).where(among(tx, table.c.id, ids)).order_by(table.c.id)
        tx.connection.execute(locked.with_for_update(key_share=True))
    shape = _shape(table, columns)
    write = _update_sqlite if tx.sqlite else _update_postgresql
    return _run(tx, write(shape, ("id", *where), tuple(add)), shape, columns)


def among(tx: Transaction, column: sa.Column[Any], values: Sequence[str]) -> sa.ColumnElement[bool]:
    """That a column has one of these values: one parameter, however many they are, so that the statement stays the same."""
    if tx.sqlite:
        written = orjson.dumps([_hex(value) for value in values] if column.type is Id else list(values)).decode()
        return column.in_(sa.select(sa.func.json_each(written).table_valued("value").c.value))
    return column == sa.any_(sa.bindparam(None, list(values), postgresql.ARRAY(column.type)))


def _run(tx: Transaction, statement: str, shape: _Shape, columns: Columns) -> int:
    if tx.sqlite:
        rows = _by_row(shape, columns, tx)
        return tx.connection.exec_driver_sql(statement, rows).rowcount if rows else 0
    return tx.connection.exec_driver_sql(statement, _by_column(shape, columns, tx)).rowcount


def _shape(table: sa.Table, columns: Columns) -> _Shape:
    each = tuple(name for name, value in columns.items() if isinstance(value, list))
    return _Shape(table, each, tuple(name for name in columns if name not in each))


@lru_cache(maxsize=256)
def _insert_postgresql(shape: _Shape, or_ignore: bool) -> str:
    names = (*shape.each, *shape.same)
    chosen = [*(_opened(shape, name) for name in shape.each), *(_single(shape, name) for name in shape.same)]
    end = " ON CONFLICT DO NOTHING" if or_ignore else ""
    return f"INSERT INTO {shape.table.name} ({', '.join(names)}) SELECT {', '.join(chosen)} FROM {_unnest(shape)}{end}"  # noqa: S608


@lru_cache(maxsize=256)
def _insert_sqlite(shape: _Shape, or_ignore: bool) -> str:
    names = (*shape.each, *shape.same)
    values = ", ".join("?" * len(names))
    end = " ON CONFLICT DO NOTHING" if or_ignore else ""
    return f"INSERT INTO {shape.table.name} ({', '.join(names)}) VALUES ({values}){end}"  # noqa: S608


@lru_cache(maxsize=256)
def _update_postgresql(shape: _Shape, where: tuple[str, ...], add: tuple[str, ...]) -> str:
    value = {name: _opened(shape, name) for name in shape.each} | {name: _single(shape, name) for name in shape.same}
    changed = ", ".join(
        f"{name} = t.{name} + {value[name]}" if name in add else f"{name} = {value[name]}"
        for name in value
        if name not in where
    )
    which = " AND ".join(f"t.{name} = {value[name]}" for name in where)
    return f"UPDATE {shape.table.name} t SET {changed} FROM {_unnest(shape)} WHERE {which}"  # noqa: S608


@lru_cache(maxsize=256)
def _update_sqlite(shape: _Shape, where: tuple[str, ...], add: tuple[str, ...]) -> str:
    # numbered, since a row's values come in the order of its columns
    place = {name: f"?{number}" for number, name in enumerate((*shape.each, *shape.same), 1)}
    changed = ", ".join(
        f"{name} = {name} + {place[name]}" if name in add else f"{name} = {place[name]}"
        for name in place
        if name not in where
    )
    which = " AND ".join(f"{name} = {place[name]}" for name in where)
    return f"UPDATE {shape.table.name} SET {changed} WHERE {which}"  # noqa: S608


def _unnest(shape: _Shape) -> str:
    arrays = ", ".join(f"%({name})s::{_array_type(shape.table.c[name])}[]" for name in shape.each)
    return f"unnest({arrays}) AS u({', '.join(shape.each)})"


def _opened(shape: _Shape, name: str) -> str:
    return f"u.{name}::jsonb" if _is_json(shape.table.c[name]) else f"u.{name}"


def _single(shape: _Shape, name: str) -> str:
    column = shape.table.c[name]
    return f"%({name})s::{'jsonb' if _is_json(column) else _array_type(column)}"


def _array_type(column: sa.Column[Any]) -> str:
    """The type of a column's array. JSON goes as text and becomes JSON row by row."""
    kinds = {sa.Uuid: "uuid", UtcTime: "timestamptz", sa.Integer: "int4", sa.Float: "float8", sa.Date: "date"}
    return next((name for kind, name in kinds.items() if isinstance(column.type, kind)), "text")


def _is_json(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.JSON)


def _by_column(shape: _Shape, columns: Columns, tx: Transaction) -> dict[str, object]:
    """Parameters of a statement that takes arrays."""
    table = shape.table.c
    bound: dict[str, object] = {}
    for name in shape.each:
        bind = _binder(table[name], tx.connection.dialect)
        values: list[Any] = columns[name]  # type: ignore[assignment]
        bound[name] = values if bind is None else list(map(bind, values))
    for name in shape.same:
        bind = _binder(table[name], tx.connection.dialect)
        bound[name] = columns[name] if bind is None else bind(columns[name])
    return bound


def _by_row(shape: _Shape, columns: Columns, tx: Transaction) -> list[tuple[object, ...]]:
    """Parameters of a statement that takes rows, in the order of `each` and then `same`."""
    bound = _by_column(shape, columns, tx)
    same = [repeat(bound[name]) for name in shape.same]
    each: list[list[Any]] = [bound[name] for name in shape.each]  # type: ignore[misc]
    return list(zip(*each, *same)) if each else []  # noqa: B905 - repeat has no end


@lru_cache(maxsize=512)
def _binder(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """How a value of this column is bound; None when it goes as it is."""
    if _is_json(column):
        return _json
    if dialect.name == "sqlite":
        return _hex if column.type is Id else column.type.dialect_impl(dialect).bind_processor(dialect)
    return None


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _hex(id: str | None) -> str | None:
    return None if id is None else id.replace("-", "")
