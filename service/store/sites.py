"""Sites, their API keys and secrets. This is how a caller becomes a site; from there on every query is scoped."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.store.engine import Transaction, new_id
from service.store.rows import SiteRow
from service.store.tables import api_keys, sites


class Sites:
    """All sites."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def add(self, name: str, webhook_secret: str, callback_url: str | None) -> str:
        """A new site; its id. Raises sqlalchemy.exc.IntegrityError when the name is taken."""
        site_id = new_id()
        row = {"id": site_id, "name": name, "webhook_secret": webhook_secret, "callback_url": callback_url}
        self.tx.connection.execute(sa.insert(sites).values(**row, created_at=self.tx.now))
        return site_id

    def get(self, site_id: str) -> SiteRow | None:
        """The site of this id."""
        return self._one(sites.c.id == site_id)

    def by_name(self, name: str) -> SiteRow | None:
        """The site of this name."""
        return self._one(sites.c.name == name)

    def by_key(self, key: str) -> SiteRow | None:
        """The site whose API key this is, unless the key was revoked."""
        found = sa.select(api_keys.c.site_id).where(
            api_keys.c.key_hash == hash_of(key),
            sa.or_(api_keys.c.valid_until.is_(None), api_keys.c.valid_until > self.tx.now),
        )
        return self._one(sites.c.id == found.scalar_subquery())

    def all(self) -> list[SiteRow]:
        """Every site, by name."""
        rows = self.tx.connection.execute(sa.select(sites).order_by(sites.c.name)).mappings()
        return [_site_row(row) for row in rows]

    def first(self, most: int) -> list[SiteRow]:
        """At most so many sites, by name."""
        rows = self.tx.connection.execute(sa.select(sites).order_by(sites.c.name).limit(most)).mappings()
        return [_site_row(row) for row in rows]

    def of_ids(self, ids: Collection[str]) -> dict[str, SiteRow]:
        """Sites by their ids."""
        return self._of_ids(sa.select(sites).where(sites.c.id.in_(ids)))

    def hold(self, ids: Collection[str]) -> dict[str, SiteRow]:
        """Sites by their ids, which nobody else changes until this transaction ends."""
        # in one order, so that two who hold several never wait for each other in a circle
        # and without waiting for those who add comments
        mine = sa.select(sites).where(sites.c.id.in_(ids)).order_by(sites.c.id)
        return self._of_ids(mine.with_for_update(key_share=True))

    def add_key(self, site_id: str, key: str) -> None:
        """Let this key in; only its hash is kept. A key has 160 random bits, so one round of SHA-256 is enough."""
        row = {"id": new_id(), "site_id": site_id, "key_hash": hash_of(key), "hint": key[:8], "created_at": self.tx.now}
        self.tx.connection.execute(sa.insert(api_keys).values(row))

    def end_keys(self, site_id: str, at: datetime) -> int:
        """Let every present key of the site end at a time; how many there were."""
        present = sa.or_(api_keys.c.valid_until.is_(None), api_keys.c.valid_until > at)
        self.tx.after_commit.append(self.tx.known.forget_keys)
        ended = sa.update(api_keys).where(api_keys.c.site_id == site_id, present).values(valid_until=at)
        return self.tx.connection.execute(ended).rowcount

    def change(self, site_id: str, **fields: Any) -> None:
        """Set columns of a site."""
        self.tx.after_commit.append(self.tx.known.forget_keys)
        self.tx.connection.execute(sa.update(sites).where(sites.c.id == site_id).values(**fields))

    def try_now(self, site_id: str) -> None:
        """Call the site now, though it rests: an open breaker stays open until that has arrived."""
        self.change(site_id, callback_rest_until=None)

    def _of_ids(self, query: sa.Select[Any]) -> dict[str, SiteRow]:
        return {row["id"]: _site_row(row) for row in self.tx.connection.execute(query).mappings()}

    def _one(self, which: sa.ColumnElement[bool]) -> SiteRow | None:
        row = self.tx.connection.execute(sa.select(sites).where(which)).mappings().first()
        return _site_row(row) if row else None


def hash_of(key: str) -> str:
    """What is stored of an API key: SHA-256, in hex."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _site_row(row: sa.RowMapping) -> SiteRow:
    return SiteRow(**{name: row[name] for name in SiteRow.__dataclass_fields__})
