"""What readers, authors and moderators say of a comment."""

import sqlalchemy as sa

from service.store.tables.schema import metadata, of_site
from service.store.types import Id, UtcTime

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("reporter", sa.String(200), nullable=False),
    sa.Column("reason", sa.String(100), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("comment_id", "reporter"),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("user_id", Id, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)
sa.Index("ix_notes_comment_id_id", notes.c.comment_id, notes.c.id)

appeals = sa.Table(
    "appeals",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    # the decision that ended it
    sa.Column("decision_id", Id),
    sa.Column("decided_at", UtcTime),
)
sa.Index("ix_appeals_comment_id_id", appeals.c.comment_id, appeals.c.id)

bans = sa.Table(
    "bans",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("author_id", Id, sa.ForeignKey("authors.id"), nullable=False),
    sa.Column("user_id", Id, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("lifted_at", UtcTime),
    sa.Column("lifted_by", Id, sa.ForeignKey("users.id")),
)
sa.Index("ix_bans_author_id_id", bans.c.author_id, bans.c.id)

second_looks = sa.Table(
    "second_looks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("decision_id", Id, nullable=False),
    # who decided first, and what
    sa.Column("first_user_id", Id, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("first_action", sa.String(10), nullable=False),
    # who looks again, and what they would have decided
    sa.Column("second_user_id", Id, sa.ForeignKey("users.id")),
    sa.Column("claimed_until", UtcTime),
    sa.Column("second_action", sa.String(10)),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("decided_at", UtcTime),
)
sa.Index("ix_second_looks_comment_id", second_looks.c.comment_id)
sa.Index("ix_second_looks_site_id_decided_at", second_looks.c.site_id, second_looks.c.decided_at)
sa.Index(
    "ix_second_looks_open",
    second_looks.c.site_id,
    second_looks.c.id,
    sqlite_where=second_looks.c.decided_at.is_(None),
    postgresql_where=second_looks.c.decided_at.is_(None),
)
