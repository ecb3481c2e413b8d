"""The second factor: codes by time (TOTP, RFC 6238) from an app, and recovery codes for when the app is lost."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyotp import TOTP, random_base32
from pyotp.exceptions import OTPVerificationError

from service.domain.errors import Conflict, NotFound, Refused
from service.moderation.sign_in import HalfIn, ask_password, begin_session, count_try, hash_of, mark_of
from service.store import Store
from service.store.engine import Transaction
from service.store.users import Sessions, UserRow, Users

DIGITS = 6

WINDOW = 1
"""Steps of 30 seconds by which a phone's clock may be wrong, either way."""

MAX_NAME = 60
"""Characters of an address that an app is told: a QR code holds some 2,300 bytes, and a character may be written as twelve."""

RECOVERY_CODES = 10

RECOVERY_BYTES = 10
"""80 random bits: too many to guess even for who has the hashes, so that one round of SHA-256 is enough."""


@dataclass(frozen=True)
class Factor:
    """How it stands with a person's second factor. `uri` and `secret` are there while it waits for a first code."""

    since: datetime | None
    secret: str | None
    uri: str | None
    codes_left: int


def factor_of(store: Store, user_id: str) -> Factor:
    """How it stands."""
    with store.read() as tx:
        user = Users(tx).get(user_id)
    if user is None or user.totp_secret is None:
        return Factor(None, None, None, 0)
    if user.totp_at is not None:
        return Factor(user.totp_at, None, None, len(user.recovery_codes or ()))
    uri = TOTP(user.totp_secret).provisioning_uri(name=user.email[:MAX_NAME], issuer_name="Saring")
    return Factor(None, user.totp_secret, uri, 0)


def offer(store: Store, user_id: str, password: str) -> None:
    """Make a secret for an app; it counts from the first code on.

    Raises: Refused, for a wrong password; Conflict, when there is a second factor already.
    """
    ask_password(store, user_id, password)
    with store.begin() as tx:
        if _held(tx, user_id).totp_at is not None:
            raise Conflict("there is a second factor already")
        Users(tx).change(user_id, totp_secret=random_base32())


def confirm(store: Store, user_id: str, code: str) -> tuple[str, ...]:
    """Ask for codes from now on, since a first one was right; the recovery codes, told this once.

    Raises: Refused, for a wrong code; Conflict, when there is nothing to confirm.
    """
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    with store.begin() as tx:
        user = _held(tx, user_id)
        if user.totp_secret is None or user.totp_at is not None:
            raise Conflict("there is nothing to confirm")
        step = _step(user.totp_secret, _bare(code), tx.now)
        if step is None:
            raise Refused("wrong code")
        kept = [hash_of(_bare(one)) for one in codes]
        Users(tx).change(user_id, totp_at=tx.now, totp_step=step, recovery_codes=kept)
    return codes


def turn_off(store: Store, user_id: str, password: str, code: str) -> None:
    """Ask for no codes any more. Tries are counted as at the login.

    Raises: Refused, for a wrong password or code.
    """
    ask_password(store, user_id, password)
    with store.begin() as tx:
        tried = count_try(tx, user_id)
    if tried is None:
        raise Refused("locked after too many tries")
    with store.begin() as tx:
        user = _held(tx, user_id)
        if user.totp_at is not None and not _used(tx, user, code):
            raise Refused("wrong code")
        Users(tx).take_back_try(user_id, tried.lock)
        _forget(tx, user_id)


def finish_sign_in(store: Store, half: HalfIn, code: str, agent: str | None = None) -> str:
    """Begin the session of somebody who was half in; its token. The code is used up with it, or neither.

    Tries are counted before they are looked at, together with those for the password.

    Raises: Refused.
    """
    with store.begin() as tx:
        tried = count_try(tx, half.user_id)
    if tried is None:
        raise Refused("locked after too many tries")
    with store.begin() as tx:
        user = _held(tx, half.user_id)
        if user.totp_at is None or not secrets.compare_digest(mark_of(user.password_hash), half.mark):
            raise Refused("the password or the second factor was changed meanwhile")
        if not _used(tx, user, code):
            raise Refused("wrong code")
        return begin_session(tx, user.id, agent)


def reset(store: Store, email: str) -> None:
    """Take a person's second factor away, and end their sessions: for who lost app and recovery codes. Raises: NotFound."""
    with store.begin() as tx:
        user = Users(tx).by_email(email.strip().lower())
        if user is None:
            raise NotFound(f"nobody has the e-mail address {email!r}")
        _forget(tx, user.id)
        Sessions(tx).end_others(user.id)


def _held(tx: Transaction, user_id: str) -> UserRow:
    user = Users(tx).hold(user_id)
    if user is None:
        raise Refused("no such person")
    return user


def _forget(tx: Transaction, user_id: str) -> None:
    Users(tx).change(user_id, totp_secret=None, totp_at=None, totp_step=None, recovery_codes=None)


def _used(tx: Transaction, user: UserRow, code: str) -> bool:
    """Use a code up; false when it is none of this person's, or was used before."""
    bare = _bare(code)
    if len(bare) == DIGITS:
        step = _step(user.totp_secret or "", bare, tx.now)
        return step is not None and Users(tx).use_step(user.id, step)
    kept: Sequence[str] = user.recovery_codes or ()
    hashed = hash_of(bare)
    if hashed not in kept:
        return False
    Users(tx).change(user.id, recovery_codes=[one for one in kept if one != hashed])
    return True


def _step(secret: str, digits: str, now: datetime) -> int | None:
    """The time step whose code this is."""
    if not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def _recovery_code() -> str:
    """Sixteen letters and digits in fours."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _bare(code: str) -> str:
    """A code as people type it, without what only parts it."""
    return "".join(sign for sign in code[:64].lower() if not sign.isspace() and sign != "-")
