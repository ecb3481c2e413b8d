"""What is moderated: a comment, who wrote it and where it stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

MAX_TEXT = 20_000
"""Characters in a comment's text: Perspective's limit of 20 kB, in code points."""

MAX_THREAD_KEY = 2_600
"""Bytes of a thread's id in UTF-8: an entry of PostgreSQL's index holds no more than 2,704."""

MAX_APPEAL = 2_000
"""Characters in an author's appeal."""

MAX_BATCH = 1_000
"""Comments in one request."""

ATTRIBUTES = (
    "toxicity",
    "severe_toxicity",
    "identity_attack",
    "insult",
    "profanity",
    "threat",
    "sexually_explicit",
    "spam",
)
"""The qualities that are scored, in the order of the classifier's columns."""


class Status(StrEnum):
    """Where a comment stands: the result of its last decision."""

    PENDING = "pending"
    APPROVED = "approved"
    FLAGGED = "flagged"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Author:
    """Who wrote a comment, by the site's own id."""

    id: str
    name: str
    email: str | None = None
    ip: str | None = None


@dataclass(frozen=True)
class Thread:
    """What is commented on, such as an article."""

    id: str
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class NewComment:
    """A comment as a site sends it; `id` is the site's own. reach: how many may read it, None when the site doesn't say.

    source: the service in whose format it came, None for our own. went_by: what its caller was told when it could not be decided
    while that waited, "open" (published) or "closed" (held).
    """

    id: str
    text: str
    author: Author
    thread: Thread | None = None
    parent_id: str | None = None
    url: str | None = None
    created_at: datetime | None = None
    declared_language: str | None = None
    reach: float | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    source: str | None = None
    went_by: str | None = None


@dataclass(frozen=True)
class Accepted:
    """What became of a comment that was sent: `fresh` is false when nothing had to be done, `edited` true for a new text."""

    id: str
    site_comment_id: str
    status: Status
    fresh: bool
    edited: bool = False


class Scores(NamedTuple):
    """Calibrated probabilities for one revision, and what made them."""

    by_attribute: Mapping[str, float]
    language: str
    model_version: str


def readers_of(model_version: str | None) -> tuple[str, ...]:
    """The versions of the readers that made scores: one, or two that were put together."""
    return tuple(model_version.split("+")) if model_version else ()


KEPT_BY_NONE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """False for a text with a NUL or half of a surrogate pair in it, which not every database keeps."""
    return KEPT_BY_NONE.search(text) is None


UNSUPPORTED = "other"
"""The classifier's code for a language whose scores say little."""


def is_supported(language: str) -> bool:
    """Whether scores mean something in a language; a text too short to tell (`und`) is scored as any other."""
    return language != UNSUPPORTED
