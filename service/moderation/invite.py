"""Invitations by link: an admin makes one, whoever has the link joins with it, once.

The link's token has 256 random bits and is told once; the database keeps its hash.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.errors import Conflict, Invalid, NotFound, Refused
from service.domain.user import Role, tidy_name
from service.moderation.sign_in import address_of, hash_of, hash_password, role_of
from service.store import Store
from service.store.members import InvitationRow, Invitations, Offers
from service.store.users import Users

VALID = timedelta(days=7)

MOST_OPEN = 100
"""Invitations of a site that may wait at a time."""


@dataclass(frozen=True)
class Invited:
    """A new invitation. `token` makes its link, and is told this once."""

    token: str
    role: Role
    email: str | None
    expires_at: datetime


def invite(store: Store, site_id: str, by: str, role: Role | str, email: str = "") -> Invited:
    """Invite somebody to work for a site; with an e-mail address, only whoever has that one.

    Raises: Invalid, for a role or an address that can't be; Conflict, when too many wait already.
    """
    role, address = role_of(role), address_of(email) if email.strip() else None
    token = secrets.token_urlsafe(32)
    with store.begin() as tx:
        invitations, expires_at = Invitations(tx, site_id), tx.now + VALID
        invitations.clear()
        if len(invitations.open()) >= MOST_OPEN:
            raise Conflict(f"{MOST_OPEN} invitations wait already")
        invitations.add(hash_of(token), role, address, by, expires_at)
    return Invited(token, role, address, expires_at)


def open_invitations(store: Store, site_id: str) -> list[InvitationRow]:
    """Those that wait, the newest first."""
    with store.read() as tx:
        return Invitations(tx, site_id).open()


def revoke(store: Store, site_id: str, invitation_id: str) -> None:
    """Take an invitation back. Raises: NotFound, when the site has no such one that waits."""
    with store.begin() as tx:
        if not Invitations(tx, site_id).revoke(invitation_id):
            raise NotFound("no such invitation")


def offer_of(store: Store, token: str) -> InvitationRow:
    """What a link offers. Raises: NotFound, alike for one that never was, was used, revoked, or has expired."""
    with store.read() as tx:
        return _offer(Offers(tx).of_token(hash_of(token)))


def accepted_by(store: Store, token: str, user_id: str) -> str | None:
    """The site that this person joined with this link; None when they did not."""
    with store.read() as tx:
        return Offers(tx).used_by(hash_of(token), user_id)


def join(store: Store, token: str, user_id: str) -> bool:
    """Let a person with an account accept; false when they work for the site already, and then nothing is used up. Atomic.

    Raises: NotFound; Refused, when the invitation names another address.
    """
    with store.begin() as tx:
        offer, user = _offer(Offers(tx).of_token(hash_of(token), hold=True)), Users(tx).get(user_id)
        if user is None or offer.email not in (None, user.email):
            raise Refused("the invitation names another e-mail address")
        joined = Users(tx).join(user_id, offer.site_id, offer.role)
        if joined:
            Offers(tx).use(offer.id, user_id)
    return joined


def join_anew(store: Store, token: str, email: str, name: str, password: str) -> None:
    """Make an account for whoever has the link, and let it work for the site. Atomic.

    Where the address has an account already, the invitation is kept for that address and nothing else happens: the person logs in
    and accepts. The caller can't tell the two apart, and either way the link is good for no other address from now on: with one
    invitation one learns of one address at most.

    Raises: NotFound; Invalid, for what can't be an account.
    """
    hashed = hash_password(password)
    with store.begin() as tx:
        offers, users = Offers(tx), Users(tx)
        offer = _offer(offers.of_token(hash_of(token), hold=True))
        address = offer.email or address_of(email)
        called = tidy_name(name)
        if not called:
            raise Invalid("the name is empty")
        offers.keep_for(offer.id, address)
        user_id = users.add(address, called, hashed)
        if user_id is not None:
            users.join(user_id, offer.site_id, offer.role)
            offers.use(offer.id, user_id)


def _offer(found: InvitationRow | None) -> InvitationRow:
    if found is None:
        raise NotFound("no such invitation, or it was used, taken back, or has expired")
    return found
