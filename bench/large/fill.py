"""Fills a database inside the database: one INSERT … SELECT for some hundred thousand rows, indexes made again afterwards."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

import classifier
from bench.comments import comments as some_comments
from bench.large.plan import MODERATORS, POSTGRESQL, SITES, SQLITE, Columns, Plan
from service.domain.decision import Action, Reason
from service.moderation.judge import score_texts
from service.moderation.sites import add_site
from service.store import Store
from service.store.users import Users

CHUNK = 250_000
"""Rows of one statement: a second or a few, so that the progress moves."""

TEXTS = 997
"""Real comments that are used again and again, with their real scores."""

Told = Callable[[str, int], None]
"""Hears what is being done and how many rows of it are done."""


def fill(store: Store, rows: int, told: Told) -> None:
    """Put sites, moderators, authors, threads and so many comments with a decision and a delivery each into an empty database."""
    plan = _people(store, rows)
    with bulk(store) as connection:
        put_texts(connection)
        sqlite = connection.dialect.name == "sqlite"
        speech = SQLITE if sqlite else POSTGRESQL
        columns = Columns(plan, speech)
        work: list[tuple[str, Mapping[str, str], int, int]] = [
            ("authors", columns.authors(), 0, plan.authors - 1),
            ("threads", columns.threads(), 0, plan.threads - 1),
            ("comments", columns.comments(), 1, plan.rows),
            ("decisions", columns.decisions(), 1, plan.decided),
            ("deliveries", columns.deliveries(), 1, plan.decided),
        ]
        for table, exprs, first, last in work:
            names, values = ", ".join(exprs), ", ".join(exprs.values())
            for start in range(first, last + 1, CHUNK):
                end = min(last, start + CHUNK - 1)
                series = speech.series.format(first=start, last=end)
                insert = f"INSERT INTO {table} ({names}) {series} SELECT {values} FROM s"
                connection.execute(sa.text(f"{insert} JOIN bench_texts t ON t.n = s.n % {TEXTS}"))
                told(table, end)
        connection.exec_driver_sql("DROP TABLE bench_texts")
        told("indexes", 0)
    if store.engine.dialect.name == "postgresql":
        vacuum(store, told)


def _people(store: Store, rows: int) -> Plan:
    """Sites and moderators, by the ways that an operator has; the names tell who is who later."""
    sites = [
        add_site(f"site-{number}.example", "https://callback.example/saring", store, allow_private=False).site_id
        for number in range(SITES)
    ]
    with store.begin() as tx:
        users = [Users(tx).add(f"m{number}@desk.example", f"Moderator {number}", "-") for number in range(MODERATORS)]
        return Plan(rows, tx.now, sites, users)


def put_texts(connection: sa.Connection) -> None:
    """Real texts with the shipped model's scores, and what a site is told of them, as JSON in two halves."""
    model = classifier.load()
    texts = [comment.text for comment in some_comments([], None, TEXTS)]
    rows = []
    for n, (text, scores) in enumerate(zip(texts, score_texts(texts, model), strict=True)):
        reason = Reason("score", Action.FLAG, attribute="toxicity", score=scores.by_attribute["toxicity"]).to_json()
        by_attribute = {name: round(score, 4) for name, score in scores.by_attribute.items()}
        told = {"id": "0" * 36, "revision": 1, "status": "approved", "from_status": "pending", "decision": {
            "id": "0" * 36, "number": 1, "action": "approve", "actor": "policy", "automated": True, "reasons": [],
            "undoes": None, "policy_version": 1}, "scores": by_attribute, "language": scores.language,
            "model_version": scores.model_version}  # fmt: skip
        rows.append({
            "n": n, "text": text, "scores": json.dumps(dict(scores.by_attribute)), "reasons": json.dumps([reason]),
            "language": scores.language, "model_version": scores.model_version,
            "body": '{"type":"comment.approved","timestamp":"2026-11-01T00:00:00.000000Z","site_comment_id":"',
            "rest": '","data":' + json.dumps(told, separators=(",", ":")) + "}",
        })  # fmt: skip
    json_type = "text" if connection.dialect.name == "sqlite" else "jsonb"
    connection.exec_driver_sql(
        f"CREATE TABLE bench_texts (n integer PRIMARY KEY, text text, scores {json_type}, reasons {json_type},"
        " language text, model_version text, body text, rest text)"
    )
    cast = "" if connection.dialect.name == "sqlite" else "::jsonb"
    insert = sa.text(
        "INSERT INTO bench_texts VALUES (:n, :text, CAST(:scores AS text)" + cast + ", CAST(:reasons AS text)" + cast
        + ", :language, :model_version, :body, :rest)"
    )  # fmt: skip
    connection.execute(insert, rows)


@contextmanager
def bulk(store: Store) -> Iterator[sa.Connection]:
    """One connection on which rows go in fast: no foreign keys looked up, and indexes made again at the end."""
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-1000000"):
                raw.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]
            dropped = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
                " AND tbl_name IN ('comments', 'decisions', 'deliveries')"
            ).all()
            # what the migrations say of the indexes goes with them, and the planner would choose others
            figures = connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1").all()
            for name, _sql in dropped:
                connection.exec_driver_sql(f"DROP INDEX {name}")
            connection.commit()
            yield connection
            connection.commit()
            for _name, sql in dropped:
                connection.exec_driver_sql(sql)
                connection.commit()
            connection.exec_driver_sql("DELETE FROM sqlite_stat1")
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", [tuple(row) for row in figures])
            connection.commit()
            connection.invalidate()
        return
    with _bulk_on_postgresql(store) as connection:
        yield connection


@contextmanager
def _bulk_on_postgresql(store: Store) -> Iterator[sa.Connection]:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '1GB'")
        connection.exec_driver_sql("SET LOCAL max_parallel_maintenance_workers = 1")
        # emptied in this transaction: then neither the rows nor the indexes are written to the log as well
        connection.exec_driver_sql("TRUNCATE authors, threads, comments CASCADE")
        dropped = connection.exec_driver_sql(
            "SELECT c.relname, pg_get_indexdef(c.oid), k.conname, pg_get_constraintdef(k.oid), t.relname"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
            " LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype = 'u'"
            " WHERE NOT i.indisprimary AND t.relname IN ('comments', 'decisions', 'deliveries')"
        ).all()
        for name, _index, constraint, _definition, table in dropped:
            gone = f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {name}"
            connection.exec_driver_sql(gone)
        yield connection
        for _name, index, constraint, definition, table in dropped:
            again = f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}" if constraint else index
            connection.exec_driver_sql(again)


def vacuum(store: Store, told: Told) -> None:
    """What autovacuum would have done by then: the planner's figures and the map of what is visible to all."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("comments", "decisions", "deliveries", "authors", "threads"):
            told(f"vacuum {table}", 0)
            connection.exec_driver_sql(f"VACUUM (FREEZE, ANALYZE) {table}")
