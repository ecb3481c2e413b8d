"""The ceiling for taking comments in: a route that inserts what it is sent into one table, commits and answers."""

import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, request

from bench.noop import running, serve

PATH = "/comments"
TABLE = "CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY, author TEXT NOT NULL, text TEXT NOT NULL)"

Row = tuple[str, str, str]
Insert = Callable[[Sequence[Row]], None]


def bare_server(database_url: str) -> AbstractContextManager[str]:
    """Run it with as many processes and threads as Saring's web server, on a database of its own; gives the URL."""
    if database_url.startswith("sqlite"):
        with closing(_sqlite_connection(database_url)) as file:
            file.execute(TABLE)
    else:
        with _postgresql_connection(database_url) as connection:
            connection.execute(TABLE)
    return running("bench.bare", PATH, {"comments": []}, database_url)


def app(database_url: str) -> Flask:
    """An application that inserts and commits: no key, no check, no second table, nobody woken."""
    made = Flask(__name__)
    insert = _sqlite(database_url) if database_url.startswith("sqlite") else _postgresql(database_url)

    @made.post(PATH)
    def comments() -> Response:
        body = request.get_json()
        rows = [_row(comment) for comment in body.get("comments", [body])]
        if rows:
            insert(rows)
        return jsonify({"comments": [{"id": row[0], "status": "pending"} for row in rows]})

    return made


def _row(comment: dict[str, Any]) -> Row:
    return comment["id"], comment["author"]["id"], comment["text"]


def _sqlite(database_url: str) -> Insert:
    local = threading.local()
    # one writer at a time in each process: SQLite lets those who wait sleep for longer and longer, a lock does not
    turn = threading.Lock()

    def insert(rows: Sequence[Row]) -> None:
        if not hasattr(local, "connection"):
            local.connection = _sqlite_connection(database_url)
        values = ",".join(["(?,?,?)"] * len(rows))
        with turn:
            local.connection.execute("BEGIN IMMEDIATE")
            local.connection.execute(f"INSERT INTO bare VALUES {values}", [field for row in rows for field in row])
            local.connection.execute("COMMIT")

    return insert


def _postgresql(database_url: str) -> Insert:
    local = threading.local()

    def insert(rows: Sequence[Row]) -> None:
        if not hasattr(local, "connection"):
            local.connection = _postgresql_connection(database_url)
        values = ",".join(["(%s,%s,%s)"] * len(rows))
        local.connection.execute(f"INSERT INTO bare VALUES {values}", [field for row in rows for field in row])
        local.connection.commit()

    return insert


def _sqlite_connection(database_url: str) -> sqlite3.Connection:
    """As durable as Saring's own: see service/store/engine.py."""
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _postgresql_connection(database_url: str) -> psycopg.Connection:
    return psycopg.connect(database_url.replace("+psycopg", "", 1))


def _load() -> Flask:
    return app(sys.argv[2])


if __name__ == "__main__":
    serve("bench.bare:app", _load)
