"""What comes in and goes out on the wire."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StrictBool,
    StringConstraints,
    Tag,
    model_validator,
)

from service.api.fields import Key, Metadata, Name, Storable, Text, ThreadKey, Time, Url, Visible, Written
from service.domain.comment import (
    ATTRIBUTES,
    MAX_APPEAL,
    MAX_BATCH,
    MAX_TEXT,
    MAX_THREAD_KEY,
    Author,
    NewComment,
    Thread,
)
from service.domain.decision import Action

ONE, MANY, GONE = "(one)", "(many)", "(gone)"
"""Names of the forms of a body; not part of a fault's place."""

MAX_REACH = 1e12
"""Readers: more than there are people, and few enough digits to be read."""


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

    id: ThreadKey | None = None
    url: Url | None = None
    title: Annotated[str, StringConstraints(max_length=500), Storable] | None = None

    @property
    def key(self) -> str | None:
        """What it is known by."""
        return self.id or self.url

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.key is not None and len(self.key.encode()) > MAX_THREAD_KEY:
            raise ValueError(f"the id, or the URL that stands for one, must be at most {MAX_THREAD_KEY} bytes in UTF-8")
        return self


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
    metadata: Metadata = Field(default_factory=dict)
    reach: Annotated[
        float | None,
        Field(
            ge=1,
            le=MAX_REACH,
            allow_inf_nan=False,
            strict=True,
            description="How many readers it may have: of two alike, the one that more may read comes first.",
        ),
    ] = None

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
            reach=self.reach,
        )

    def _thread(self) -> Thread | None:
        key = self.thread and self.thread.key
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


Readers = Annotated[list[str], Field(min_length=1, max_length=2)]
"""Versions of the readers that made scores: the first alone, or the first and the second."""


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
    Both are null until the comment is scored. `source` is the service in whose format the comment came, null for this API.
    `went_by` says what its caller was told when it could not be scored in time: `open` (published) or `closed` (held).
    `readers` has the versions of the readers that made the scores, one or two, and is null until the comment is scored.
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
    readers: Readers | None
    reports: int
    reach: float
    metadata: dict[str, Any]
    source: str | None
    went_by: str | None
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


class AppealIn(Wire):
    """What an author says against a rejection."""

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_APPEAL), Storable, Visible
    ]


class AppealOut(Wire):
    """An appeal; `decided_at` is null while it waits for a person."""

    id: str
    comment_id: str
    text: str
    created_at: str
    decided_at: str | None
    decision_id: str | None


class DecisionIn(Wire):
    """A decision by the site's own staff."""

    action: Action
    reason: Annotated[str, StringConstraints(min_length=1, max_length=100), Storable] | None = None
    note: Annotated[str, StringConstraints(max_length=2_000), Storable] | None = None


def _only(one: str, other: str) -> dict[str, Any]:
    """The schema of an object that has one of two fields."""
    given = {"not": {"type": "null"}}
    return {"required": [one], "properties": {one: given, other: {"type": "null"}}}


class ScoreIn(Wire):
    """A text or several to be scored; nothing is stored."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_only("text", "texts"), _only("texts", "text")]})

    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None = None
    texts: (
        Annotated[list[Annotated[str, StringConstraints(max_length=MAX_TEXT)]], Field(max_length=MAX_BATCH)] | None
    ) = None
    attributes: (
        Annotated[list[str], Field(json_schema_extra={"items": {"type": "string", "enum": list(ATTRIBUTES)}})] | None
    ) = None
    explain: StrictBool = False


class SpanOut(Wire):
    """A stretch of the text, in code points, and its part in an attribute's score."""

    begin: int
    end: int
    attribute: str
    weight: float


class ScoreOut(Wire):
    """A text's scores.

    `language` is `id`, `en`, `und` (too short to tell) or `other`; for `other`, `supported` is false: the scores say little.
    `readers` has the versions of the readers that made the scores: the first alone, or both.
    """

    scores: dict[str, float]
    language: str
    supported: bool
    model_version: str
    readers: Readers
    spans: list[SpanOut] | None = None


class ScoreListOut(Wire):
    """Scores of several texts, in the order sent."""

    results: list[ScoreOut]


class ScoreAnswerOut(RootModel[ScoreOut | ScoreListOut]):
    """Scores of one text, or of several."""


class ErasedOut(Wire):
    """How many comments went."""

    erased: int


class CommentEventIn(Wire):
    """An inbound webhook that tells of a comment, as in `POST /v1/comments`."""

    type: Literal["comment.created", "comment.updated"]
    timestamp: Written | None = None
    data: CommentIn


class DeletedIn(Wire):
    """Which comment the site deleted."""

    id: Key


class DeletedEventIn(Wire):
    """An inbound webhook that tells of a deletion."""

    type: Literal["comment.deleted"]
    timestamp: Written | None = None
    data: DeletedIn


def _event(body: object) -> str:
    return GONE if isinstance(body, dict) and body.get("type") == "comment.deleted" else ONE


class EventIn(
    RootModel[
        Annotated[Annotated[CommentEventIn, Tag(ONE)] | Annotated[DeletedEventIn, Tag(GONE)], Discriminator(_event)]
    ]
):
    """An inbound webhook."""
