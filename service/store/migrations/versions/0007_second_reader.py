"""What waits for the second reader: claims that are held for it, and decided comments that it may judge anew."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.types import Id, UtcTime

revision = "0007"
down_revision = "0006"

NEW_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("handed_at", UtcTime()),
    sa.Column("reading_ms", sa.Float()),
    sa.Column("taken_at", UtcTime()),
)


def upgrade() -> None:
    for column in NEW_COLUMNS:
        op.add_column("claims", column._copy())  # noqa: SLF001 # one that belongs to no table yet
    op.create_table(
        "readings",
        sa.Column("comment_id", Id, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("nearness", sa.Float(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("lease", sa.String(36)),
        sa.Column("leased_until", UtcTime()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_readings"),
        # the version before this one erases comments and knows no readings
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_readings_comment_id_comments", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("readings")
    for column in NEW_COLUMNS:
        op.drop_column("claims", column.name)
