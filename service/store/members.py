"""Who works for a site, and who is invited to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.user import Role
from service.store.engine import Transaction, new_id
from service.store.scope import Scope
from service.store.tables import invitations, memberships, sites, users


@dataclass(frozen=True)
class MemberRow:
    """A person who works for the site."""

    id: str
    email: str
    name: str
    role: Role
    seen_at: datetime | None
    totp_at: datetime | None


@dataclass(frozen=True)
class InvitationRow:
    """An invitation that waits; `email` is the only address that it is good for, where it names one."""

    id: str
    site_id: str
    site_name: str
    role: Role
    email: str | None
    created_at: datetime
    expires_at: datetime


class Members(Scope):
    """The people of one site."""

    def all(self) -> list[MemberRow]:
        """Everybody, by name."""
        fields = (users.c.id, users.c.email, users.c.name, memberships.c.role, users.c.seen_at, users.c.totp_at)
        joined = memberships.join(users, users.c.id == memberships.c.user_id)
        query = self.mine(sa.select(*fields).select_from(joined), memberships)
        rows = self.run(query.order_by(sa.func.lower(users.c.name), users.c.id)).mappings()
        return [MemberRow(**{**row, "role": Role(row["role"])}) for row in rows]

    def hold(self) -> dict[str, Role]:
        """Everybody's role by id, which nobody else changes until this transaction ends: so that two can't both be the last."""
        # in one order, so that two who hold them never wait for each other in a circle
        query = self.mine(sa.select(memberships.c.user_id, memberships.c.role), memberships)
        rows = self.run(query.order_by(memberships.c.user_id).with_for_update())
        return {row.user_id: Role(row.role) for row in rows}

    def change(self, user_id: str, role: Role) -> None:
        """Give a person of the site another role."""
        which = memberships.c.user_id == user_id
        self.run(self.mine(sa.update(memberships).where(which), memberships).values(role=role.value))

    def remove(self, user_id: str) -> None:
        """Let a person work for the site no more."""
        self.run(self.mine(sa.delete(memberships).where(memberships.c.user_id == user_id), memberships))


class Invitations(Scope):
    """Invitations to one site."""

    def add(self, token_hash: str, role: Role, email: str | None, by: str, expires_at: datetime) -> str:
        """A new one; its id."""
        row = {"id": new_id(), "token_hash": token_hash, "role": role.value, "email": email, "created_by": by}
        self.insert(invitations, [{**row, "created_at": self.tx.now, "expires_at": expires_at}])
        return str(row["id"])

    def open(self) -> list[InvitationRow]:
        """Those that nobody has used and that have not expired, the newest first."""
        query = self.mine(_waiting(self.tx), invitations).order_by(invitations.c.id.desc())
        return [_row(row) for row in self.run(query).mappings()]

    def revoke(self, invitation_id: str) -> bool:
        """Take one back that nobody has used; false when there is none."""
        unused = sa.delete(invitations).where(invitations.c.id == invitation_id, invitations.c.used_at.is_(None))
        return bool(self.run(self.mine(unused, invitations)).rowcount)

    def revoke_of(self, user_id: str) -> None:
        """Take back all that a person made and nobody has used."""
        unused = sa.delete(invitations).where(invitations.c.created_by == user_id, invitations.c.used_at.is_(None))
        self.run(self.mine(unused, invitations))

    def clear(self) -> None:
        """Forget those that have expired unused."""
        old = sa.delete(invitations).where(invitations.c.used_at.is_(None), invitations.c.expires_at <= self.tx.now)
        self.run(self.mine(old, invitations))


class Offers:
    """Invitations as those see them who are invited: whoever has the token may look, whatever the site."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def of_token(self, token_hash: str, *, hold: bool = False) -> InvitationRow | None:
        """The invitation of this token while it waits; held, nobody else uses it until this transaction ends."""
        query = _waiting(self.tx).where(invitations.c.token_hash == token_hash)
        if hold:
            query = query.with_for_update(of=invitations)
        row = self.tx.connection.execute(query).mappings().first()
        return _row(row) if row else None

    def used_by(self, token_hash: str, user_id: str) -> str | None:
        """The site of the invitation of this token, when it was this person who used it."""
        query = sa.select(invitations.c.site_id).where(invitations.c.token_hash == token_hash)
        return self.tx.connection.execute(query.where(invitations.c.used_by == user_id)).scalar()

    def made(self, user_id: str) -> bool:
        """Whether this person's account was made with an invitation, by whoever had its link."""
        same = sa.and_(users.c.id == invitations.c.used_by, users.c.created_at == invitations.c.used_at)
        query = sa.select(invitations.c.id).join(users, same).where(invitations.c.used_by == user_id)
        return self.tx.connection.execute(query.limit(1)).scalar() is not None

    def of_email(self, email: str) -> list[InvitationRow]:
        """All that wait for this address by name, held until this transaction ends."""
        query = _waiting(self.tx).where(invitations.c.email == email).order_by(invitations.c.id)
        return [_row(row) for row in self.tx.connection.execute(query.with_for_update(of=invitations)).mappings()]

    def keep_for(self, invitation_id: str, email: str) -> None:
        """From now on good for this address alone."""
        self._change(invitation_id, email=email)

    def use(self, invitation_id: str, user_id: str) -> None:
        """Used up, and by whom."""
        self._change(invitation_id, used_at=self.tx.now, used_by=user_id)

    def _change(self, invitation_id: str, **fields: object) -> None:
        self.tx.connection.execute(sa.update(invitations).where(invitations.c.id == invitation_id).values(**fields))


def _waiting(tx: Transaction) -> sa.Select[Any]:
    fields = (invitations.c[name] for name in ("id", "site_id", "role", "email", "created_at", "expires_at"))
    joined = invitations.join(sites, sites.c.id == invitations.c.site_id)
    query = sa.select(*fields, sites.c.name.label("site_name")).select_from(joined)
    return query.where(invitations.c.used_at.is_(None), invitations.c.expires_at > tx.now)


def _row(row: sa.RowMapping) -> InvitationRow:
    return InvitationRow(**{**row, "role": Role(row["role"])})
