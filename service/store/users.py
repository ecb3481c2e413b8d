"""People who work at the desk, their memberships and their sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.domain.user import Role
from service.store.engine import Transaction, new_id
from service.store.tables import memberships, sessions, sites, users


@dataclass(frozen=True)
class UserRow:
    """A person."""

    id: str
    email: str
    name: str
    password_hash: str
    language: str | None
    failed_logins: int
    locked_until: datetime | None


@dataclass(frozen=True)
class Membership:
    """A site that a person works for, and as what."""

    site_id: str
    site_name: str
    role: Role


class Users:
    """Everybody. A person may work for several sites, so this is not scoped to one."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def add(self, email: str, name: str, password_hash: str) -> str:
        """A new person; the id."""
        user_id = new_id()
        row = {"id": user_id, "email": email, "name": name, "password_hash": password_hash, "created_at": self.tx.now}
        self.tx.connection.execute(sa.insert(users).values(row))
        return user_id

    def get(self, user_id: str) -> UserRow | None:
        """The person of this id."""
        return self._one(users.c.id == user_id)

    def by_email(self, email: str) -> UserRow | None:
        """The person of this e-mail address, which is kept in lower case."""
        return self._one(users.c.email == email)

    def count_try(self, user_id: str) -> int | None:
        """Count a try to log in before it is looked at; how many have failed, this one with them, or None while locked.

        Counted first, so that a thousand tries at once are a thousand tries.
        """
        open_to_tries = sa.or_(users.c.locked_until.is_(None), users.c.locked_until <= self.tx.now)
        counted = (
            sa.update(users).where(users.c.id == user_id, open_to_tries).values(failed_logins=users.c.failed_logins + 1)
        )
        return self.tx.connection.execute(counted.returning(users.c.failed_logins)).scalar()

    def change(self, user_id: str, **fields: object) -> None:
        """Set columns of a person."""
        self.tx.connection.execute(sa.update(users).where(users.c.id == user_id).values(**fields))

    def memberships(self, user_id: str) -> tuple[Membership, ...]:
        """The sites that this person works for, by name."""
        joined = memberships.join(sites, sites.c.id == memberships.c.site_id)
        query = sa.select(memberships.c.site_id, sites.c.name, memberships.c.role).select_from(joined)
        rows = self.tx.connection.execute(query.where(memberships.c.user_id == user_id).order_by(sites.c.name))
        return tuple(Membership(row.site_id, row.name, Role(row.role)) for row in rows)

    def set_membership(self, user_id: str, site_id: str, role: Role) -> None:
        """Let this person work for a site as `role`, or change as what."""
        which = (memberships.c.user_id == user_id, memberships.c.site_id == site_id)
        changed = self.tx.connection.execute(sa.update(memberships).where(*which).values(role=role.value))
        if not changed.rowcount:
            row = {"user_id": user_id, "site_id": site_id, "role": role.value}
            self.tx.connection.execute(sa.insert(memberships).values(row))

    def _one(self, which: sa.ColumnElement[bool]) -> UserRow | None:
        row = self.tx.connection.execute(sa.select(users).where(which)).mappings().first()
        return UserRow(**{name: row[name] for name in UserRow.__dataclass_fields__}) if row else None


class Sessions:
    """Who is logged in. A token is kept as its hash alone."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def add(self, token_hash: str, user_id: str, expires_at: datetime) -> None:
        """Begin a session, and clear away this person's that have expired."""
        old = sa.delete(sessions).where(sessions.c.user_id == user_id, sessions.c.expires_at <= self.tx.now)
        self.tx.connection.execute(old)
        row = {"token_hash": token_hash, "user_id": user_id, "expires_at": expires_at}
        self.tx.connection.execute(sa.insert(sessions).values(**row, created_at=self.tx.now, seen_at=self.tx.now))

    def seen(self, token_hash: str, idle: timedelta) -> tuple[str, datetime] | None:
        """Whose session this is and when it was last seen, unless it has expired or was idle for too long."""
        live = sessions.c.expires_at > self.tx.now, sessions.c.seen_at > self.tx.now - idle
        query = sa.select(sessions.c.user_id, sessions.c.seen_at).where(sessions.c.token_hash == token_hash, *live)
        row = self.tx.connection.execute(query).first()
        return (row.user_id, row.seen_at) if row else None

    def touch(self, token_hash: str) -> None:
        """Note that the session is in use."""
        self.tx.connection.execute(
            sa.update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=self.tx.now)
        )

    def end(self, token_hash: str) -> None:
        """Log out."""
        self.tx.connection.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))
