"""Errors as RFC 9457 problem details, in one place."""

import re
from collections.abc import Sequence

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, json, render_template, request
from werkzeug.exceptions import HTTPException

from service.domain.errors import (
    BadSignature,
    Conflict,
    Fault,
    Invalid,
    InvalidComments,
    NotFound,
    Refused,
    SaringError,
    TooMany,
    TooManyRequests,
    Unavailable,
    UnknownKey,
)
from service.runtime import metrics
from service.web.requests import method_asked, route_asked

log = structlog.get_logger(__name__)

STATUS: dict[type[SaringError], tuple[int, str]] = {
    InvalidComments: (422, "Some of this can't be accepted"),
    Invalid: (422, "This can't be accepted"),
    UnknownKey: (401, "API key missing or unknown"),
    BadSignature: (401, "Invalid signature"),
    Refused: (403, "Not allowed"),
    NotFound: (404, "Not found"),
    Conflict: (409, "Something has changed meanwhile"),
    Unavailable: (503, "Try again later"),
    TooMany: (429, "Too many: try again later"),
}
"""The most special class first."""

BAD_REQUEST = 400

MAX_FAULTS = 1_000
"""Faults listed in one answer."""


def problem(status: int, title: str, detail: str | None = None, faults: Sequence[Fault] = ()) -> Response:
    """A problem document. `faults` are listed under `errors`, each with a JSON pointer (RFC 6901) and a message."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if faults:
        body["errors"] = [{"pointer": _pointer(fault.place), "detail": fault.message} for fault in faults[:MAX_FAULTS]]
    response = Response(json.dumps(body), status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="saring"'
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def init_problems(app: APIFlask) -> None:
    """Let every error of the application answer as a problem document, or as a page where a page was asked for."""
    app.error_processor(_http_error)
    app.register_error_handler(SaringError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: SaringError) -> Response:
    metrics.refused(_word(type(error).__name__))
    status, title = next(answer for kind, answer in STATUS.items() if isinstance(error, kind))
    if isinstance(error, InvalidComments):
        return problem(status, title, "each fault is listed under errors; nothing was stored", error.faults)
    response = _answer(status, title, str(error))
    if isinstance(error, TooMany):
        response.headers.update(_limits_out(error))
    return response


def _limits_out(error: TooMany) -> dict[str, str]:
    """When to come again; where a rate was the limit, the RateLimit fields too (draft-ietf-httpapi-ratelimit-headers-06)."""
    headers = {"Retry-After": str(error.retry_after)}
    if isinstance(error, TooManyRequests):
        headers |= {
            "RateLimit-Limit": str(error.limit),
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": str(error.retry_after),
        }
    return headers


def _http(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or (error.code is not None and error.code < BAD_REQUEST):
        return error  # a redirect, or an answer that somebody made whole
    metrics.refused(f"http_{error.code or 500}")
    response = _answer(error.code or 500, error.name, error.description)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _http_error(error: HTTPError) -> Response:
    """APIFlask's own: a request that doesn't fit the schema comes with the faults of each field."""
    metrics.refused(f"http_{error.status_code}")
    located = error.detail.items() if isinstance(error.detail, dict) else ()
    faults = [
        Fault(_place(field), message.removeprefix("Value error, "))
        for _location, fields in located
        for field, messages in fields.items()
        for message in messages
    ]
    return problem(
        error.status_code,
        error.message or "Error",
        "each fault is listed under errors; nothing was stored" if faults else None,
        faults,
    )


def _word(name: str) -> str:
    """An error's name as metrics write it: `unknown_key` for UnknownKey."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _place(field: str) -> tuple[str, ...]:
    """A field as APIFlask writes it; the parts in brackets name a form of the body and no place in it."""
    return tuple(part for part in field.split(".") if part != "_schema" and not part.startswith("("))


def _unexpected(error: Exception) -> Response:
    """Nothing foreseen: the caller learns no more than that, the log all of it."""
    log.error("unexpected error", route=route_asked(), method=method_asked(), exc_info=error)
    return _answer(500, "Internal Server Error", "the error was logged; trying again later may help")


def _answer(status: int, title: str, detail: str | None) -> Response:
    if wants_page():
        return Response(render_template("error.html", status=status, title=title, detail=detail), status)
    return problem(status, title, detail)


def wants_page() -> bool:
    """True for a browser that asks for a page, false for a program."""
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"


def _pointer(place: tuple[str | int, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
