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

from service.domain.errors import Conflict, Invalid, Refused
from service.domain.user import MAX_PASSWORD, MIN_PASSWORD, Role, tidy_name
from service.store import Store
from service.store.engine import Transaction
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

LONGEST_AGENT = 200
"""Characters kept of what a browser calls itself."""

NO_PASSWORD = "!"  # noqa: S105 # a hash that no password has
"""Stands for the hash of people who only log in by single sign-on."""


@dataclass(frozen=True)
class SignedIn:
    """A person with a session, and the sites that they work for."""

    id: str
    email: str
    name: str
    language: str | None
    memberships: tuple[Membership, ...]


@dataclass(frozen=True)
class HalfIn:
    """A person whose password was right and who still owes a code; `mark` changes when the password does."""

    user_id: str
    mark: str


@dataclass(frozen=True)
class Try:
    """A try that was counted, and the lock that it set."""

    user_id: str
    lock: datetime | None


def add_user(store: Store, email: str, name: str, password: str, site_id: str, role: Role | str) -> str:
    """Let a person work for a site; the person's id. One who is there already keeps name and password and gets the role.

    Raises: Invalid, saying what would be right; Conflict, when the same person is added twice at this moment.
    """
    address = address_of(email)
    role = role_of(role)
    hashed = hash_password(password)
    with store.begin() as tx:
        users = Users(tx)
        known = users.by_email(address)
        user_id = known.id if known else users.add(address, tidy_name(name) or address, hashed)
        if user_id is None:
            raise Conflict(f"{address} was added at this moment")
        users.set_membership(user_id, site_id, role)
    return user_id


def sign_in(store: Store, email: str, password: str, agent: str | None = None) -> str | HalfIn:
    """Check a password and begin a session; its token, for the cookie. With a second factor the person is only half in.

    Takes as long, and says the same, for an unknown address, a wrong password and a locked account. The slow hashing stands
    outside any transaction.

    Raises: Refused.
    """
    with store.begin() as tx:
        user = Users(tx).by_email(email.strip().lower()[:320])
        tried = count_try(tx, user.id) if user else None
    right = verified(user, password)
    if user is None or tried is None or not right:
        raise Refused("wrong e-mail address or password, or locked after too many tries")
    kept = user.password_hash
    if hasher().check_needs_rehash(kept):
        kept = hasher().hash(password[:MAX_PASSWORD].encode("utf-8", "surrogatepass"))
    with store.begin() as tx:
        now = Users(tx).hold(user.id)
        if now is None or now.password_hash != user.password_hash:
            raise Refused("the password was changed at this moment")
        Users(tx).change(user.id, password_hash=kept)
        if now.totp_at is None:
            return begin_session(tx, user.id, agent)
        # not forgotten before the code was right too: else each right password would give new tries for a code
        Users(tx).take_back_try(user.id, tried.lock)
    return HalfIn(user.id, mark_of(kept))


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
            Users(tx).change(user.id, seen_at=tx.now)
    return SignedIn(user.id, user.email, user.name, user.language, memberships)


def choose_language(store: Store, user_id: str, language: str) -> None:
    """Remember the language that this person wants to work in."""
    with store.begin() as tx:
        Users(tx).change(user_id, language=language)


def begin_session(tx: Transaction, user_id: str, agent: str | None) -> str:
    """Log a person in who has shown who they are: earlier failures are forgotten; the session's token."""
    token = secrets.token_urlsafe(32)
    Users(tx).change(user_id, failed_logins=0, locked_until=None, seen_at=tx.now)
    named = "".join(sign if sign.isprintable() else " " for sign in (agent or "")[:LONGEST_AGENT])
    Sessions(tx).add(hash_of(token), user_id, tx.now + LONGEST, named.strip() or None)
    return token


def count_try(tx: Transaction, user_id: str) -> Try | None:
    """Count a try before it is looked at, and lock the account at once when it is one too many; None while it is locked.

    So a thousand tries at the same time are a thousand tries.
    """
    tries = Users(tx).count_try(user_id)
    if tries is None:
        return None
    if tries < FREE_TRIES:
        return Try(user_id, None)
    lock = tx.now + min(FIRST_LOCK * 2 ** min(tries - FREE_TRIES, 10), LONGEST_LOCK)
    Users(tx).change(user_id, locked_until=lock)
    return Try(user_id, lock)


def ask_password(store: Store, user_id: str, password: str) -> None:
    """Have somebody who is logged in say their password again; tries are counted as at the login.

    Raises: Refused.
    """
    with store.begin() as tx:
        user = Users(tx).get(user_id)
        tried = count_try(tx, user_id)
    right = verified(user, password)
    if tried is None or not right:
        raise Refused("wrong password, or locked after too many tries")
    with store.begin() as tx:
        Users(tx).take_back_try(user_id, tried.lock)


def hash_of(token: str) -> str:
    """What is stored of a token: it has 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def mark_of(password_hash: str) -> str:
    """Tells one password of a person from the next, and nothing of either."""
    return hash_of(password_hash)[:32]


@cache
def hasher() -> PasswordHasher:
    """argon2id with argon2-cffi's parameters, the second choice of RFC 9106 (64 MiB, 3 passes)."""
    return PasswordHasher()


def hash_password(password: str) -> str:
    """What is stored of a password. Raises: Invalid, for one that is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(f"the password has {len(password)} characters: give {MIN_PASSWORD} to {MAX_PASSWORD}")
    return hasher().hash(password.encode("utf-8", "surrogatepass"))


def verified(user: UserRow | None, password: str) -> bool:
    """True when this is the person's password. Takes as long for nobody, and for a person without a password."""
    known = user.password_hash if user and user.password_hash != NO_PASSWORD else _nobodys_hash()
    return _verified(known, password[:MAX_PASSWORD])


@cache
def _nobodys_hash() -> str:
    return hasher().hash(secrets.token_urlsafe(32))


def _verified(password_hash: str, password: str) -> bool:
    try:
        return hasher().verify(password_hash, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def address_of(email: str) -> str:
    """An e-mail address as it is kept. Raises: Invalid."""
    address = email.strip().lower()
    name, at, host = address.rpartition("@")
    odd = any(sign.isspace() or not sign.isprintable() for sign in address)
    if not (name and at and host) or len(address) > 320 or odd:
        raise Invalid(f"the e-mail address is {email[:400]!r}: give one such as rina@example.com")
    return address


def role_of(role: Role | str) -> Role:
    """A role by its word. Raises: Invalid."""
    known: Sequence[str] = tuple(Role)
    if role not in known:
        raise Invalid(f"the role is {role!r}: give one of {', '.join(known)}")
    return Role(role)
