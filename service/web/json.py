"""JSON by orjson: fast, strict (no NaN, no lone surrogates) and bounded in depth, so a million brackets are just an error."""

import re
from typing import Any, NoReturn

import orjson
from flask import Request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest

ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""An escape, or two that are one character; `half` is half of a surrogate pair, as JavaScript writes a text that was cut in the
middle of a character."""


def lenient_json(body: bytes) -> Any:
    """What the JSON says, with U+FFFD in place of half a surrogate pair.

    For callers who publish what is answered with an error: a comment must not get by for holding what JSON can't.
    Raises: BadRequest.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        mended = ESCAPE.sub(lambda found: rb"\ufffd" if found["half"] else found[0], body)
        if mended == body:
            raise BadRequest(f"the body is not JSON: {error}") from None
    try:
        return orjson.loads(mended)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None


class OrjsonProvider(JSONProvider):
    """Flask's JSON, by orjson."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """JSON text. Options of the standard library's `dumps` don't apply."""
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """What the JSON says. Raises: ValueError."""
        return orjson.loads(s)


class JsonRequest(Request):
    """Flask's request; one whose body is no JSON says where it breaks."""

    def on_json_loading_failure(self, e: ValueError | None) -> NoReturn:
        """Raises: BadRequest."""
        raise BadRequest(f"the body is not JSON: {e}")
