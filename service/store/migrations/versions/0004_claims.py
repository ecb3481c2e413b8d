"""Claims in a table of their own, and no more writing for each comment than its queries need."""

import sqlalchemy as sa
from alembic import op

from service.store.types import Json, UtcTime

revision = "0004"
down_revision = "0003"

PENDING = sa.text("status = 'pending'")
SUSPECT = sa.text("status = 'pending' AND attempts >= 2")

UNUSED = {
    "ix_comments_pending": ("comments", ["id"], PENDING),
    "ix_comments_site_id_id": ("comments", ["site_id", "id"], None),
    "ix_comments_thread_id_id": ("comments", ["thread_id", "id"], None),
    "ix_decisions_site_id_id": ("decisions", ["site_id", "id"], None),
}
"""Indexes that no query needs any more: each cost a comment two entries, one when it came and one when it was decided."""

UNCHECKED = {
    "comments": ("site_id_sites", "author_id_authors", "thread_id_threads"),
    "decisions": ("site_id_sites", "comment_id_comments"),
    "deliveries": ("site_id_sites", "comment_id_comments"),
}
"""Foreign keys that PostgreSQL looked up row by row, for a fifth of its time. What they checked is so by the way these rows are
written: the comment is locked when its decision and its delivery are added, the site while its comments are, and sites are never
deleted. SQLite keeps them, where a check costs next to nothing and dropping one would copy the table."""


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
    op.create_index("ix_comments_suspect", "comments", ["id"], sqlite_where=SUSPECT, postgresql_where=SUSPECT)
    op.add_column("sites", sa.Column("authors_version", sa.Integer(), server_default="0", nullable=False))
    for name, (table, _, _) in UNUSED.items():
        op.drop_index(name, table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO sqlite_stat1 VALUES ('comments', 'ix_comments_site_id_pending', '1000 100 1')")
        op.execute("INSERT INTO sqlite_stat1 VALUES ('comments', 'ix_comments_suspect', '1 1')")
    else:
        for table, names in UNCHECKED.items():
            for name in names:
                op.drop_constraint(f"fk_{table}_{name}", table, type_="foreignkey")
        # room beside each author for the next counts: an update that stays on its page writes no index
        op.execute("ALTER TABLE authors SET (fillfactor = 70)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE authors RESET (fillfactor)")
        for table, names in UNCHECKED.items():
            for name in names:
                column, _, referred = name.rpartition("_")
                op.create_foreign_key(f"fk_{table}_{name}", table, referred, [column], ["id"])
    for name, (table, columns, where) in UNUSED.items():
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.drop_column("sites", "authors_version")
    op.drop_index("ix_comments_suspect", "comments")
    op.drop_index("ix_comments_site_id_pending", "comments")
    op.drop_table("claims")
