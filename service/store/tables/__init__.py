"""The tables. Migrations in migrations/ make them; these files are what the queries are written against."""

from service.store.tables.compat import compat_settings, labels, platform_secrets
from service.store.tables.desk import appeals, bans, notes, reports, second_looks
from service.store.tables.moderated import (
    api_keys,
    authors,
    claims,
    comments,
    decisions,
    deliveries,
    erasures,
    policies,
    readings,
    receipts,
    revisions,
    sites,
    threads,
)
from service.store.tables.people import invitations, memberships, sessions, users, views
from service.store.tables.schema import metadata

__all__ = [
    "api_keys",
    "appeals",
    "authors",
    "bans",
    "claims",
    "comments",
    "compat_settings",
    "decisions",
    "deliveries",
    "erasures",
    "invitations",
    "labels",
    "memberships",
    "metadata",
    "notes",
    "platform_secrets",
    "policies",
    "readings",
    "receipts",
    "reports",
    "revisions",
    "second_looks",
    "sessions",
    "sites",
    "threads",
    "users",
    "views",
]
