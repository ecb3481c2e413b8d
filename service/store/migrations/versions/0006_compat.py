"""What the formats of other services need: a site's choices, their secrets, judgements, and how a comment came."""

import sqlalchemy as sa
from alembic import op

from service.store.types import Id, Json, UtcTime

revision = "0006"
down_revision = "0005"

NEW_COLUMNS = (sa.Column("source", sa.String(20)), sa.Column("went_by", sa.String(10)))


def upgrade() -> None:
    for column in NEW_COLUMNS:
        op.add_column("comments", column._copy())  # noqa: SLF001 # one that belongs to no table yet
    of_others = sa.text("source IS NOT NULL")
    columns = ["site_id", "source", "status", "id"]
    op.create_index("ix_comments_source", "comments", columns, sqlite_where=of_others, postgresql_where=of_others)
    op.create_table(
        "compat_settings",
        sa.Column("site_id", Id, primary_key=True),
        sa.Column("body", Json, nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_compat_settings_site_id_sites"),
    )
    op.create_table(
        "platform_secrets",
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("secret", sa.String(300), nullable=False),
        sa.Column("hint", sa.String(12), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_platform_secrets_site_id_sites"),
    )
    op.create_index("ix_platform_secrets_site_id_platform", "platform_secrets", ["site_id", "platform"])
    op.create_table(
        "labels",
        sa.Column("id", Id, primary_key=True),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("attribute", sa.String(100), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("comment_id", Id),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_labels_site_id_sites"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_labels_comment_id_comments"),
        sa.UniqueConstraint("site_id", "source", "key", "attribute", name="uq_labels_site_id_source_key_attribute"),
    )
    of_comments = sa.text("comment_id IS NOT NULL")
    op.create_index(
        "ix_labels_comment_id", "labels", ["comment_id"], sqlite_where=of_comments, postgresql_where=of_comments
    )
    op.create_index("ix_labels_site_id_created_at", "labels", ["site_id", "created_at"])


def downgrade() -> None:
    for table in ("labels", "platform_secrets", "compat_settings"):
        op.drop_table(table)
    op.drop_index("ix_comments_source", "comments")
    for column in NEW_COLUMNS:
        op.drop_column("comments", column.name)
