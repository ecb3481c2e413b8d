"""What the formats of other services need: a site's choices, other services' secrets, and judgements that come by them."""

import sqlalchemy as sa

from service.store.tables.schema import metadata, of_site
from service.store.types import Id, Json, UtcTime

compat_settings = sa.Table(
    "compat_settings",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("body", Json, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
)

platform_secrets = sa.Table(
    "platform_secrets",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("platform", sa.String(20), nullable=False),
    # as it is, like a site's own: it must sign the same bytes again
    sa.Column("secret", sa.String(300), nullable=False),
    sa.Column("hint", sa.String(12), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)
sa.Index("ix_platform_secrets_site_id_platform", platform_secrets.c.site_id, platform_secrets.c.platform)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    # who judges: the format it came by, and there what is judged
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("attribute", sa.String(100), nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    # only of what is no comment here
    sa.Column("text", sa.Text),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id")),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("site_id", "source", "key", "attribute"),
)
# for the foreign key, when a comment is deleted
sa.Index(
    "ix_labels_comment_id",
    labels.c.comment_id,
    sqlite_where=labels.c.comment_id.is_not(None),
    postgresql_where=labels.c.comment_id.is_not(None),
)
sa.Index("ix_labels_site_id_created_at", labels.c.site_id, labels.c.created_at)
