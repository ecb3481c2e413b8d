"""Standard Webhooks 1.0: the `v1` signature (HMAC-SHA256), made and checked.

The `standardwebhooks` package computes each signature. The walk over a received list is ours, since the package's
`verify` (1.1.0) raises ValueError or binascii.Error at the first entry that it can't parse and never reaches a good one
behind it, decodes base64 loosely, and reads the wall clock.
"""

import base64
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks import Webhook

from service.domain.errors import BadSignature

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE = 5 * 60
"""Seconds that a message's time may lie from ours, before or after."""

MESSAGE_ID = re.compile(r"[!-\-/-~]{1,200}")
"""Visible ASCII but the full stop, which parts the signed fields: with it, two messages could share one signed text."""

TIMESTAMP = re.compile(r"(?:0|[1-9][0-9]{0,11})")
"""Whole seconds since 1970 as they are signed: a sign, blanks, a fraction or leading zeros would sign another text."""

FIELDS = ("id", "timestamp", "signature")
FAMILIES = ("webhook", "svix")
"""Header prefixes; the second, Svix's own, counts only when no header of the first is there."""


@dataclass(frozen=True)
class Message:
    """What a verified webhook says about itself: its id (the same for every attempt) and this attempt's time."""

    id: str
    timestamp: datetime


def new_secret() -> str:
    """A fresh signing secret, as it is shown to people: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


def sign(secrets: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of one attempt.

    `at` is the attempt's time and must know its zone; `body` is sent exactly as given and must be UTF-8. While a secret
    is being replaced, give the new and the old one: both signatures are sent.

    Raises: ValueError, for an id, a time, a body or a secret that can't be signed.
    """
    if not MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"{message_id!r} can't be a message's id: 1 to 200 visible ASCII characters, no full stop")
    if at.tzinfo is None:
        raise ValueError("the time of an attempt needs its zone")
    if not secrets:
        raise ValueError("nothing to sign with")
    at = at.astimezone(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(_signature(secret, message_id, at, body) for secret in secrets),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> Message:
    """The message that these headers and this raw body carry, when one of the site's secrets signed it.

    Header names are taken in any case, and Svix's names too. Tell the caller no more than "invalid signature"; the
    error's text is for the log.

    Raises: BadSignature, for every refusal.
    """
    message_id, timestamp, signatures = _fields(headers)
    if not MESSAGE_ID.fullmatch(message_id):
        raise BadSignature("the id is not 1 to 200 visible ASCII characters without a full stop")
    if not TIMESTAMP.fullmatch(timestamp):
        raise BadSignature("the timestamp is no whole number of seconds")
    # before it becomes a datetime, which overflows for years beyond 9999
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE:
        raise BadSignature("the timestamp is more than 5 minutes off")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    expected = [signature for secret in secrets for signature in _expected(secret, message_id, at, body)]
    if not _any_equal(expected, signatures.split(" ")):
        raise BadSignature("no signature of a known secret")
    return Message(message_id, at)


def _fields(headers: Mapping[str, str]) -> tuple[str, str, str]:
    """The values of the three headers.

    Raises: BadSignature, when one is missing or empty.
    """
    named = {name.lower(): value for name, value in headers.items()}
    for family in FAMILIES:
        values = [named.get(f"{family}-{field}", "") for field in FIELDS]
        if all(values):
            return values[0], values[1], values[2]
        if any(values):
            raise BadSignature(f"one of the {family}-* headers is missing")
    raise BadSignature("no signature headers")


def _expected(secret: str, message_id: str, at: datetime, body: bytes) -> list[str]:
    """The one signature that this secret makes; none when the secret is unreadable.

    Raises: BadSignature, when the body is not UTF-8, which no sender of JSON sends.
    """
    try:
        key = _key(secret)
    except ValueError:
        return []
    try:
        return [Webhook(key).sign(message_id, at, body.decode())]
    except UnicodeDecodeError:
        raise BadSignature("the body is not UTF-8") from None


def _signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    return Webhook(_key(secret)).sign(message_id, at, body.decode())


def _key(secret: str) -> bytes:
    """The bytes behind a secret written with or without prefix and padding.

    Raises: ValueError, when it is no base64. (The package drops foreign characters and signs with what is left.)
    """
    text = secret.strip().removeprefix(PREFIX).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("the secret is empty or no base64")
    return key


def _any_equal(expected: Sequence[str], given: Sequence[str]) -> bool:
    """Whether one of ours is among theirs, each pair compared in constant time.

    Signatures are compared as text, as the JavaScript library does: a sender writes exactly `v1,` and 44 characters, so
    entries of another version, without a comma or in bad base64 are simply unequal and nothing needs parsing.
    """
    # "replace": what can't be encoded (a lone surrogate) becomes a question mark, which is in no signature
    theirs = [entry.encode("utf-8", "replace") for entry in given]
    return any(hmac.compare_digest(ours.encode(), entry) for ours in expected for entry in theirs)
