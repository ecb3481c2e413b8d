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


def describe_problems(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
    """Say of every error that it is a problem document: APIFlask only knows application/json."""
    if isinstance(spec, str):
        raise TypeError("the description is wanted as an object, not as YAML")
    spec["components"]["schemas"]["Problem"] = PROBLEM
    answer = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            responses = operation.get("responses", {}) if isinstance(operation, dict) else {}
            if path.startswith("/v1"):
                responses.setdefault("429", {"description": "Too many: try again after Retry-After seconds"})
            for status, response in responses.items():
                if status >= "400":
                    response["content"] = answer
    return spec


@blueprint.get("/docs")
def page() -> Response:
    """The API, browsable; every file is served from here."""
    response = make_response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = POLICY
    return response
