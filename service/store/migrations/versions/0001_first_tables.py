"""The first tables."""

import sqlalchemy as sa
from alembic import op

from service.store.types import Id, Json, UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Every table, those that others point at first."""
    _sites()
    _users()
    _api_keys()
    _authors()
    _erasures()
    _memberships()
    _policies()
    _receipts()
    _sessions()
    _threads()
    _comments()
    _decisions()
    _deliveries()
    _reports()
    _revisions()


def downgrade() -> None:
    """No table."""
    for table in (
        "revisions",
        "reports",
        "deliveries",
        "decisions",
        "comments",
        "threads",
        "sessions",
        "receipts",
        "policies",
        "memberships",
        "erasures",
        "authors",
        "api_keys",
        "users",
        "sites",
    ):
        op.drop_table(table)


def _sites() -> None:
    op.create_table(
        "sites",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("webhook_secret", sa.String(length=128), nullable=False),
        sa.Column("old_webhook_secret", sa.String(length=128), nullable=True),
        sa.Column("old_webhook_secret_until", UtcTime(), nullable=True),
        sa.Column("callback_url", sa.String(length=2048), nullable=True),
        sa.Column("callback_disabled_at", UtcTime(), nullable=True),
        sa.Column("callback_disabled_why", sa.String(length=200), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("name", name=op.f("uq_sites_name")),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", Id, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("failed_logins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("valid_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_api_keys_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )


def _authors() -> None:
    op.create_table(
        "authors",
        sa.Column("id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("site_author_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("approved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_seen_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_authors_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("site_id", "site_author_id", name=op.f("uq_authors_site_id_site_author_id")),
    )


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("site_id", Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_erasures_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "day", "action", "actor", name=op.f("pk_erasures")),
    )


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("user_id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'moderator', 'lead', 'admin')", name=op.f("ck_memberships_role")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_memberships_site_id_sites")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "site_id", name=op.f("pk_memberships")),
    )


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("site_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_policies_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "version", name=op.f("pk_policies")),
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("site_id", Id, nullable=False),
        sa.Column("webhook_id", sa.String(length=200), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_receipts_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "webhook_id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_received_at"), "receipts", ["received_at"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )


def _threads() -> None:
    op.create_table(
        "threads",
        sa.Column("id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("site_thread_id", sa.String(length=2048), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_threads_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("site_id", "site_thread_id", name=op.f("uq_threads_site_id_site_thread_id")),
    )


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("site_comment_id", sa.String(length=200), nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("thread_id", Id, nullable=True),
        sa.Column("site_parent_id", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("declared_language", sa.String(length=35), nullable=True),
        sa.Column("metadata", Json, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("scores", Json, nullable=True),
        sa.Column("model_version", sa.String(length=64), nullable=True),
        sa.Column("risk", sa.Float(), server_default="0", nullable=False),
        sa.Column("decisions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reports", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", Id, nullable=True),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.CheckConstraint("status IN ('pending', 'approved', 'flagged', 'rejected')", name=op.f("ck_comments_status")),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_comments_author_id_authors")),
        sa.ForeignKeyConstraint(["claimed_by"], ["users.id"], name=op.f("fk_comments_claimed_by_users")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_comments_site_id_sites")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_comments_thread_id_threads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("site_id", "site_comment_id", name=op.f("uq_comments_site_id_site_comment_id")),
    )
    op.create_index("ix_comments_author_id_id", "comments", ["author_id", "id"], unique=False)
    op.create_index(
        "ix_comments_pending",
        "comments",
        ["id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_comments_queue",
        "comments",
        ["site_id", sa.literal_column("risk DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged'"),
        postgresql_where=sa.text("status = 'flagged'"),
    )
    op.create_index("ix_comments_site_id_id", "comments", ["site_id", "id"], unique=False)
    op.create_index("ix_comments_site_id_status_id", "comments", ["site_id", "status", "id"], unique=False)
    op.create_index("ix_comments_thread_id_id", "comments", ["thread_id", "id"], unique=False)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=10), nullable=False),
        sa.Column("user_id", Id, nullable=True),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("from_status", sa.String(length=10), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("undoes", Id, nullable=True),
        sa.Column("model_version", sa.String(length=64), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_decisions_comment_id_comments")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_decisions_site_id_sites")),
        sa.ForeignKeyConstraint(["undoes"], ["decisions.id"], name=op.f("fk_decisions_undoes_decisions")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_decisions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("comment_id", "number", name=op.f("uq_decisions_comment_id_number")),
    )
    op.create_index("ix_decisions_site_id_id", "decisions", ["site_id", "id"], unique=False)
    op.create_index("ix_decisions_user_id_id", "decisions", ["user_id", "id"], unique=False)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", UtcTime(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("delivered_at", UtcTime(), nullable=True),
        sa.Column("last_answer", sa.String(length=300), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'delivered', 'dead')", name=op.f("ck_deliveries_status")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_deliveries_comment_id_comments")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_deliveries_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index("ix_deliveries_site_id_status_id", "deliveries", ["site_id", "status", "id"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["comment_id", "number"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("reporter", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id_comments")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_reports_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("comment_id", "reporter", name=op.f("uq_reports_comment_id_reporter")),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("scores", Json, nullable=True),
        sa.Column("model_version", sa.String(length=64), nullable=True),
        sa.Column("replaced_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_revisions_comment_id_comments")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_revisions_site_id_sites")),
        sa.PrimaryKeyConstraint("comment_id", "number", name=op.f("pk_revisions")),
    )
