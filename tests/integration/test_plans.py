"""Speed that does not depend on what is stored: each query finds its rows by the index meant for it, on both databases."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from service.domain.comment import Author, Scores, Status
from service.domain.decision import Action, Actor
from service.moderation.sites import Credentials
from service.store import Store, Transaction
from service.store.acts import Acts
from service.store.appeals import Appeals
from service.store.around import Around
from service.store.authors import banned_of
from service.store.backlog import Backlog
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.engine import new_id
from service.store.known import SiteKnown
from service.store.ledger import Ledger, Ruling
from service.store.pages import Pages
from service.store.pulse import Pulse
from service.store.queue import Queue
from service.store.retention import Retention
from service.store.rows import CommentRow
from service.store.seen import Seen
from tests.factories import a_comment

IDS = [new_id() for _ in range(250)]

Ask = Callable[[Transaction, str], object]

QUERIES: dict[str, tuple[Ask, set[str]]] = {
    "the list": (lambda tx, site: Comments(tx, site).page(cursor=IDS[0]), {"ix_comments_site_id_status_id"}),
    "the list by status": (
        lambda tx, site: Comments(tx, site).page(status=Status.APPROVED, cursor=IDS[0]),
        {"ix_comments_site_id_status_id"},
    ),
    "an author's comments": (
        lambda tx, site: Comments(tx, site).page(author_id=IDS[0], limit=4),
        {"ix_comments_author_id_id"},
    ),
    "the decisions of a page": (
        lambda tx, site: Decisions(tx, site).latest(IDS[:51]),
        {"uq_decisions_comment_id_number", "sqlite_autoindex_decisions_2"},
    ),
    "the oldest that waits": (lambda tx, _site: Backlog(tx).oldest(), {"ix_comments_site_id_pending"}),
    "what a worker takes of a site": (
        lambda tx, site: Backlog(tx)._free(site, 100, after=IDS[0]),
        {
            "ix_comments_site_id_pending ((site_id,id)>(?,?) AND (site_id,id)<(?,?))",
            "using ix_comments_site_id_pending",
        },
    ),
    "what a moderator holds": (lambda tx, site: Queue(tx, site).held_by(IDS[0]), {"ix_comments_claimed"}),
    "what a moderator decided today": (
        lambda tx, site: Queue(tx, site).decided_since(IDS[0], tx.now),
        # by the other one: what all moderators of the site decided today, and nothing older
        {"ix_decisions_user_id_created_at", "ix_decisions_people"},
    ),
    "the newest in the queue": (lambda tx, site: Pulse(tx, site)._newest(), {"ix_comments_site_id_status_id"}),
    "the most urgent in the queue": (lambda tx, site: Pulse(tx, site)._most_urgent(), {"ix_comments_priority"}),
    "the last decision of a person": (lambda tx, site: Pulse(tx, site)._last_decision(), {"ix_decisions_people"}),
    "what one person has seen": (
        lambda tx, site: Seen(tx, site).scores(IDS[0], tx.now, 10),
        {"ix_decisions_user_id_created_at", "ix_decisions_people"},
    ),
    "comments that are sent again": (
        lambda tx, site: Comments(tx, site)._known([f"c{n}" for n in range(100)]),
        {"uq_comments_site_id_site_comment_id", "sqlite_autoindex_comments_2"},
    ),
    "the authors of a request": (
        lambda tx, site: Comments(tx, site)._ensure_authors([Author(f"a{n}", "A") for n in range(100)], SiteKnown()),
        {"uq_authors_site_id_site_author_id", "sqlite_autoindex_authors_2"},
    ),
    "whom a worker must not let through": (
        lambda tx, site: banned_of(tx, [site], IDS),
        {"ix_authors_banned"},
    ),
    "what is like a comment": (
        lambda tx, site: tx.connection.execute(Acts(tx, site, IDS[0])._of_kinds({7, 8}, {7}).limit(10)),
        {"ix_comments_likeness"},
    ),
    "an author's comments that readers see": (
        lambda tx, site: Acts(tx, site, IDS[0]).of_author(IDS[0], as_lead=False),
        {"ix_comments_author_id_id"},
    ),
    "a moderator's last act": (
        lambda tx, site: Acts(tx, site, IDS[0]).last(10),
        {"ix_decisions_user_id_id"},
    ),
    "the comments of an act": (
        lambda tx, site: Acts(tx, site, IDS[0]).lock(IDS),
        {"pk_comments", "sqlite_autoindex_comments_1"},
    ),
    "the appeals about a comment": (
        lambda tx, site: Appeals(tx, site).of_comment(IDS[0]),
        {"ix_appeals_comment_id_id"},
    ),
    "the bans that ran out": (
        lambda tx, site: Retention(tx, site).end_bans(10),
        {"ix_authors_banned"},
    ),
    "what is too old": (
        lambda tx, site: Retention(tx, site).forget(Status.APPROVED, tx.now, tx.now, None, 10),
        {"ix_comments_site_id_status_id"},
    ),
    "deliveries that arrived long ago": (
        lambda tx, site: Retention(tx, site).forget_delivered(tx.now, 10),
        {"ix_deliveries_site_id_status_id"},
    ),
    "what keeps an old comment": (
        lambda tx, site: Retention(tx, site)._kept(IDS, tx.now, tx.now),
        {"ix_deliveries_comment_id_number"},
    ),
}


BY_FIGURES = {
    "an author's comments",
    "the decisions of a page",
    "what a moderator holds",
    "comments that are sent again",
    "what keeps an old comment",
    "their texts",
    "what they reply to",
}
"""PostgreSQL chooses among several indexes by what it has counted, and here it has counted nothing: `bench.large` shows these."""

CASES = [("sqlite", name) for name in QUERIES] + [("postgresql", name) for name in QUERIES if name not in BY_FIGURES]


AROUND: dict[str, tuple[Ask, tuple[str, ...]]] = {
    "a card's neighbours": (
        lambda tx, site: Around(tx, site)._places(IDS[:5]),
        (
            "ix_comments_thread_id_id",
            "ix_comments_author_id_id",
            "ix_notes_comment_id_id",
        ),
    ),
    "what they reply to": (
        lambda tx, site: Around(tx, site).parents([_reply(site), _reply(site)]),
        ("uq_comments_site_id_site_comment_id|sqlite_autoindex_comments_2",),
    ),
    "their texts": (
        lambda tx, site: Around(tx, site).glimpses(IDS[:40]),
        ("pk_comments|sqlite_autoindex_comments_1", "pk_authors|sqlite_autoindex_authors_1"),
    ),
    "the decisions of a hand": (
        lambda tx, site: Around(tx, site)._decisions(IDS[:5]),
        ("uq_decisions_comment_id_number|sqlite_autoindex_decisions_2",),
    ),
    "its reports": (
        lambda tx, site: Around(tx, site)._reports(IDS[:5], 3),
        ("uq_reports_comment_id_reporter|sqlite_autoindex_reports_2",),
    ),
    "its notes": (lambda tx, site: Around(tx, site)._notes(IDS[:5], 3), ("ix_notes_comment_id_id",)),
    "its appeals": (lambda tx, site: Around(tx, site)._appeals(IDS[:5]), ("ix_appeals_comment_id_id",)),
    "a story's page": (lambda tx, site: Pages(tx, site).conversation(IDS[0], 51), ("ix_comments_thread_id_id",)),
    "a story's page, deep in": (
        lambda tx, site: Pages(tx, site).conversation(IDS[0], 51, since=IDS[1]),
        ("ix_comments_thread_id_id",),
    ),
    "a story's page, backwards": (
        lambda tx, site: Pages(tx, site).conversation(IDS[0], 51, before=IDS[1]),
        ("ix_comments_thread_id_id",),
    ),
}
"""What a card and a story are made of, each with all indexes that it needs."""


WHOLE = re.compile(r"Seq Scan on comments|SCAN (comments|c)'")
"""A table of comments read from end to end, in the words of either database; with an index behind it SQLite's means that one."""


@pytest.mark.parametrize(("database_url", "name"), CASES, indirect=["database_url"])
def test_it_is_found_by_its_index(store: Store, site: Credentials, name: str) -> None:
    ask, wanted = QUERIES[name]
    plan = plan_of(store, lambda tx: ask(tx, site.site_id))
    assert any(index in plan for index in wanted), plan
    assert not WHOLE.search(plan), plan


CASES_AROUND = [(kind, name) for kind in ("sqlite", "postgresql") for name in AROUND]


@pytest.mark.parametrize(
    ("database_url", "name"),
    [(kind, name) for kind, name in CASES_AROUND if kind == "sqlite" or name not in BY_FIGURES],
    indirect=["database_url"],
)
def test_what_stands_around_a_comment_is_found_by_index(store: Store, site: Credentials, name: str) -> None:
    ask, wanted = AROUND[name]
    plan = plan_of(store, lambda tx: ask(tx, site.site_id))
    assert all(re.search(index, plan) for index in wanted), plan
    assert not WHOLE.search(plan), plan


def test_the_list_reads_each_status_from_its_place_in_an_index(store: Store, site: Credentials) -> None:
    plan = plan_of(store, lambda tx: Comments(tx, site.site_id).page(cursor=IDS[0]))
    # PostgreSQL has one more for what is pending, and takes either
    assert len(re.findall("ix_comments_site_id_status_id|ix_comments_site_id_pending", plan)) == len(Status), plan


BACKLOG: dict[str, Ask] = {
    "how many wait": lambda tx, _site: Backlog(tx).depth(120_000),
    "how many of a site wait": lambda tx, site: Backlog(tx).depth_of(site, 50_000),
    "which sites wait": lambda tx, _site: Backlog(tx).sites(),
    "what a worker takes of a site": lambda tx, site: Backlog(tx)._free(site, 2_000),
    "what it takes next": lambda tx, site: Backlog(tx)._free(site, 2_000, after=IDS[0]),
}
"""What is asked the more often the more there is to do."""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_backlog_is_never_read_from_end_to_end(store: Store, site: Credentials) -> None:
    # the figures of a young site in a rush: a fifth of its comments waits, and the database has counted that
    _rush(store, site, decided=40_000, pending=10_000)
    for name, ask in BACKLOG.items():
        plan = plan_of(store, lambda tx, ask=ask: ask(tx, site.site_id), by_index=True)
        read = set(re.findall(r"(?:using|on) (\w+_comments\w*|comments)\b", plan))
        assert "ix_comments_site_id_pending" in read, (name, plan)
        assert read <= {"ix_comments_site_id_pending", "ix_comments_site_id_status_id", "comments"}, (name, plan)
        assert not re.search("Seq Scan on comments|Bitmap|Sort", plan), (name, plan)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_planner_is_as_it_was_when_the_transaction_ends(store: Store) -> None:
    def setting(tx: Transaction) -> str:
        return str(tx.connection.exec_driver_sql("SHOW enable_seqscan").scalar())

    for steered in (store.begin, store.read):
        with steered(by_index=True) as tx:
            assert setting(tx) == "off"
        with store.read() as tx:
            assert setting(tx) == "on"
    with pytest.raises(ZeroDivisionError), store.begin(by_index=True):
        _ = 1 / 0
    with store.begin() as tx:
        assert setting(tx) == "on"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("counted", [True, False])
def test_a_batch_is_written_by_its_ids(store: Store, site: Credentials, counted: bool) -> None:
    _rush(store, site, decided=60_000, pending=15_000, counted=counted)
    with store.begin(by_index=True) as tx:
        taken = Backlog(tx)._free(site.site_id, 2_000)
    rulings = [Ruling(one, Action.FLAG, Actor.POLICY, scores=Scores({"toxicity": 0.5}, "id", "m")) for one in taken]
    plan = plan_of(store, lambda tx: Ledger(tx, site.site_id).write(rulings), by_index=True)
    assert "Index Scan using pk_comments on comments t" in plan, plan
    assert "Index Cond: (id = u.id)" in plan, plan


RUSH = """
    INSERT INTO comments (id, site_id, site_comment_id, author_id, text, created_at, received_at, metadata, status)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), site_id, 'r' || n, author_id, text, now(), now(), metadata,
        CASE WHEN n <= %(decided)s THEN 'approved' ELSE 'pending' END
    FROM comments, generate_series(1, %(all)s) n
"""


def _reply(site_id: str) -> CommentRow:
    fields = dict.fromkeys(CommentRow.__dataclass_fields__)
    return CommentRow(**{**fields, "site_id": site_id, "site_parent_id": "parent"})


def _rush(store: Store, site: Credentials, decided: int, pending: int, counted: bool = True) -> None:
    with store.begin() as tx:
        Comments(tx, site.site_id).add_pending([a_comment(text="x" * 200)])
    with store.begin() as tx:
        tx.connection.exec_driver_sql(RUSH, {"decided": decided, "all": decided + pending})
        if counted:
            tx.connection.exec_driver_sql("ANALYZE")


def plan_of(store: Store, ask: Callable[[Transaction], object], *, by_index: bool = False) -> str:
    """How the database would find what `ask` asks for first."""
    statements: list[tuple[str, object]] = []
    with store.begin() as tx:
        sa.event.listen(tx.connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        ask(tx)
    statement, parameters = statements[0]
    with store.begin(by_index=by_index) as tx:
        if not tx.sqlite:
            # few rows are as soon read whole: here it must choose an index
            for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                tx.connection.exec_driver_sql(f"SET LOCAL {way} = off")
        how = "EXPLAIN QUERY PLAN" if tx.sqlite else "EXPLAIN"
        return str(tx.connection.exec_driver_sql(f"{how} {statement}", parameters).all())
