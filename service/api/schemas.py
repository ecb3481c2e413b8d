"""What comes in and goes out on the wire. Every text is bounded and free of what a database can't keep."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    Tag,
)

from service.domain.comment import MAX_BATCH, MAX_TEXT, Author, NewComment, Thread
from service.domain.decision import Action

ONE, MANY = "(one)", "(many)"
"""Names of the two forms of a body; not part of a fault's place."""

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

MAX_METADATA = 8_192
"""Bytes of a comment's metadata as JSON."""


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain a NUL character")
    return text


def _whole(value: object) -> object:
    """Ids are often numbers at home: 17 is taken as "17"."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _http_url(text: str) -> str:
    if text.startswith(("https://", "http://")) and "[" not in text:
        return text  # only brackets, an IPv6 address's, can make it one that can't be read
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https"):
        raise ValueError("must be a URL that begins with http:// or https://")
    return text


def _sensible(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise ValueError("must be a time between 1970 and 2200")
    return at.astimezone(UTC)


def _small(metadata: dict[str, Any]) -> dict[str, Any]:
    encoded = orjson.dumps(metadata)
    if len(encoded) > MAX_METADATA:
        raise ValueError(f"must be at most {MAX_METADATA} bytes as JSON")
    if b"\\u0000" in encoded:
        raise ValueError("must not contain a NUL character")
    return metadata


Storable = AfterValidator(_storable)
Name = Annotated[str, StringConstraints(max_length=200), Storable]
Key = Annotated[str, BeforeValidator(_whole), StringConstraints(min_length=1, max_length=200), Storable]
Url = Annotated[str, StringConstraints(max_length=2048), Storable, AfterValidator(_http_url)]
Time = Annotated[AwareDatetime, AfterValidator(_sensible)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT), Storable]


class Wire(BaseModel):
    """The base of all: unknown fields are passed over, so that a newer client can talk to an older Saring."""

    model_config = ConfigDict(extra="ignore", strict=False)


class AuthorIn(Wire):
    """Who wrote it; `id` is the site's own."""

    id: Key
    name: Name = ""
    email: Annotated[str, StringConstraints(max_length=320), Storable] | None = None
    ip: Annotated[str, StringConstraints(max_length=45), Storable] | None = None


class ThreadIn(Wire):
    """What is commented on: an id, or a URL that stands for one."""

    id: Annotated[str, BeforeValidator(_whole), StringConstraints(min_length=1, max_length=2048), Storable] | None = (
        None
    )
    url: Url | None = None
    title: Annotated[str, StringConstraints(max_length=500), Storable] | None = None


class CommentIn(Wire):
    """A comment; `id` is the site's own."""

    id: Key
    text: Annotated[Text, StringConstraints(min_length=1)]
    author: AuthorIn
    thread: ThreadIn | None = None
    parent_id: Key | None = None
    url: Url | None = None
    created_at: Time | None = None
    language: Annotated[str, StringConstraints(max_length=35), Storable] | None = None
    metadata: Annotated[dict[str, Any], AfterValidator(_small)] = Field(default_factory=dict)

    def comment(self) -> NewComment:
        """The comment in our words."""
        author = Author(self.author.id, self.author.name, self.author.email, self.author.ip)
        return NewComment(
            id=self.id,
            text=self.text,
            author=author,
            thread=self._thread(),
            parent_id=self.parent_id,
            url=self.url,
            created_at=self.created_at,
            declared_language=self.language,
            metadata=self.metadata,
        )

    def _thread(self) -> Thread | None:
        key = self.thread and (self.thread.id or self.thread.url)
        return Thread(key, self.thread.url, self.thread.title) if self.thread and key else None


class CommentsIn(Wire):
    """Several comments, stored all or none."""

    comments: Annotated[list[CommentIn], Field(min_length=1, max_length=MAX_BATCH)]


def _kind(body: object) -> str:
    return MANY if isinstance(body, dict) and "comments" in body else ONE


class SentIn(
    RootModel[Annotated[Annotated[CommentIn, Tag(ONE)] | Annotated[CommentsIn, Tag(MANY)], Discriminator(_kind)]]
):
    """One comment, or several under `comments`."""


class AcceptedOut(Wire):
    """What became of a comment that was sent."""

    id: str
    site_comment_id: str
    status: str


class AcceptedListOut(Wire):
    """What became of comments, in the order sent."""

    comments: list[AcceptedOut]


class AnswerOut(RootModel[AcceptedOut | AcceptedListOut]):
    """What became of one comment, or of several."""


class ReasonOut(Wire):
    """Why a decision was made."""

    code: str
    action: str
    attribute: str | None = None
    score: float | None = None
    threshold: float | None = None
    detail: str | None = None


class DecisionOut(Wire):
    """A decision."""

    id: str
    number: int
    revision: int
    action: str
    actor: str
    from_status: str
    reasons: list[ReasonOut]
    note: str | None
    undoes: str | None
    model_version: str | None
    policy_version: int | None
    created_at: str


class AuthorOut(Wire):
    """Who wrote it."""

    id: str
    name: str
    email: str | None
    ip: str | None


class ThreadOut(Wire):
    """What is commented on."""

    id: str
    url: str | None
    title: str | None


class CommentOut(Wire):
    """A comment as it stands.

    `language` is `id`, `en`, `und` (too short to tell) or `other`; for `other`, `supported` is false: the scores say little.
    Both are null until the comment is scored.
    """

    id: str
    site_comment_id: str
    status: str
    text: str
    author: AuthorOut
    thread: ThreadOut | None
    parent_id: str | None
    url: str | None
    created_at: str
    received_at: str
    revision: int
    language: str | None
    supported: bool | None
    scores: dict[str, float] | None
    model_version: str | None
    reports: int
    metadata: dict[str, Any]
    decision: DecisionOut | None
    reasons: list[ReasonOut]


class CommentListOut(Wire):
    """A page of comments, the newest first; `next_cursor` asks for the next page and is null on the last."""

    comments: list[CommentOut]
    next_cursor: str | None


class CommentQuery(Wire):
    """Which comments."""

    status: Literal["pending", "approved", "flagged", "rejected"] | None = None
    site_comment_id: Name | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ReportIn(Wire):
    """A reader's complaint; one per reporter."""

    reporter: Key
    reason: Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
    note: Annotated[str, StringConstraints(max_length=2_000), Storable] | None = None


class DecisionIn(Wire):
    """A decision by the site's own staff."""

    action: Action
    reason: Annotated[str, StringConstraints(min_length=1, max_length=100), Storable] | None = None
    note: Annotated[str, StringConstraints(max_length=2_000), Storable] | None = None


class ScoreIn(Wire):
    """A text or several to be scored; nothing is stored."""

    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None = None
    texts: (
        Annotated[list[Annotated[str, StringConstraints(max_length=MAX_TEXT)]], Field(max_length=MAX_BATCH)] | None
    ) = None
    attributes: list[str] | None = None
    explain: bool = False


class SpanOut(Wire):
    """A stretch of the text, in code points, and its part in an attribute's score."""

    begin: int
    end: int
    attribute: str
    weight: float


class ScoreOut(Wire):
    """A text's scores.

    `language` is `id`, `en`, `und` (too short to tell) or `other`; for `other`, `supported` is false: the scores say little.
    """

    scores: dict[str, float]
    language: str
    supported: bool
    model_version: str
    spans: list[SpanOut] | None = None


class ScoreListOut(Wire):
    """Scores of several texts, in the order sent."""

    results: list[ScoreOut]


class ErasedOut(Wire):
    """How many comments went."""

    erased: int


class EventIn(Wire):
    """An inbound webhook."""

    type: Literal["comment.created", "comment.updated", "comment.deleted"]
    timestamp: datetime | None = None
    data: dict[str, Any]


class DeletedIn(Wire):
    """Which comment the site deleted."""

    id: Key
