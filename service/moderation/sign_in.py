"""Who works at the desk: adding people, logging in and out.

A session is a random token in a cookie; the database keeps its hash. Passwords are kept as argon2id hashes.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.domain.errors import Invalid, Refused
from service.domain.user import MAX_PASSWORD, MIN_PASSWORD, Role
from service.store import Store
from service.store.users import Membership, Sessions, UserRow, Users

IDLE = timedelta(hours=12)
"""A session ends when it was not used for so long: a night, not a lunch."""

LONGEST = timedelta(days=30)
"""A session ends after this however much it is used."""

TOUCH_EVERY = timedelta(minutes=1)
"""How exactly we know when a session was last used; more often would be a write for each page."""

FREE_TRIES = 5
"""Failed tries before an account is locked for a while."""

FIRST_LOCK, LONGEST_LOCK = timedelta(seconds=30), timedelta(minutes=15)
"""The first lock, doubled with each further failure up to the longest: long enough against guessing, too short to shut a
moderator out for the day."""


@dataclass(frozen=True)
class SignedIn:
    """A person with a session, and the sites that they work for."""

    id: str
    email: str
    name: str
    language: str | None
    memberships: tuple[Membership, ...]


def add_user(store: Store, email: str, name: str, password: str, site_id: str, role: Role | str) -> str:
    """Let a person work for a site; the person's id. One who is there already keeps name and password and gets the role.

    Raises: Invalid, saying what would be right.
    """
    address = _address(email)
    role = _role(role)
    _check_password(password)
    hashed = hasher().hash(password)
    with store.begin() as tx:
        users = Users(tx)
        known = users.by_email(address)
        user_id = known.id if known else users.add(address, name.strip() or address, hashed)
        users.set_membership(user_id, site_id, role)
    return user_id


def sign_in(store: Store, email: str, password: str) -> str:
    """Check a password and begin a session; its token, for the cookie.

    Takes as long, and says the same, for an unknown address, a wrong password and a locked account. The slow hashing stands
    outside any transaction.

    Raises: Refused.
    """
    password = password[:MAX_PASSWORD]
    with store.begin() as tx:
        user = Users(tx).by_email(email.strip().lower()[:320])
        may_try = user is not None and _count_try(Users(tx), user.id, tx.now)
    right = _verified(user.password_hash if user else _nobodys_hash(), password)
    if user is None or not may_try or not right:
        raise Refused("wrong e-mail address or password, or locked after too many tries")
    return _begin_session(store, user, password)


def sign_out(store: Store, token: str) -> None:
    """End the session of this token."""
    with store.begin() as tx:
        Sessions(tx).end(hash_of(token))


def who(store: Store, token: str) -> SignedIn | None:
    """Whose session this token is, or None when it is none, has expired or was idle for too long."""
    with store.read() as tx:
        seen = Sessions(tx).seen(hash_of(token), IDLE)
        user = Users(tx).get(seen[0]) if seen else None
        memberships = Users(tx).memberships(user.id) if user else ()
        stale = seen is not None and tx.now - seen[1] >= TOUCH_EVERY
    if user is None:
        return None
    if stale:
        with store.begin() as tx:
            Sessions(tx).touch(hash_of(token))
    return SignedIn(user.id, user.email, user.name, user.language, memberships)


def choose_language(store: Store, user_id: str, language: str) -> None:
    """Remember the language that this person wants to work in."""
    with store.begin() as tx:
        Users(tx).change(user_id, language=language)


def hash_of(token: str) -> str:
    """What is stored of a token: it has 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def hasher() -> PasswordHasher:
    """argon2id with argon2-cffi's parameters, the second choice of RFC 9106 (64 MiB, 3 passes)."""
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return hasher().hash(secrets.token_urlsafe(32))


def _verified(password_hash: str, password: str) -> bool:
    try:
        return hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_try(users: Users, user_id: str, now: datetime) -> bool:
    """Count a try before it is looked at, and lock the account at once when it is one too many; false while it is locked.

    So a thousand tries at the same time are a thousand tries.
    """
    tries = users.count_try(user_id)
    if tries is not None and tries >= FREE_TRIES:
        doubled = FIRST_LOCK * 2 ** min(tries - FREE_TRIES, 10)
        users.change(user_id, locked_until=now + min(doubled, LONGEST_LOCK))
    return tries is not None


def _begin_session(store: Store, user: UserRow, password: str) -> str:
    token = secrets.token_urlsafe(32)
    fields: dict[str, object] = {"failed_logins": 0, "locked_until": None}
    if hasher().check_needs_rehash(user.password_hash):
        fields["password_hash"] = hasher().hash(password)
    with store.begin() as tx:
        Users(tx).change(user.id, **fields)
        Sessions(tx).add(hash_of(token), user.id, tx.now + LONGEST)
    return token


def _address(email: str) -> str:
    address = email.strip().lower()
    name, at, host = address.rpartition("@")
    if not (name and at and host) or len(address) > 320 or any(sign.isspace() for sign in address):
        raise Invalid(f"the e-mail address is {email!r}: give one such as rina@example.com")
    return address


def _role(role: Role | str) -> Role:
    known: Sequence[str] = tuple(Role)
    if role not in known:
        raise Invalid(f"the role is {role!r}: give one of {', '.join(known)}")
    return Role(role)


def _check_password(password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(f"the password has {len(password)} characters: give {MIN_PASSWORD} to {MAX_PASSWORD}")
