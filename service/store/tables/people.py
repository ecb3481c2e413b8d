"""People who work at the desk, how they get in, and what they keep there."""

import sqlalchemy as sa

from service.store.tables.schema import metadata, of_site
from service.store.types import Id, Json, UtcTime

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("language", sa.String(8)),
    sa.Column("failed_logins", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", UtcTime),
    sa.Column("created_at", UtcTime, nullable=False),
    # when they last used the desk; sessions end and are forgotten
    sa.Column("seen_at", UtcTime),
    # the second factor: a shared secret, since when it is asked for, the last step that was used, hashes of recovery codes
    sa.Column("totp_secret", sa.String(64)),
    sa.Column("totp_at", UtcTime),
    sa.Column("totp_step", sa.BigInteger),
    sa.Column("recovery_codes", Json),
    # single sign-on: issuer and subject, with a space between
    sa.Column("oidc_subject", sa.String(600)),
    # what they chose for themselves: blurring, breaks
    sa.Column("preferences", Json),
)

sa.Index("ix_users_oidc_subject", users.c.oidc_subject, unique=True)

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("user_id", Id, sa.ForeignKey("users.id"), primary_key=True),
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("role", sa.String(10), nullable=False),
    sa.CheckConstraint("role IN ('viewer', 'moderator', 'lead', 'admin')", name="role"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("user_id", Id, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    # the browser's own word for itself
    sa.Column("agent", sa.String(200)),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("email", sa.String(320)),
    sa.Column("created_by", Id, sa.ForeignKey("users.id")),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.Column("used_by", Id, sa.ForeignKey("users.id")),
    sa.CheckConstraint("role IN ('viewer', 'moderator', 'lead', 'admin')", name="role"),
)
sa.Index("ix_invitations_site_id_id", invitations.c.site_id, invitations.c.id)

views = sa.Table(
    "views",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("user_id", Id, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("name", sa.String(60), nullable=False),
    # the page's query string
    sa.Column("query", sa.String(1000), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("user_id", "site_id", "name"),
)
