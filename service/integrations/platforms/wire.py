"""What the webhooks of platforms have in common: what is heard in one, and fields that are read with care.

What people write is never a reason to refuse a webhook: the platform would not send it again, and whoever found out could write
unmoderated. So their texts are cut and mended; only what the platform itself makes, such as ids and times, can be wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from werkzeug.datastructures import Headers

from service.domain.comment import KEPT_BY_NONE, MAX_TEXT, NewComment
from service.domain.errors import Fault, InvalidComments

Model = TypeVar("Model", bound=BaseModel)

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

MAX_NAME, MAX_TITLE, MAX_URL = 200, 500, 2_048


@dataclass(frozen=True)
class Written:
    """A comment as it stood at a time, None where the platform says none. just_now: it changed since, and says not when."""

    comment: NewComment
    as_of: datetime | None
    just_now: bool = False


@dataclass(frozen=True)
class Deleted:
    """A comment that is gone since it stood so at a time. by_author: its author took it away, or nobody knows who did."""

    site_comment_id: str
    by_author: bool
    as_of: datetime | None
    just_now: bool = True


Heard = Written | Deleted | None
"""None: nothing to do."""


@dataclass(frozen=True)
class Platform:
    """How one platform's webhooks are read.

    signature: the header with the HMAC. fresh: the status that says that something is to be done. form: whether the JSON may
    stand in a form's field `payload`. hear: what a body says, given the request's headers.
    """

    name: str
    signature: str
    fresh: int
    form: bool
    hear: Callable[[Any, Headers], Heard]


def _whole(value: object) -> object:
    """Ids are numbers on most platforms: 17 is taken as "17"."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _sensible(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise ValueError("must be a time between 1970 and 2200")
    return at.astimezone(UTC)


def _line(most: int) -> BeforeValidator:
    """A text that people wrote, mended and cut; None is an empty one."""
    return BeforeValidator(
        lambda value: mended(value)[:most] if isinstance(value, str) else "" if value is None else value
    )


def _web_address(value: object) -> object:
    """An address that can be stored and linked to; any other is left out, since a comment is worth more than its address."""
    good = isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) <= MAX_URL
    return value if good and "[" not in str(value) and mended(str(value)) == value else None


Id = Annotated[str, BeforeValidator(_whole), StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.=+/-]+$")]
Number = Annotated[int, Field(ge=-(1 << 53), le=1 << 53)]
Time = Annotated[AwareDatetime, AfterValidator(_sensible)]
Words = Annotated[str, _line(1 << 24)]
Name = Annotated[str, _line(MAX_NAME)]
Title = Annotated[str, _line(MAX_TITLE)]
Url = Annotated[str | None, BeforeValidator(_web_address)]


class Wire(BaseModel):
    """The base of all: what a platform sends beyond what is read here is passed over."""

    model_config = ConfigDict(extra="ignore", strict=False)


def read(model: type[Model], body: object) -> Model:
    """The body as a model. Raises: InvalidComments, with every fault by its place."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidComments([Fault(tuple(fault["loc"]), fault["msg"]) for fault in found]) from None


def mended(text: str) -> str:
    """The text with U+FFFD in place of what not every database keeps."""
    return KEPT_BY_NONE.sub("\ufffd", text)


def cut(text: str, metadata: dict[str, object]) -> str:
    """As much of a text as a comment may have; `metadata` is told how long it was when that is less."""
    if len(text) > MAX_TEXT:
        metadata["cut_from"] = len(text)
    return text[:MAX_TEXT]
