"""Authors who may not comment for a time: who banned them and why. Until when, the worker reads with the author."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.store.engine import new_id
from service.store.scope import Scope
from service.store.tables import authors, bans, sites, users


@dataclass(frozen=True)
class BanRow:
    """A ban, who set it, and who lifted it before its time (None: nobody)."""

    id: str
    author_id: str
    user_id: str
    name: str
    until: datetime
    note: str | None
    created_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None


class Bans(Scope):
    """The bans of one site."""

    def lock_author(self, author_id: str) -> bool:
        """Lock an author; false when this site has none of this id.

        The site first, as a new ban refers to it: who erases authors holds the site, and then waits for the author.
        """
        site = sa.select(sites.c.id).where(sites.c.id == self.site_id)
        self.run(site.with_for_update(read=True, key_share=True))
        author = self.mine(sa.select(authors.c.id), authors).where(authors.c.id == author_id)
        return self.run(author.with_for_update()).first() is not None

    def add(self, author_id: str, user_id: str, until: datetime, note: str | None) -> None:
        """Ban an author until a time."""
        row = {"author_id": author_id, "user_id": user_id, "until": until, "note": note}
        self.insert(bans, [{**row, "id": new_id(), "created_at": self.tx.now}])
        self._let(author_id, until)

    def lift(self, author_id: str, user_id: str) -> bool:
        """End the bans on an author that last; false when none does."""
        lasting = self.mine(sa.update(bans), bans).where(
            bans.c.author_id == author_id, bans.c.lifted_at.is_(None), bans.c.until > self.tx.now
        )
        lifted = self.run(lasting.values(lifted_at=self.tx.now, lifted_by=user_id)).rowcount > 0
        self._let(author_id, None)
        return lifted

    def of_author(self, author_id: str) -> list[BanRow]:
        """All bans on an author, the newest first."""
        query = self.mine(sa.select(*_COLUMNS).join(users, users.c.id == bans.c.user_id), bans)
        return [BanRow(*row) for row in self.run(query.where(bans.c.author_id == author_id).order_by(bans.c.id.desc()))]

    def forget(self, author_ids: Sequence[str]) -> None:
        """Delete every ban on these authors, who are about to be deleted."""
        self.run(self.mine(sa.delete(bans), bans).where(bans.c.author_id.in_(author_ids)))

    def _let(self, author_id: str, banned_until: datetime | None) -> None:
        author = self.mine(sa.update(authors), authors).where(authors.c.id == author_id)
        self.run(author.values(banned_until=banned_until))


_COLUMNS = tuple(users.c.name if name == "name" else bans.c[name] for name in BanRow.__dataclass_fields__)
