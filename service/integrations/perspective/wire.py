"""What is asked, read as Google reads it: JSON of protocol buffers, each name in camelCase or snake_case, null for absent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from werkzeug.exceptions import BadRequest

from service.integrations.perspective.errors import Refusal, invalid, invalid_json
from service.web.json import lenient_json

MAX_BYTES = 20_480
"""Of a comment's text in UTF-8."""

MAX_ATTRIBUTES = 100
"""In one request: more than the service ever had."""

MAX_LANGUAGES, LONGEST_LANGUAGE = 50, 35
"""RFC 5646 wants room for 35 characters."""

PLAIN, HTML = "PLAIN_TEXT", "HTML"
TEXT_TYPES = ("TEXT_TYPE_UNSPECIFIED", PLAIN, HTML)
PROBABILITY = "PROBABILITY"
SCORE_TYPES = ("SCORE_TYPE_UNSPECIFIED", PROBABILITY, "STD_DEV_SCORE", "PERCENTILE", "RAW")

TOKENS = ("clientToken", "sessionId", "communityId")

WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Wanted:
    """An attribute as it is asked for, and the score below which nothing is to be said of it."""

    name: str
    score_type: str
    threshold: float | None


@dataclass(frozen=True)
class Suggested:
    """A score that a person thinks right; None where the request doesn't say which."""

    name: str
    score_type: str
    value: float | None


@dataclass(frozen=True)
class Comment:
    """What both calls say of a comment."""

    text: str
    languages: tuple[str, ...]
    client_token: str


@dataclass(frozen=True)
class AnalyzeRequest:
    """A comment to be scored."""

    comment: Comment
    attributes: tuple[Wanted, ...]
    span_annotations: bool

    @classmethod
    def of(cls, body: bytes) -> Self:
        """Read a body; what is wrong with it is told in the order in which the service looked. Raises: Refusal."""
        sent = Sent.of(body)
        attributes = [_wanted(name, given) for name, given in sent.entries("requestedAttributes")]
        spans = sent.flag("spanAnnotations")
        sent.flag("doNotStore")
        comment = _comment(sent)
        if not attributes:
            raise invalid("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
        return cls(comment, tuple(attributes), spans)


@dataclass(frozen=True)
class SuggestRequest:
    """A comment and the scores that a person thinks right."""

    comment: Comment
    attributes: tuple[Suggested, ...]

    @classmethod
    def of(cls, body: bytes) -> Self:
        """Read a body. Raises: Refusal."""
        sent = Sent.of(body)
        attributes = [_suggested(name, entry) for name, entry in sent.entries("attributeScores")]
        comment = _comment(sent)
        if not attributes:
            raise invalid("NO_REQUESTED_ATTRIBUTES", "Missing attribute_scores")
        return cls(comment, tuple(attributes))


class Sent:
    """An object as it was sent, and where it stands."""

    def __init__(self, fields: Mapping[str, Any], place: str = "") -> None:
        self._fields = fields
        self._place = place

    @classmethod
    def of(cls, body: bytes) -> Self:
        """The object that a body holds. Raises: Refusal."""
        try:
            fields = lenient_json(body)
        except BadRequest as error:
            raise invalid_json(f"{error.description}") from None
        if not isinstance(fields, dict):
            raise invalid_json("The body is not an object.")
        return cls(fields)

    def get(self, name: str) -> Any:
        """A field by its name in camelCase or in snake_case; None when it is absent or null."""
        value = self._fields.get(name)
        return self._fields.get(snake_case(name)) if value is None else value

    def text(self, name: str) -> str:
        """A string, empty when absent. Raises: Refusal."""
        value = self.get(name)
        if not isinstance(value, str | None):
            raise self.wrong(name, "TYPE_STRING")
        return value or ""

    def token(self, name: str) -> str:
        """A string that means nothing here; some send a number for it. Raises: Refusal."""
        value = self.get(name)
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else self.text(name)

    def flag(self, name: str) -> bool:
        """True or false. Raises: Refusal."""
        value = self.get(name)
        if not isinstance(value, bool | None):
            raise self.wrong(name, "TYPE_BOOL")
        return bool(value)

    def number(self, name: str) -> float | None:
        """A number, or an object that wraps one as its `value`. Raises: Refusal."""
        value = self.get(name)
        if isinstance(value, dict):
            value = value.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise self.wrong(name, "TYPE_FLOAT")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of some words, the first when absent. Raises: Refusal."""
        value = self.get(name)
        if value is None:
            return choices[0]
        if value not in choices:
            raise self.wrong(name, "TYPE_ENUM")
        return str(value)

    def inner(self, name: str) -> "Sent | None":
        """An object in this one, None when absent. Raises: Refusal."""
        value = self.get(name)
        return None if value is None else Sent(_object(value, self._at(name)), f"{self._at(name)}.")

    def entries(self, name: str) -> list[tuple[str, "Sent"]]:
        """A map of objects, in the order sent; null is an empty one. Raises: Refusal."""
        place = self._at(name)
        mapped = _object(self.get(name), place)
        if len(mapped) > MAX_ATTRIBUTES:
            raise invalid_json(f"Invalid value at '{place}' (at most {MAX_ATTRIBUTES} entries)", place)
        within = f"{place}.value"
        return [(key, Sent(_object(value, within), f"{within}.")) for key, value in mapped.items()]

    def items(self, name: str) -> list[Any]:
        """A list, empty when absent. Raises: Refusal."""
        value = self.get(name)
        if not isinstance(value, list | None):
            raise self.wrong(name, "TYPE_LIST")
        return value or []

    def wrong(self, name: str, wanted: str) -> Refusal:
        """A field that is not what it should be. What it is stays unsaid: it may be as long as the body."""
        place = self._at(name)
        return invalid_json(f"Invalid value at '{place}' ({wanted})", place)

    def _at(self, name: str) -> str:
        return self._place + snake_case(name)


def _object(value: object, place: str) -> dict[str, Any]:
    """An object; null is an empty one. Raises: Refusal."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid_json(f"Invalid value at '{place}' (TYPE_MESSAGE)", place)
    return value


def snake_case(name: str) -> str:
    """A field's other name."""
    return WORDS.sub("_", name).lower()


def _wanted(name: str, given: Sent) -> Wanted:
    return Wanted(name, given.choice("scoreType", SCORE_TYPES), given.number("scoreThreshold"))


def _suggested(name: str, entry: Sent) -> Suggested:
    summary = entry.inner("summaryScore") or Sent({})
    return Suggested(name, summary.choice("type", SCORE_TYPES), summary.number("value"))


def _comment(sent: Sent) -> Comment:
    """What is said of the comment; types first, since a body of wrong types is no request yet. Raises: Refusal."""
    comment, context = sent.inner("comment"), sent.inner("context")
    text = comment.text("text") if comment else ""
    kind = comment.choice("type", TEXT_TYPES) if comment else PLAIN
    languages, token, _session, _community = _languages(sent), *map(sent.token, TOKENS)
    entries, article = _context(context) if context else ([], None)
    if not text:
        raise invalid("COMMENT_EMPTY", "Comment must be non-empty.")
    if len(text.encode()) > MAX_BYTES:
        raise invalid("COMMENT_TOO_LONG", "Comment text too long.")
    if kind == HTML:
        raise invalid("INVALID_REQUEST", "Currently, only 'PLAIN_TEXT' comments are supported")
    if entries and article:
        raise invalid(
            "INVALID_REQUEST",
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
        )
    return Comment(text, languages, token)


def _context(context: Sent) -> tuple[list[Any], Sent | None]:
    """What a comment answers, in either form: looked at for its types alone, since it changes no score. Raises: Refusal."""
    entries, article = context.items("entries"), context.inner("articleAndParentComment")
    if not all(
        isinstance(entry, dict | None) and isinstance((entry or {}).get("text"), str | None) for entry in entries
    ):
        raise context.wrong("entries", "TYPE_MESSAGE")
    parts = [article.inner(part) for part in ("article", "parentComment")] if article else []
    for entry in filter(None, parts):
        entry.text("text")
    return entries, article


def _languages(sent: Sent) -> tuple[str, ...]:
    """Codes as they were sent; one alone counts as a list, since the plugin of Coral's first version sends `"EN"`."""
    alone = sent.get("languages")
    codes = [alone] if isinstance(alone, str) else sent.items("languages")
    if len(codes) > MAX_LANGUAGES:
        raise sent.wrong("languages", f"at most {MAX_LANGUAGES}")
    if not all(isinstance(code, str) and len(code) <= LONGEST_LANGUAGE for code in codes):
        raise sent.wrong("languages", "TYPE_STRING")
    return tuple(codes)
