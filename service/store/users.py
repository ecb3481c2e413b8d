"""People who work at the desk, their memberships and their sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.domain.user import Role
from service.store.engine import Transaction, new_id
from service.store.scope import insert_ignoring
from service.store.tables import memberships, sessions, sites, users


@dataclass(frozen=True)
class UserRow:
    """A person. `totp_at` is since when their second factor is asked for: until then its secret only waits for a first code."""

    id: str
    email: str
    name: str
    password_hash: str
    language: str | None
    failed_logins: int
    locked_until: datetime | None
    totp_secret: str | None
    totp_at: datetime | None
    recovery_codes: Sequence[str] | None
    oidc_subject: str | None


@dataclass(frozen=True)
class Membership:
    """A site that a person works for, and as what."""

    site_id: str
    site_name: str
    role: Role


@dataclass(frozen=True)
class SessionRow:
    """A login that has not ended; `token_hash` is no secret, since no token follows from it."""

    token_hash: str
    agent: str | None
    created_at: datetime
    seen_at: datetime


class Users:
    """Everybody. A person may work for several sites, so this is not scoped to one."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def add(self, email: str, name: str, password_hash: str, oidc_subject: str | None = None) -> str | None:
        """A new person; the id, or None when the address or the subject is somebody's already."""
        row = {
            "id": new_id(),
            "email": email,
            "name": name,
            "password_hash": password_hash,
            "oidc_subject": oidc_subject,
        }
        added = insert_ignoring(self.tx, users).values(**row, created_at=self.tx.now)
        return self.tx.connection.execute(added.returning(users.c.id)).scalar()

    def get(self, user_id: str) -> UserRow | None:
        """The person of this id."""
        return self._one(sa.select(users).where(users.c.id == user_id))

    def hold(self, user_id: str) -> UserRow | None:
        """The person of this id, whom nobody else changes until this transaction ends."""
        return self._one(sa.select(users).where(users.c.id == user_id).with_for_update(key_share=True))

    def by_email(self, email: str) -> UserRow | None:
        """The person of this e-mail address, which is kept in lower case."""
        return self._one(sa.select(users).where(users.c.email == email))

    def by_subject(self, subject: str) -> UserRow | None:
        """The person whom a provider of single sign-on knows as this."""
        return self._one(sa.select(users).where(users.c.oidc_subject == subject))

    def count_try(self, user_id: str) -> int | None:
        """Count a try to log in before it is looked at; how many have failed, this one with them, or None while locked.

        Counted first, so that a thousand tries at once are a thousand tries.
        """
        open_to_tries = sa.or_(users.c.locked_until.is_(None), users.c.locked_until <= self.tx.now)
        counted = (
            sa.update(users).where(users.c.id == user_id, open_to_tries).values(failed_logins=users.c.failed_logins + 1)
        )
        return self.tx.connection.execute(counted.returning(users.c.failed_logins)).scalar()

    def take_back_try(self, user_id: str, lock: datetime | None) -> None:
        """A try that was right counts no more, nor the lock that it set; what others failed stays."""
        fewer = sa.case((users.c.failed_logins > 0, users.c.failed_logins - 1), else_=0)
        fields: dict[str, object] = {"failed_logins": fewer}
        if lock is not None:
            fields["locked_until"] = sa.case((users.c.locked_until == lock, sa.null()), else_=users.c.locked_until)
        self.change(user_id, **fields)

    def use_step(self, user_id: str, step: int) -> bool:
        """Use up the codes of a time step and those before it; false when that was done already."""
        unused = sa.or_(users.c.totp_step.is_(None), users.c.totp_step < step)
        used = sa.update(users).where(users.c.id == user_id, unused).values(totp_step=step)
        return bool(self.tx.connection.execute(used).rowcount)

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

    def join(self, user_id: str, site_id: str, role: Role) -> bool:
        """Let this person work for a site; false when they do already, and then as what they did."""
        row = {"user_id": user_id, "site_id": site_id, "role": role.value}
        joined = insert_ignoring(self.tx, memberships).values(row).returning(memberships.c.user_id)
        return self.tx.connection.execute(joined).scalar() is not None

    def _one(self, query: sa.Select[Any]) -> UserRow | None:
        row = self.tx.connection.execute(query).mappings().first()
        return UserRow(**{name: row[name] for name in UserRow.__dataclass_fields__}) if row else None


class Sessions:
    """Who is logged in. A token is kept as its hash alone."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def add(self, token_hash: str, user_id: str, expires_at: datetime, agent: str | None) -> None:
        """Begin a session, and clear away this person's that have expired."""
        old = sa.delete(sessions).where(sessions.c.user_id == user_id, sessions.c.expires_at <= self.tx.now)
        self.tx.connection.execute(old)
        row = {"token_hash": token_hash, "user_id": user_id, "expires_at": expires_at, "agent": agent}
        self.tx.connection.execute(sa.insert(sessions).values(**row, created_at=self.tx.now, seen_at=self.tx.now))

    def seen(self, token_hash: str, idle: timedelta) -> tuple[str, datetime] | None:
        """Whose session this is and when it was last seen, unless it has expired or was idle for too long."""
        query = sa.select(sessions.c.user_id, sessions.c.seen_at)
        row = self.tx.connection.execute(query.where(sessions.c.token_hash == token_hash, *self._live(idle))).first()
        return (row.user_id, row.seen_at) if row else None

    def touch(self, token_hash: str) -> None:
        """Note that the session is in use."""
        self.tx.connection.execute(
            sa.update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=self.tx.now)
        )

    def of_user(self, user_id: str, idle: timedelta) -> list[SessionRow]:
        """A person's sessions that have not ended, the last used first."""
        fields = (sessions.c[name] for name in SessionRow.__dataclass_fields__)
        query = sa.select(*fields).where(sessions.c.user_id == user_id, *self._live(idle))
        ordered = query.order_by(sessions.c.seen_at.desc(), sessions.c.token_hash)
        return [SessionRow(**row) for row in self.tx.connection.execute(ordered).mappings()]

    def end(self, token_hash: str) -> None:
        """Log out."""
        self.tx.connection.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))

    def end_of(self, user_id: str, token_hash: str) -> bool:
        """End a session of this person; false when it is none of theirs."""
        theirs = sessions.c.user_id == user_id, sessions.c.token_hash == token_hash
        return bool(self.tx.connection.execute(sa.delete(sessions).where(*theirs)).rowcount)

    def end_others(self, user_id: str, but: str | None = None) -> int:
        """End a person's sessions but one; how many there were."""
        others = sa.delete(sessions).where(sessions.c.user_id == user_id)
        if but is not None:
            others = others.where(sessions.c.token_hash != but)
        return self.tx.connection.execute(others).rowcount

    def _live(self, idle: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
        return sessions.c.expires_at > self.tx.now, sessions.c.seen_at > self.tx.now - idle
