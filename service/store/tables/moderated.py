"""Sites, what they send, and what is decided about it."""

import sqlalchemy as sa

from service.store.tables.schema import metadata, of_site
from service.store.types import Id, Json, UtcTime

sites = sa.Table(
    "sites",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("webhook_secret", sa.String(128), nullable=False),
    sa.Column("old_webhook_secret", sa.String(128)),
    sa.Column("old_webhook_secret_until", UtcTime),
    sa.Column("callback_url", sa.String(2048)),
    sa.Column("callback_disabled_at", UtcTime),
    sa.Column("callback_disabled_why", sa.String(200)),
    # events that the site wants in one request
    sa.Column("callback_batch", sa.Integer, nullable=False, server_default="1"),
    # its circuit breaker, shared by all who send
    sa.Column("callback_failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("callback_opened_at", UtcTime),
    sa.Column("callback_rest_until", UtcTime),
    sa.Column("created_at", UtcTime, nullable=False),
    # how often authors of the site were deleted; see `known`
    sa.Column("authors_version", sa.Integer, nullable=False, server_default="0"),
    # why moderators reject, in the order of the keys 1 to 9; null is the default list
    sa.Column("reasons", Json),
    # how long a flagged comment may wait, as the lead wants it
    sa.Column("queue_goal_seconds", sa.Integer, nullable=False, server_default="3600"),
    # the share of moderators' decisions that a second one takes blind
    sa.Column("second_look_share", sa.Float, nullable=False, server_default="0"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("hint", sa.String(12), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("valid_until", UtcTime),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("body", Json, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

authors = sa.Table(
    "authors",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("site_author_id", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("email", sa.String(320)),
    sa.Column("ip", sa.String(45)),
    sa.Column("approved", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first_seen_at", UtcTime, nullable=False),
    # until then their comments are rejected; the bans themselves are in a table of their own
    sa.Column("banned_until", UtcTime),
    sa.UniqueConstraint("site_id", "site_author_id"),
)
sa.Index(
    "ix_authors_banned",
    authors.c.site_id,
    authors.c.id,
    sqlite_where=authors.c.banned_until.is_not(None),
    postgresql_where=authors.c.banned_until.is_not(None),
)

threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("site_thread_id", sa.String(2048), nullable=False),
    sa.Column("url", sa.String(2048)),
    sa.Column("title", sa.String(500)),
    sa.UniqueConstraint("site_id", "site_thread_id"),
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("site_comment_id", sa.String(200), nullable=False),
    sa.Column("author_id", Id, sa.ForeignKey("authors.id"), nullable=False),
    sa.Column("thread_id", Id, sa.ForeignKey("threads.id")),
    sa.Column("site_parent_id", sa.String(200)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column("url", sa.String(2048)),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("declared_language", sa.String(35)),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("language", sa.String(8)),
    sa.Column("scores", Json),
    sa.Column("model_version", sa.String(64)),
    sa.Column("risk", sa.Float, nullable=False, server_default="0"),
    sa.Column("decisions", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reports", sa.Integer, nullable=False, server_default="0"),
    # unused since claims have a table of their own; the version before this one writes them, so they go with the next
    sa.Column("lease", sa.String(36)),
    sa.Column("leased_until", UtcTime),
    # workers that took it and did not live to say what came of it
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    # a moderator's claim on a flagged comment
    sa.Column("claimed_by", Id, sa.ForeignKey("users.id")),
    sa.Column("claimed_until", UtcTime),
    # how many readers it may reach, when the site says so
    sa.Column("reach", sa.Float, nullable=False, server_default="1"),
    # the queue's order: see `priority` in the domain
    sa.Column("priority", sa.Float, nullable=False, server_default="0"),
    # a number that near-identical texts share; null when nothing but signs is in it
    sa.Column("likeness", sa.BigInteger),
    # since when readers' reports, an author's appeal or a moderator's question wait for a person
    sa.Column("reported_at", UtcTime),
    sa.Column("appealed_at", UtcTime),
    sa.Column("escalated_at", UtcTime),
    # the service in whose format it came; null for our own
    sa.Column("source", sa.String(20)),
    # what its caller was told when it could not be decided while that waited: open (published) or closed (held)
    sa.Column("went_by", sa.String(10)),
    sa.UniqueConstraint("site_id", "site_comment_id"),
    sa.CheckConstraint("status IN ('pending', 'approved', 'flagged', 'rejected')", name="status"),
)
sa.Index("ix_comments_site_id_status_id", comments.c.site_id, comments.c.status, comments.c.id)
sa.Index("ix_comments_author_id_id", comments.c.author_id, comments.c.id)
sa.Index(
    "ix_comments_site_id_pending",
    comments.c.site_id,
    comments.c.id,
    sqlite_where=comments.c.status == "pending",
    postgresql_where=comments.c.status == "pending",
)
# the few that were tried before without an end: two is SUSPECT_AFTER of the backlog
sa.Index(
    "ix_comments_suspect",
    comments.c.id,
    sqlite_where=sa.and_(comments.c.status == "pending", comments.c.attempts >= 2),
    postgresql_where=sa.and_(comments.c.status == "pending", comments.c.attempts >= 2),
)
for _name, _column, _which in (
    ("ix_comments_priority", comments.c.priority.desc(), comments.c.status == "flagged"),
    ("ix_comments_likeness", comments.c.likeness, comments.c.status == "flagged"),
    ("ix_comments_reported", comments.c.reports.desc(), comments.c.reported_at.is_not(None)),
    ("ix_comments_appealed", comments.c.appealed_at, comments.c.appealed_at.is_not(None)),
    ("ix_comments_escalated", comments.c.escalated_at, comments.c.escalated_at.is_not(None)),
):
    sa.Index(_name, comments.c.site_id, _column, comments.c.id, sqlite_where=_which, postgresql_where=_which)
# how many came in another service's format
sa.Index(
    "ix_comments_source",
    comments.c.site_id,
    comments.c.source,
    comments.c.status,
    comments.c.id,
    sqlite_where=comments.c.source.is_not(None),
    postgresql_where=comments.c.source.is_not(None),
)
# a conversation, and the queue by story
sa.Index("ix_comments_thread_id_id", comments.c.thread_id, comments.c.id)
# without claimed_until: renewing a claim then changes no index
sa.Index(
    "ix_comments_claimed",
    comments.c.site_id,
    comments.c.claimed_by,
    sqlite_where=comments.c.claimed_by.is_not(None),
    postgresql_where=comments.c.claimed_by.is_not(None),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("comment_ids", Json, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    # of comments that are held for the second reader: since when, what reading them is reckoned to take, and since when it does
    sa.Column("handed_at", UtcTime),
    sa.Column("reading_ms", sa.Float),
    sa.Column("taken_at", UtcTime),
)

# decided comments that the second reader may judge anew; never more than it reads in some seconds
readings = sa.Table(
    "readings",
    metadata,
    # goes with its comment, whoever deletes that
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True),
    # no foreign key: its check would lock the site's row after the comment's, and who deletes authors locks them the other way
    sa.Column("site_id", Id, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("decisions", sa.Integer, nullable=False),
    # how far the scores are from making another decision
    sa.Column("nearness", sa.Float, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    # who reads it now, and how often somebody began to
    sa.Column("lease", sa.String(36)),
    sa.Column("leased_until", UtcTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    of_site(),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("scores", Json),
    sa.Column("model_version", sa.String(64)),
    sa.Column("replaced_at", UtcTime, nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(10), nullable=False),
    sa.Column("user_id", Id, sa.ForeignKey("users.id")),
    sa.Column("action", sa.String(10), nullable=False),
    sa.Column("from_status", sa.String(10), nullable=False),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("undoes", Id, sa.ForeignKey("decisions.id")),
    # what several decisions share that were one act; null when it was one
    sa.Column("act_id", Id),
    # since when reports, an appeal or a question had waited that this person's decision ended: undoing it brings them back
    sa.Column("ended", Json),
    sa.Column("model_version", sa.String(64)),
    sa.Column("policy_version", sa.Integer),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("comment_id", "number"),
)
# nearly all decisions are the policy's and have no user: only those of people are looked up by who took them
for _name, _columns in (
    ("ix_decisions_user_id_id", (decisions.c.user_id, decisions.c.id)),
    ("ix_decisions_user_id_created_at", (decisions.c.user_id, decisions.c.created_at)),
    ("ix_decisions_people", (decisions.c.site_id, decisions.c.created_at, decisions.c.id)),
):
    sa.Index(
        _name,
        *_columns,
        sqlite_where=decisions.c.user_id.is_not(None),
        postgresql_where=decisions.c.user_id.is_not(None),
    )
# for the foreign key: a decision that is deleted must not be one that another undoes
sa.Index(
    "ix_decisions_undoes",
    decisions.c.undoes,
    sqlite_where=decisions.c.undoes.is_not(None),
    postgresql_where=decisions.c.undoes.is_not(None),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_site(),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", UtcTime, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("delivered_at", UtcTime),
    sa.Column("last_answer", sa.String(300)),
    sa.CheckConstraint("status IN ('waiting', 'delivered', 'dead')", name="status"),
)
sa.Index(
    "ix_deliveries_due",
    deliveries.c.next_attempt_at,
    sqlite_where=deliveries.c.status == "waiting",
    postgresql_where=deliveries.c.status == "waiting",
)
# of every status: also for the foreign key, when a comment is deleted
sa.Index("ix_deliveries_comment_id_number", deliveries.c.comment_id, deliveries.c.number)
sa.Index(
    "ix_deliveries_site_due",
    deliveries.c.site_id,
    deliveries.c.next_attempt_at,
    sqlite_where=deliveries.c.status == "waiting",
    postgresql_where=deliveries.c.status == "waiting",
)
sa.Index("ix_deliveries_site_id_status_id", deliveries.c.site_id, deliveries.c.status, deliveries.c.id)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("webhook_id", sa.String(200), primary_key=True),
    sa.Column("sent_at", UtcTime, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False, index=True),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("action", sa.String(10), primary_key=True),
    sa.Column("actor", sa.String(10), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
