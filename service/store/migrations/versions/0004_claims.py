"""Claims in a table of their own, and an index to share batches among sites."""

import sqlalchemy as sa
from alembic import op

from service.store.types import Json, UtcTime

revision = "0004"
down_revision = "0001"

PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("comment_ids", Json, nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index(
        "ix_comments_site_id_pending", "comments", ["site_id", "id"], sqlite_where=PENDING, postgresql_where=PENDING
    )
    op.drop_index("ix_comments_pending", "comments")


def downgrade() -> None:
    op.create_index("ix_comments_pending", "comments", ["id"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.drop_index("ix_comments_site_id_pending", "comments")
    op.drop_table("claims")
