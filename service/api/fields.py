"""The fields of what comes in: every text is bounded and free of what a database can't keep, and so says its JSON schema."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, WithJsonSchema

from service.domain.comment import MAX_TEXT

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

MAX_METADATA = 8_192
"""Bytes of a comment's metadata as JSON."""

_BEGINNING = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
"""How a time of RFC 3339 begins."""

LEAST_NUMBER, MOST_NUMBER = -(2**63), 2**64 - 1
"""Whole numbers that JSON carries unchanged."""

URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\[\]/?#]*([/?#]|$)"
"""An address with no bracket before its path; only those, an IPv6 address's, can make it one that can't be read."""

_PLAIN_URL = re.compile(URL)


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain a NUL character")
    return text


def _whole(value: object) -> object:
    """Ids are often numbers at home: 17 is taken as "17", and so is 17.0, which JSON does not tell apart from it."""
    if isinstance(value, float) and value.is_integer() and LEAST_NUMBER < value < MOST_NUMBER:
        return str(int(value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _http_url(text: str) -> str:
    if _PLAIN_URL.match(text):
        return text
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https"):
        raise ValueError("must be a URL that begins with http:// or https://")
    return text


def _written(value: object) -> object:
    """A number says neither whether it counts seconds nor where the day began."""
    if value is not None and not (isinstance(value, str) and _BEGINNING.match(value)):
        raise ValueError("must be a time as RFC 3339 writes it, such as 2026-01-31T12:00:00Z")
    return value


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


def _key(longest: int) -> WithJsonSchema:
    """The schema of an id: a text, or a whole number that stands for one."""
    text = {"type": "string", "minLength": 1, "maxLength": longest}
    return WithJsonSchema({"anyOf": [text, {"type": "integer", "minimum": LEAST_NUMBER, "maximum": MOST_NUMBER}]})


Storable = AfterValidator(_storable)
Name = Annotated[str, StringConstraints(max_length=200), Storable]
Key = Annotated[str, BeforeValidator(_whole), StringConstraints(min_length=1, max_length=200), Storable, _key(200)]
ThreadKey = Annotated[
    str, BeforeValidator(_whole), StringConstraints(min_length=1, max_length=2048), Storable, _key(2048)
]
Url = Annotated[
    str,
    StringConstraints(max_length=2048),
    Storable,
    AfterValidator(_http_url),
    WithJsonSchema({"type": "string", "maxLength": 2048, "pattern": URL}),
]
Written = Annotated[datetime, BeforeValidator(_written)]
Time = Annotated[
    AwareDatetime,
    BeforeValidator(_written),
    AfterValidator(_sensible),
    Field(description="As RFC 3339 writes it, with its offset, between 1970 and 2200."),
]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT), Storable]
Visible = Field(json_schema_extra={"pattern": r"[^\s\u001c-\u001f\u0085]"})
"""For a text of which blanks are cut off, and which may not be empty then. Python counts five control characters among the blanks
that JSON Schema's regular expressions do not."""

Metadata = Annotated[
    dict[str, Any], AfterValidator(_small), Field(description=f"At most {MAX_METADATA:,} bytes as JSON.")
]
