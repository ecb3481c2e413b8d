"""What the desk needs: an order that minds reach and age, look-alikes, words, appeals, bans, second looks, own choices."""

import math
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from service.store.types import Id, Json, UtcTime

revision = "0005"
down_revision = "0004"

FLAGGED = sa.text("status = 'flagged'")
NEW_COLUMNS = {
    "sites": (
        sa.Column("reasons", Json),
        sa.Column("queue_goal_seconds", sa.Integer(), server_default="3600", nullable=False),
        sa.Column("second_look_share", sa.Float(), server_default="0", nullable=False),
    ),
    "authors": (sa.Column("banned_until", UtcTime()),),
    "comments": (
        sa.Column("reach", sa.Float(), server_default="1", nullable=False),
        sa.Column("priority", sa.Float(), server_default="0", nullable=False),
        sa.Column("likeness", sa.BigInteger()),
        sa.Column("reported_at", UtcTime()),
        sa.Column("appealed_at", UtcTime()),
        sa.Column("escalated_at", UtcTime()),
    ),
    "decisions": (sa.Column("act_id", Id), sa.Column("ended", Json)),
    "users": (
        sa.Column("seen_at", UtcTime()),
        sa.Column("totp_secret", sa.String(64)),
        sa.Column("totp_at", UtcTime()),
        sa.Column("totp_step", sa.BigInteger()),
        sa.Column("recovery_codes", Json),
        sa.Column("oidc_subject", sa.String(600)),
        sa.Column("preferences", Json),
    ),
    "sessions": (sa.Column("agent", sa.String(200)),),
}
INDEXES: tuple[tuple[str, str, list[str | sa.TextClause], str | None], ...] = (
    ("ix_authors_banned", "authors", ["site_id", "id"], "banned_until IS NOT NULL"),
    ("ix_comments_priority", "comments", ["site_id", sa.text("priority DESC"), "id"], "status = 'flagged'"),
    ("ix_comments_likeness", "comments", ["site_id", "likeness", "id"], "status = 'flagged'"),
    ("ix_comments_reported", "comments", ["site_id", sa.text("reports DESC"), "id"], "reported_at IS NOT NULL"),
    ("ix_comments_appealed", "comments", ["site_id", "appealed_at", "id"], "appealed_at IS NOT NULL"),
    ("ix_comments_escalated", "comments", ["site_id", "escalated_at", "id"], "escalated_at IS NOT NULL"),
    ("ix_comments_thread_id_id", "comments", ["thread_id", "id"], None),
    ("ix_decisions_people", "decisions", ["site_id", "created_at", "id"], "user_id IS NOT NULL"),
)
TABLES = ("second_looks", "views", "bans", "appeals", "notes", "invitations")

WORDS_ON_SQLITE = (
    "CREATE TABLE searched (id INTEGER PRIMARY KEY, comment_id CHAR(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE searched_words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')",
    """CREATE TRIGGER searched_in AFTER INSERT ON comments WHEN NEW.status = 'flagged' BEGIN
    INSERT INTO searched (comment_id) VALUES (NEW.id);
    INSERT INTO searched_words (rowid, text) SELECT id, NEW.text FROM searched WHERE comment_id = NEW.id;
END""",
    """CREATE TRIGGER searched_on AFTER UPDATE OF status, text ON comments
WHEN OLD.status = 'flagged' OR NEW.status = 'flagged' BEGIN
    DELETE FROM searched_words WHERE rowid = (SELECT id FROM searched WHERE comment_id = OLD.id);
    DELETE FROM searched WHERE comment_id = OLD.id;
    INSERT INTO searched (comment_id) SELECT NEW.id WHERE NEW.status = 'flagged';
    INSERT INTO searched_words (rowid, text) SELECT id, NEW.text FROM searched WHERE comment_id = NEW.id;
END""",
    """CREATE TRIGGER searched_out AFTER DELETE ON comments WHEN OLD.status = 'flagged' BEGIN
    DELETE FROM searched_words WHERE rowid = (SELECT id FROM searched WHERE comment_id = OLD.id);
    DELETE FROM searched WHERE comment_id = OLD.id;
END""",
    "INSERT INTO searched (comment_id) SELECT id FROM comments WHERE status = 'flagged'",
    """INSERT INTO searched_words (rowid, text)
SELECT searched.id, comments.text FROM searched JOIN comments ON comments.id = searched.comment_id""",
)
"""Full text of what is flagged, kept by triggers: PostgreSQL's partial index does the same by itself. The rows have numbers of
their own, since VACUUM may renumber those of a table without an integer key (https://www.sqlite.org/lang_vacuum.html)."""

FIGURES = {
    "comments": {
        "ix_comments_priority": "20000 2000 2 1",
        "ix_comments_likeness": "20000 2000 2 1",
        "ix_comments_reported": "2000 200 20 1",
        "ix_comments_appealed": "200 20 1 1",
        "ix_comments_escalated": "200 20 1 1",
        "ix_comments_thread_id_id": "1000000 500 1",
    },
    "decisions": {"ix_decisions_people": "10000 1000 1 1"},
    "authors": {"ix_authors_banned": "100 10 1"},
}

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HALF_DAY = 43_200.0


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.add_column(table, column._copy())  # noqa: SLF001 # one that belongs to no table yet
    _make_tables()
    op.drop_index("ix_comments_queue", "comments")
    for name, table, keys, which in INDEXES:
        where = None if which is None else sa.text(which)
        op.create_index(name, table, keys, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_users_oidc_subject", "users", ["oidc_subject"], unique=True)
    if sqlite:
        for statement in WORDS_ON_SQLITE:
            op.execute(statement)
        op.execute("DELETE FROM sqlite_stat1 WHERE idx = 'ix_comments_queue'")
        for table, indexes in FIGURES.items():
            for index, figures in indexes.items():
                op.execute(f"INSERT INTO sqlite_stat1 VALUES ('{table}', '{index}', '{figures}')")  # noqa: S608
    else:
        op.execute(
            "CREATE INDEX ix_comments_words ON comments USING gin (to_tsvector('simple', text)) WHERE status = 'flagged'"
        )
    _order_what_waits()


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        for name in ("searched_in", "searched_on", "searched_out"):
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE searched_words")
        op.execute("DROP TABLE searched")
    else:
        op.execute("DROP INDEX ix_comments_words")
    op.drop_index("ix_users_oidc_subject", "users")
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table)
    op.create_index(
        "ix_comments_queue",
        "comments",
        ["site_id", sa.text("risk DESC"), "id"],
        sqlite_where=FLAGGED,
        postgresql_where=FLAGGED,
    )
    for table in TABLES:
        op.drop_table(table)
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.name)


def _order_what_waits() -> None:
    """Give each flagged comment its place: the formula of the domain's `priority` as it was made."""
    comments = sa.table("comments", *(sa.column(name) for name in ("id", "status", "risk", "received_at", "priority")))
    received = sa.type_coerce(comments.c.received_at, UtcTime())
    bind = op.get_bind()
    rows = bind.execute(sa.select(comments.c.id, comments.c.risk, received).where(comments.c.status == "flagged"))
    places = [
        {"which": id, "place": math.log2(max(risk, 0.001)) - (at - EPOCH).total_seconds() / HALF_DAY}
        for id, risk, at in rows
    ]
    if places:
        change = sa.update(comments).where(comments.c.id == sa.bindparam("which"))
        bind.execute(change.values(priority=sa.bindparam("place")), places)


def _make_tables() -> None:
    site = ("site_id", "sites")
    comment = ("comment_id", "comments")
    _table(
        "invitations",
        (site, ("created_by", "users"), ("used_by", "users")),
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("email", sa.String(320)),
        sa.Column("created_by", Id),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime()),
        sa.Column("used_by", Id),
        sa.CheckConstraint("role IN ('viewer', 'moderator', 'lead', 'admin')", name="role"),
    )
    op.create_index("ix_invitations_site_id_id", "invitations", ["site_id", "id"])
    _table(
        "notes",
        (site, comment, ("user_id", "users")),
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_notes_comment_id_id", "notes", ["comment_id", "id"])
    _table(
        "appeals",
        (site, comment),
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("decision_id", Id),
        sa.Column("decided_at", UtcTime()),
    )
    op.create_index("ix_appeals_comment_id_id", "appeals", ["comment_id", "id"])
    _table(
        "bans",
        (site, ("author_id", "authors"), ("user_id", "users"), ("lifted_by", "users")),
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("lifted_at", UtcTime()),
        sa.Column("lifted_by", Id),
    )
    op.create_index("ix_bans_author_id_id", "bans", ["author_id", "id"])
    _table(
        "views",
        (site, ("user_id", "users")),
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(1000), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("user_id", "site_id", "name", name="uq_views_user_id_site_id_name"),
    )
    _table(
        "second_looks",
        (site, comment, ("first_user_id", "users"), ("second_user_id", "users")),
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decision_id", Id, nullable=False),
        sa.Column("first_user_id", Id, nullable=False),
        sa.Column("first_action", sa.String(10), nullable=False),
        sa.Column("second_user_id", Id),
        sa.Column("claimed_until", UtcTime()),
        sa.Column("second_action", sa.String(10)),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime()),
    )
    op.create_index("ix_second_looks_comment_id", "second_looks", ["comment_id"])
    op.create_index("ix_second_looks_site_id_decided_at", "second_looks", ["site_id", "decided_at"])
    undecided = sa.text("decided_at IS NULL")
    op.create_index(
        "ix_second_looks_open", "second_looks", ["site_id", "id"], sqlite_where=undecided, postgresql_where=undecided
    )


def _table(name: str, keys: tuple[tuple[str, str], ...], *columns: sa.schema.SchemaItem) -> None:
    """A table with foreign keys to other tables' ids."""
    foreign = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{name}_{column}_{other}") for column, other in keys
    ]
    op.create_table(name, *columns, *foreign)
