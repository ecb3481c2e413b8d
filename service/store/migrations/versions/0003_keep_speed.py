"""Indexes with which nothing slows down as tables grow, and old comments can be deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Look claims, people's decisions and what hangs on a comment up by index."""
    _partial("ix_comments_claimed", "comments", ["site_id", "claimed_by"], "claimed_by")
    op.drop_index("ix_decisions_user_id_id", "decisions")
    _partial("ix_decisions_user_id_id", "decisions", ["user_id", "id"], "user_id")
    _partial("ix_decisions_user_id_created_at", "decisions", ["user_id", "created_at"], "user_id")
    _partial("ix_decisions_undoes", "decisions", ["undoes"], "undoes")
    op.create_index("ix_deliveries_comment_id_number", "deliveries", ["comment_id", "number"], unique=False)
    op.drop_index("ix_deliveries_waiting", "deliveries")
    if op.get_bind().dialect.name == "sqlite":
        _tell_sqlite()


def downgrade() -> None:
    """As it was."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_stat1")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["comment_id", "number"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index("ix_deliveries_comment_id_number", "deliveries")
    op.drop_index("ix_decisions_undoes", "decisions")
    op.drop_index("ix_decisions_user_id_created_at", "decisions")
    op.drop_index("ix_decisions_user_id_id", "decisions")
    op.create_index("ix_decisions_user_id_id", "decisions", ["user_id", "id"], unique=False)
    op.drop_index("ix_comments_claimed", "comments")


FIGURES = {
    "comments": {
        "sqlite_autoindex_comments_1": "1000000 1",
        "sqlite_autoindex_comments_2": "1000000 100000 1",
        "ix_comments_site_id_id": "1000000 100000 1",
        "ix_comments_site_id_status_id": "1000000 100000 50000 1",
        "ix_comments_author_id_id": "1000000 50 1",
        "ix_comments_thread_id_id": "1000000 500 1",
        "ix_comments_pending": "1000 1",
        "ix_comments_queue": "20000 2000 2 1",
        "ix_comments_claimed": "50 25 5",
    },
    "decisions": {
        "sqlite_autoindex_decisions_1": "1000000 1",
        "sqlite_autoindex_decisions_2": "1000000 1 1",
        "ix_decisions_site_id_id": "1000000 100000 1",
        "ix_decisions_user_id_id": "10000 500 1",
        "ix_decisions_user_id_created_at": "10000 500 1",
        "ix_decisions_undoes": "100 1",
    },
    "deliveries": {
        "sqlite_autoindex_deliveries_1": "1000000 1",
        "ix_deliveries_due": "1000 1",
        "ix_deliveries_site_due": "1000 100 1",
        "ix_deliveries_comment_id_number": "1000000 1 1",
        "ix_deliveries_site_id_status_id": "1000000 100000 50000 1",
    },
    "authors": {"sqlite_autoindex_authors_1": "20000 1", "sqlite_autoindex_authors_2": "20000 2000 1"},
    "threads": {"sqlite_autoindex_threads_1": "2000 1", "sqlite_autoindex_threads_2": "2000 200 1"},
}
"""Rows of each index, and how many share its first column, its first two … (https://www.sqlite.org/fileformat2.html, 2.6.3)."""


def _tell_sqlite() -> None:
    """Give SQLite figures of a large database: without any it takes a site for ten rows, and reads a whole one for some ids.

    An operator's own ANALYZE replaces them.
    """
    op.execute("ANALYZE")
    op.execute("DELETE FROM sqlite_stat1")
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    rows = [
        {"tbl": table, "idx": index, "stat": figures}
        for table, indexes in FIGURES.items()
        for index, figures in indexes.items()
    ]
    op.bulk_insert(statistics, rows)


def _partial(name: str, table: str, columns: list[str], there: str) -> None:
    """An index of the rows in which a column, null in nearly all, is set."""
    which = sa.text(f"{there} IS NOT NULL")
    op.create_index(name, table, columns, unique=False, sqlite_where=which, postgresql_where=which)
