"""What each site's circuit breaker remembers, how many events it wants at once, and an index to find its due deliveries by."""

import sqlalchemy as sa
from alembic import op

from service.store.types import UtcTime

revision = "0002"
down_revision = "0001"

COLUMNS = ("callback_batch", "callback_failures", "callback_opened_at", "callback_rest_until")


def upgrade() -> None:
    """Only added to: code of the version before goes on working."""
    op.add_column("sites", sa.Column("callback_batch", sa.Integer(), server_default="1", nullable=False))
    op.add_column("sites", sa.Column("callback_failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sites", sa.Column("callback_opened_at", UtcTime(), nullable=True))
    op.add_column("sites", sa.Column("callback_rest_until", UtcTime(), nullable=True))
    op.create_index(
        "ix_deliveries_site_due",
        "deliveries",
        ["site_id", "next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_site_due", table_name="deliveries")
    for name in reversed(COLUMNS):
        op.drop_column("sites", name)
