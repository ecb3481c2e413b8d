"""What is due is found by an index, however much waits."""

from typing import Any

import pytest
import sqlalchemy as sa

from service.bootstrap import Services
from service.moderation.sites import add_site
from service.store.deliveries import Deliveries, Outbox
from service.store.engine import Transaction, new_id
from service.store.tables import authors, comments, deliveries, sites

INDEX = "ix_deliveries_site_due"
SITES, WAITING = 40, 100


@pytest.fixture
def site_ids(services: Services) -> list[str]:
    """Sites that may be called, each with much that waits for tomorrow and a little that is due."""
    ids = [
        add_site(f"site-{number}.example", "http://127.0.0.1/", services.store, allow_private=True).site_id
        for number in range(SITES)
    ]
    with services.store.begin() as tx:
        for site_id in ids:
            _fill(tx, site_id)
    with services.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return ids


def _fill(tx: Transaction, site_id: str) -> None:
    author = {"id": new_id(), "site_id": site_id, "site_author_id": "a", "name": "a", "first_seen_at": tx.now}
    told = [
        {
            "id": new_id(), "site_id": site_id, "site_comment_id": str(number), "author_id": author["id"], "text": "x",
            "created_at": tx.now, "received_at": tx.now, "metadata": {}, "status": "approved",
        }
        for number in range(WAITING)
    ]  # fmt: skip
    later = tx.now.replace(year=tx.now.year + 1)
    waiting = [
        {
            "id": new_id(), "site_id": site_id, "comment_id": one["id"], "number": 1, "event": "comment.approved",
            "body": "{}", "status": "waiting", "next_attempt_at": later if number else tx.now, "created_at": tx.now,
        }
        for number, one in enumerate(told)
    ]  # fmt: skip
    for table, rows in ((authors, [author]), (comments, told), (deliveries, waiting)):
        tx.connection.execute(sa.insert(table), rows)


def plans(services: Services, ask: Any, *, by_index: bool = False) -> str:
    """How the database finds what `ask` asks for."""
    told: list[str] = []
    with services.store.begin(by_index=by_index) as tx:
        explain = "EXPLAIN QUERY PLAN " if tx.sqlite else "EXPLAIN "

        def note(connection: sa.Connection, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
            if "deliveries" in sql and not sql.startswith("EXPLAIN"):
                told.extend(map(str, connection.exec_driver_sql(explain + sql, parameters)))

        sa.event.listen(tx.connection, "before_cursor_execute", note)
        ask(tx)
    return "\n".join(told)


def test_sites_with_something_due_are_found_by_one_step_each(services: Services, site_ids: list[str]) -> None:
    told = plans(services, lambda tx: Outbox(tx).sites_due(100, site_ids[:3]))
    assert INDEX in told
    assert "Seq Scan on deliveries" not in told
    assert "SCAN deliveries" not in told


def test_the_oldest_is_found_by_one_step_for_each_site(services: Services, site_ids: list[str]) -> None:
    told = plans(services, lambda tx: Outbox(tx).oldest(), by_index=True)
    assert INDEX in told
    assert "Seq Scan on deliveries" not in told
    assert "SCAN deliveries" not in told


def test_a_claim_reads_what_is_due_of_its_site(services: Services, site_ids: list[str]) -> None:
    told = plans(services, lambda tx: Deliveries(tx, site_ids[0]).claim(10, 90))
    assert INDEX in told or "ix_deliveries_due" in told
    assert "Seq Scan on deliveries" not in told
    assert "SCAN deliveries" not in told


def test_those_that_fail_come_last_and_those_that_rest_not_at_all(services: Services, site_ids: list[str]) -> None:
    fails, rests, disabled = site_ids[:3]
    with services.store.begin() as tx:
        later = tx.now.replace(year=tx.now.year + 1)
        for site_id, fields in (
            (fails, {"callback_failures": 1}),
            (rests, {"callback_rest_until": later}),
            (disabled, {"callback_disabled_at": tx.now}),
        ):
            tx.connection.execute(sa.update(sites).where(sites.c.id == site_id).values(**fields))
    with services.store.read() as tx:
        due = [site.id for site in Outbox(tx).sites_due(SITES)]
    assert due[-1] == fails
    assert set(due) == set(site_ids) - {rests, disabled}
