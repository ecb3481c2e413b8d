"""Indexes with which nothing slows down as tables grow, and old comments can be deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    """Look claims, people's decisions and what hangs on a comment up by index."""
    _partial("ix_comments_claimed", "comments", ["site_id", "claimed_by"], "claimed_by")
    op.drop_index("ix_decisions_user_id_id", "decisions")
    _partial("ix_decisions_user_id_id", "decisions", ["user_id", "id"], "user_id")
    _partial("ix_decisions_user_id_created_at", "decisions", ["user_id", "created_at"], "user_id")
    _partial("ix_decisions_undoes", "decisions", ["undoes"], "undoes")
    op.create_index("ix_deliveries_comment_id_number", "deliveries", ["comment_id", "number"], unique=False)
    op.drop_index("ix_deliveries_waiting", "deliveries")


def downgrade() -> None:
    """As it was."""
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


def _partial(name: str, table: str, columns: list[str], there: str) -> None:
    """An index of the rows in which a column, null in nearly all, is set."""
    which = sa.text(f"{there} IS NOT NULL")
    op.create_index(name, table, columns, unique=False, sqlite_where=which, postgresql_where=which)
