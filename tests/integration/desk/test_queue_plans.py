"""Queues of any length open alike: each is read along its own index, from its beginning, on both databases."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from service.domain.view import Order, QueueName, View
from service.moderation.sites import Credentials
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.lists import Lists
from service.store.queue import Queue
from tests.factories import a_comment
from tests.integration.test_plans import IDS, WHOLE, plan_of

REPORTED, APPEALS, ESCALATED = "ix_comments_reported", "ix_comments_appealed", "ix_comments_escalated"
WORST, BY_STATUS = "ix_comments_priority", "ix_comments_site_id_status_id"

IN_ORDER = {
    View(): WORST,
    View(order=Order.OLDEST): BY_STATUS,
    # of its two parts the first is asked for here
    View(order=Order.REPORTS): REPORTED,
    View(queue=QueueName.NEW_AUTHORS): WORST,
    View(queue=QueueName.NEW_AUTHORS, order=Order.OLDEST): BY_STATUS,
    View(queue=QueueName.REPORTED, order=Order.REPORTS): REPORTED,
    View(queue=QueueName.APPEALS, order=Order.OLDEST): APPEALS,
    View(queue=QueueName.ESCALATED, order=Order.OLDEST): ESCALATED,
    View(queue=QueueName.PENDING, order=Order.OLDEST): BY_STATUS,
    View(queue=QueueName.PENDING): BY_STATUS,
    View(queue=QueueName.DECIDED): "ix_decisions_people",
    View(attribute="insult", low=0.5, language="id", older_than_hours=1): WORST,
}
"""What is in the order of an index."""

SORTED = {
    View(queue=QueueName.REPORTED): REPORTED,
    View(queue=QueueName.REPORTED, order=Order.OLDEST): REPORTED,
    View(queue=QueueName.APPEALS): APPEALS,
    View(queue=QueueName.ESCALATED, order=Order.REPORTS): ESCALATED,
}
"""What is sorted of the first along an index."""

Ask = Callable[[Transaction, str, View], object]

ASKED: dict[str, Ask] = {
    "a page": lambda tx, site, view: Lists(tx, site).page(view, None, 50),
    "a hand": lambda tx, site, view: Queue(tx, site).claim_worst(IDS[0], tx.now, 5, IDS[1:3], view),
}

PAST = {
    View(): (f"0~-1.5~{IDS[0]}", "priority"),
    View(order=Order.OLDEST): (f"0~{IDS[0]}", "id"),
    View(queue=QueueName.PENDING): (f"0~{IDS[0]}", "id"),
    View(queue=QueueName.REPORTED, order=Order.REPORTS): (f"0~3~{IDS[0]}", "reports"),
    View(queue=QueueName.APPEALS, order=Order.OLDEST): (f"0~2026-01-01T00:00:00+00:00~{IDS[0]}", "appealed_at"),
    View(queue=QueueName.DECIDED): (f"0~2026-01-01T00:00:00+00:00~{IDS[0]}", "created_at"),
}
"""Cursors, and the column by which the index is then entered, beside the site."""


@pytest.mark.parametrize("name", ASKED)
def test_a_queue_is_read_along_its_index(store: Store, site: Credentials, name: str) -> None:
    for view, index in IN_ORDER.items():
        if name == "a hand" and view.queue in (QueueName.PENDING, QueueName.DECIDED):
            continue
        plan = plan_of(store, lambda tx, view=view: ASKED[name](tx, site.site_id, view), by_index=True)
        assert index in plan, (view, plan)
        assert not WHOLE.search(plan), (view, plan)
        assert "TEMP B-TREE" not in plan, (view, plan)
        assert "Sort" not in plan, (view, plan)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_sorted_was_found_along_an_index(store: Store, site: Credentials, name: str) -> None:
    for view, index in SORTED.items():
        plan = plan_of(store, lambda tx, view=view: ASKED[name](tx, site.site_id, view), by_index=True)
        assert index in plan, (view, plan)
        assert not WHOLE.search(plan), (view, plan)


def test_a_page_begins_where_the_last_one_ended(store: Store, site: Credentials) -> None:
    for view, (cursor, column) in PAST.items():
        plan = plan_of(
            store, lambda tx, view=view, cursor=cursor: Lists(tx, site.site_id).page(view, cursor, 50), by_index=True
        )
        entered = plan.split(IN_ORDER[view], 1)[1].split("Filter")[0]
        assert re.search(rf"\b{column}\)? ?[<>]|ROW\(\(status\)::text, {column}\) [<>]", entered), (view, plan)


NUMBERS: dict[str, tuple[Callable[[Transaction, str], object], tuple[str, ...]]] = {
    "how much stands in each queue": (
        lambda tx, site: Lists(tx, site).tallies(),
        (WORST, REPORTED, APPEALS, ESCALATED),
    ),
    "how much a view shows": (lambda tx, site: Lists(tx, site).size(View(language="id")), (WORST,)),
    "stories": (lambda tx, site: Lists(tx, site).stories(None, 50), (WORST,)),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_read_along_indexes(store: Store, site: Credentials, name: str) -> None:
    ask, indexes = NUMBERS[name]
    plan = plan_of(store, lambda tx: ask(tx, site.site_id), by_index=True)
    assert not [index for index in indexes if index not in plan], plan
    assert not WHOLE.search(plan), plan


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_author_and_a_thread_are_looked_up_by_their_own_indexes(store: Store, site: Credentials) -> None:
    for view, index in (
        (View(author_id=IDS[0]), "ix_comments_author_id_id"),
        (View(thread_id=IDS[0]), "ix_comments_thread_id_id"),
    ):
        plan = plan_of(store, lambda tx, view=view: Lists(tx, site.site_id).page(view, None, 50))
        assert index in plan, plan


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_words_are_looked_up_in_the_full_text(store: Store, site: Credentials) -> None:
    plan = plan_of(store, lambda tx: Lists(tx, site.site_id).page(View(words="dasar gob"), None, 50))
    assert "SCAN searched_words VIRTUAL TABLE" in plan, plan
    assert not WHOLE.search(plan), plan


MANY = """
    INSERT INTO comments (id, site_id, site_comment_id, author_id, text, created_at, received_at, metadata, status, priority)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), site_id, 'r' || n, author_id, 'kata' || n || ' kalimat', now(), now(),
        metadata, CASE WHEN n <= 20000 THEN 'approved' ELSE 'flagged' END, n
    FROM comments, generate_series(1, 40000) n
"""


@pytest.fixture
def many(store: Store, site: Credentials) -> str:
    """A site whose queue is long, behind as many comments that were approved before; PostgreSQL has counted them."""
    with store.begin() as tx:
        Comments(tx, site.site_id).add_pending([a_comment(text="x" * 200)])
    with store.begin() as tx:
        tx.connection.exec_driver_sql(MANY)
        tx.connection.exec_driver_sql("ANALYZE")
    return site.site_id


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_long_queue_is_never_read_from_end_to_end(store: Store, many: str) -> None:
    for view, index in {**IN_ORDER, **SORTED}.items():
        plan = plan_of(store, lambda tx, view=view: Lists(tx, many).page(view, None, 50), by_index=True)
        assert index in plan, (view, plan)
        assert "Seq Scan on comments" not in plan, (view, plan)
        assert "pk_comments on comments" not in plan or view.queue is QueueName.DECIDED, (view, plan)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_word_is_looked_up_in_the_index_on_words(store: Store, many: str) -> None:
    with store.read() as tx:
        statements: list[tuple[str, object]] = []
        sa.event.listen(tx.connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        Lists(tx, many).page(View(words="kata39999"), None, 50)
        plan = str(tx.connection.exec_driver_sql(f"EXPLAIN {statements[0][0]}", statements[0][1]).all())
    assert "ix_comments_words" in plan, plan
    assert "Seq Scan on comments" not in plan, plan
