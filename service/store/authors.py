"""What is known of authors, for the worker, which serves all sites."""

from collections.abc import Collection

import sqlalchemy as sa

from service.store import bulk
from service.store.engine import Transaction
from service.store.tables import authors


def approved_of(tx: Transaction, ids: Collection[str]) -> dict[str, int]:
    """How many comments of each author stand approved."""
    if not ids:
        return {}
    query = sa.select(authors.c.id, authors.c.approved).where(bulk.among(tx, authors.c.id, sorted(set(ids))))
    return dict(tx.connection.execute(query).tuples().all())
