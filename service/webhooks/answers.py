"""What a receiver's answer to a webhook means."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_WAIT = 24 * 3600.0
"""Seconds; a receiver that asks for more is asked again after a day."""

EXCERPT = 200
"""Characters of an answer that are kept for people to read, all from its first `READ`."""

READ = 20 * EXCERPT

SLOW_DOWN = frozenset({429, 502, 504})


class Outcome(StrEnum):
    """What to do after an attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    SLOW_DOWN = "slow_down"  # retry, and send this receiver less for a while
    GONE = "gone"  # the receiver wants no more: stop, disable the callback


@dataclass(frozen=True)
class Answer:
    """How one attempt ended.

    `status` is the HTTP status, None when there was no answer; `retry_after` the seconds that the receiver asked us to
    wait, None when it didn't; `excerpt` the first printable characters of the answer, or the error's name and text.
    """

    outcome: Outcome
    status: int | None
    retry_after: float | None
    excerpt: str


def outcome_of(status: int) -> Outcome:
    """What a status means: only 2xx is success, and a redirect is a failure like any other."""
    if 200 <= status <= 299:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    return Outcome.SLOW_DOWN if status in SLOW_DOWN else Outcome.RETRY


def wait_asked(retry_after: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, 0 to a day; None when it is missing or unreadable.

    Both forms of RFC 9110 §10.2.3: whole seconds, or a date.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        # a float takes any number of digits; int() refuses more than 4,300
        return min(float(text), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(math.ceil(seconds), 0.0), LONGEST_WAIT)


def excerpt_of(text: str) -> str:
    """The first 200 printable characters on one line, blanks drawn together."""
    shown = "".join(character if character.isprintable() else " " for character in text[:READ])
    return " ".join(shown.split())[:EXCERPT]
