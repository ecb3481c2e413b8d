"""The API's description: what APIFlask can't read off the routes, and the page to browse it."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, make_response, render_template

blueprint = APIBlueprint(
    "docs",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/docs/static",
    enable_openapi=False,
)

DESCRIPTION = """Send comments, hear decisions.

Every call but health checks needs the site's API key: `Authorization: Bearer <key>`. Errors are problem details (RFC 9457);
times are RFC 3339 in UTC; ids of ours are UUIDv7."""

SECURITY_SCHEMES = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "The site's API key"},
    "webhookSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature, with the site's secret",
    },
}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Swagger UI draws its icons from data: URLs in its stylesheet; nothing comes from elsewhere."""


PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details; `errors` names each fault by a JSON pointer",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


SCHEMAS = "#/components/schemas/"

ALWAYS = {"429": "Too many: try again after Retry-After seconds", "503": "Try again after Retry-After seconds"}
WITH_BODY = {"400": "The body is not JSON", "413": "The body is too long"}
"""Answers that every operation below /v1 may give, and that every one with a body may give."""

HEADERS = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}
"""Headers that always come with a status, beside the request's id."""

REQUEST_ID = {
    "X-Request-ID": {
        "description": "Finds the request again in the logs",
        "required": True,
        "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    }
}


def describe_answers(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
    """Say what APIFlask can't know: that every error is a problem document, and which answers and headers there are besides."""
    if isinstance(spec, str):
        raise TypeError("the description is wanted as an object, not as YAML")
    spec = _each_once(spec)
    # APIFlask's own names for the same
    for name in ("HTTPError", "ValidationError"):
        spec["components"]["schemas"].pop(name, None)
    spec["components"]["schemas"]["Problem"] = PROBLEM
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                _describe(path, operation)
    return spec


def _describe(path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    foreseen = ALWAYS if path.startswith("/v1") else {}
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        foreseen = foreseen | WITH_BODY
    for status, description in foreseen.items():
        responses.setdefault(status, {"description": description})
    made = next((responses[status]["content"] for status in ("201", "202") if status in responses), None)
    for status, response in responses.items():
        if status >= "400":
            response["content"] = {"application/problem+json": {"schema": {"$ref": f"{SCHEMAS}Problem"}}}
        elif status == "200" and made is not None:
            # the same, done before
            response["content"] = made
        response["headers"] = dict(REQUEST_ID)
        if status in HEADERS:
            response["headers"][HEADERS[status]] = {"required": True, "schema": {"type": "string"}}


def _each_once(spec: dict[Any, Any]) -> dict[Any, Any]:
    """The description with each schema under its own name alone, and not once more below each that holds it.

    APIFlask calls them `CommentOut.AuthorOut`, `CommentListOut.AuthorOut` and so on, with one title; of those, generators of
    clients make only the first.

    Raises: TypeError, for two schemas of one name that differ.
    """
    spec = _short_names(spec)
    schemas: dict[str, object] = {}
    for name, schema in spec["components"]["schemas"].items():
        own = name.rpartition(".")[2]
        if schemas.setdefault(own, schema) != schema:
            raise TypeError(f"there are two schemas {own}")
    spec["components"]["schemas"] = schemas
    return spec


def _short_names(value: Any) -> Any:
    """The same with references to schemas by their own names."""
    if isinstance(value, list):
        return [_short_names(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"{SCHEMAS}{one.rpartition('.')[2]}"
        if key == "$ref" and isinstance(one, str) and one.startswith(SCHEMAS) and "." in one
        else _short_names(one)
        for key, one in value.items()
    }


@blueprint.get("/docs")
def page() -> Response:
    """The API, browsable; every file is served from here."""
    response = make_response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = POLICY
    return response
