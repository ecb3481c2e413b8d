"""What is known of authors before a comment of theirs is judged."""

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa

from service.store import bulk
from service.store.engine import Transaction
from service.store.scope import Scope
from service.store.tables import authors


class History(NamedTuple):
    """What a policy looks at of an author: how many comments of theirs stand approved, and whether they are banned now."""

    approved: int = 0
    banned: bool = False


class Authors(Scope):
    """The authors of one site."""

    def history(self, site_author_id: str) -> History:
        """Of an author by the site's own id; of one who was never seen, nothing."""
        query = self.mine(sa.select(authors.c.approved, authors.c.banned_until), authors)
        row = self.run(query.where(authors.c.site_author_id == site_author_id)).first()
        if row is None:
            return History()
        return History(row.approved, row.banned_until is not None and row.banned_until > self.tx.now)


def approved_of(tx: Transaction, ids: Collection[str]) -> dict[str, int]:
    """How many comments of each author stand approved."""
    if not ids:
        return {}
    query = sa.select(authors.c.id, authors.c.approved).where(bulk.among(tx, authors.c.id, sorted(set(ids))))
    return {row.id: row.approved for row in tx.connection.execute(query)}


def banned_of(tx: Transaction, site_ids: Collection[str], ids: Collection[str]) -> set[str]:
    """Which of these authors of these sites are banned now: the index of those who ever were is short."""
    query = sa.select(authors.c.id).where(
        authors.c.site_id.in_(site_ids),
        bulk.among(tx, authors.c.id, sorted(set(ids))),
        authors.c.banned_until.is_not(None),
        authors.c.banned_until > tx.now,
    )
    return set(tx.connection.execute(query).scalars())
