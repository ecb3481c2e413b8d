"""JSON by orjson: fast, strict (no NaN, no lone surrogates) and bounded in depth, so a million brackets are just an error."""

from typing import Any, NoReturn

import orjson
from flask import Request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest


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
