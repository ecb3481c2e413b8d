"""What somebody at the desk looks at: a queue, an order and filters. A view is a page's query string."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from service.domain.comment import ATTRIBUTES
from service.domain.errors import Invalid

MAX_WORDS = 200
"""Characters that can be looked for."""

MAX_HOURS = 87_600
"""Ten years: no filter by age reaches further."""

LANGUAGE = re.compile(r"[a-z]{2,8}")


class QueueName(StrEnum):
    """What waits for a person, sorted by why; and two lists beside: what is not scored yet, and what people decided."""

    FLAGGED = "flagged"
    REPORTED = "reported"
    NEW_AUTHORS = "new_authors"
    APPEALS = "appeals"
    ESCALATED = "escalated"
    PENDING = "pending"
    DECIDED = "decided"


CLAIMED = (
    QueueName.FLAGGED,
    QueueName.REPORTED,
    QueueName.NEW_AUTHORS,
    QueueName.APPEALS,
    QueueName.ESCALATED,
)
"""Queues whose comments are dealt as cards, each held by one moderator; the others are lists to look at."""


class Order(StrEnum):
    """What comes first: the worst, what has waited longest, or what most readers reported."""

    RISK = "risk"
    OLDEST = "oldest"
    REPORTS = "reports"


@dataclass(frozen=True)
class View:
    """A queue, its order, and what of it is shown.

    `low` and `high` bound the score of `attribute`: from `low` up to, but without, `high`; only 1 is within, so that bands that
    meet share nothing and leave nothing out. `words` are looked for in texts and names of authors.
    """

    queue: QueueName = QueueName.FLAGGED
    order: Order = Order.RISK
    attribute: str | None = None
    low: float = 0.0
    high: float = 1.0
    language: str | None = None
    older_than_hours: int | None = None
    newer_than_hours: int | None = None
    thread_id: str | None = None
    author_id: str | None = None
    words: str = ""

    def to_query(self) -> dict[str, str]:
        """The query string's fields: only what differs from the default."""
        usual = View()
        values = {
            key: getattr(self, name) for key, name in FIELDS.items() if getattr(self, name) != getattr(usual, name)
        }
        return {key: f"{value:g}" if isinstance(value, float) else str(value) for key, value in values.items()}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "View":
        """The view that a query string asks for; fields that are empty or not a view's are passed over.

        Raises: Invalid, naming the field and what would be right.
        """
        given = {key: text for key in FIELDS if (text := query.get(key, "").strip())}
        attribute = _one_of("attribute", given.get("attribute"), ATTRIBUTES)
        low, high = (0.0, 1.0) if attribute is None else _band(given.get("low"), given.get("high"))
        older, newer = _hours("older", given.get("older")), _hours("newer", given.get("newer"))
        if older is not None and newer is not None and older >= newer:
            raise Invalid(f"newer: nothing is older than {older} hours and newer than {newer}; give more than {older}")
        return cls(
            _member(QueueName, "queue", given.get("queue"), QueueName.FLAGGED),
            _member(Order, "order", given.get("order"), Order.RISK),
            attribute,
            low,
            high,
            _language(given.get("language")),
            older,
            newer,
            _id("thread", given.get("thread")),
            _id("author", given.get("author")),
            _words(given.get("q", "")),
        )


FIELDS = {
    "queue": "queue",
    "order": "order",
    "attribute": "attribute",
    "low": "low",
    "high": "high",
    "language": "language",
    "older": "older_than_hours",
    "newer": "newer_than_hours",
    "thread": "thread_id",
    "author": "author_id",
    "q": "words",
}
"""The query string's fields and a view's own names for them."""

Member = TypeVar("Member", bound=StrEnum)


def _member(kind: type[Member], field: str, text: str | None, usual: Member) -> Member:
    return usual if text is None else kind(str(_one_of(field, text, [one.value for one in kind])))


def _one_of(field: str, text: str | None, known: list[str] | tuple[str, ...]) -> str | None:
    if text is not None and text not in known:
        raise Invalid(f"{field}: give one of {', '.join(known)}")
    return text


def _band(low: str | None, high: str | None) -> tuple[float, float]:
    band = _score("low", low, 0.0), _score("high", high, 1.0)
    if band[0] > band[1]:
        raise Invalid("low: give a score that is not above high")
    return band


def _score(field: str, text: str | None, usual: float) -> float:
    try:
        # four digits, as scores are shown; more would not survive a query string
        score = usual if text is None else round(float(text), 4)
    except ValueError:
        score = math.nan
    if not 0 <= score <= 1:
        raise Invalid(f"{field}: give a score from 0 to 1, such as 0.5")
    return score


def _hours(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_HOURS)) and 1 <= int(text) <= MAX_HOURS):
        raise Invalid(f"{field}: give a whole number of hours from 1 to {MAX_HOURS}")
    return int(text)


def _language(text: str | None) -> str | None:
    if text is not None and not LANGUAGE.fullmatch(text):
        raise Invalid("language: give a code such as id or en")
    return text


def _id(field: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        raise Invalid(f"{field}: give an id, such as 019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071") from None


def _words(text: str) -> str:
    if len(text) > MAX_WORDS:
        raise Invalid(f"q: give at most {MAX_WORDS} characters")
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Invalid("q: there is a character in it that is in no text")
    return text
