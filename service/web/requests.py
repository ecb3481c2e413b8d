"""Each request: an id that finds it again in the logs, its numbers, and its span."""

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from service.runtime import metrics, traces

log = structlog.get_logger(__name__)

HEADER = "X-Request-ID"

GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
"""An id that we take over from a proxy: nothing that could forge a line of a log or fill it."""

UNKNOWN = "unknown"
"""Stands for the route of a request that none of ours fits; a path is the caller's text."""


TOO_LARGE = (413, 400)
"""How a body that is too large is answered: Google does it by the second."""

READ_ON = 16 * 1024 * 1024
"""Bytes of a body that was too large which are read all the same."""


def init_requests(app: Flask) -> None:
    """Watch every request of the app. To be called before others ask to be called before requests."""
    app.before_request(begin)
    app.after_request(answered)
    app.teardown_request(end)


def begin() -> None:
    """Name the request and start its clock."""
    given = request.headers.get(HEADER, "")
    g.request_id = given if GIVEN.fullmatch(given) else uuid4().hex
    g.began, g.status = time.perf_counter(), 500
    # the thread has served others before
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if traces.on():
        g.span = traces.RequestSpan("request")


def answered(response: Response) -> Response:
    """Count the request and tell its id."""
    if response.status_code in TOO_LARGE:
        _read_on()
    response.headers[HEADER] = g.request_id
    g.status = response.status_code
    seconds, route, method = time.perf_counter() - g.began, route_asked(), method_asked()
    metrics.meter().request(route, method, g.status, seconds)
    log.debug("answered", route=route, method=method, status=g.status, ms=round(seconds * 1e3, 1))
    return response


def _read_on() -> None:
    """Take what is still to come of a body that was too large, up to READ_ON.

    The server closes the connection when nobody reads a body, and a client that still sends hears of that instead of our answer.
    """
    size, most = request.content_length or 0, request.max_content_length
    # only then none of it is read yet
    left = min(size, READ_ON) if most is not None and size > most else 0
    while left > 0 and (part := request.environ["wsgi.input"].read(min(left, 64 * 1024))):
        left -= len(part)


def end(_error: BaseException | None) -> None:
    """Close the span, whatever happened."""
    if (span := g.pop("span", None)) is not None:
        route, method = route_asked(), method_asked()
        told = {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": g.status,
            "saring.request_id": g.request_id,
        }
        span.close(f"{method} {route}", told, failed=g.status >= 500)
    structlog.contextvars.clear_contextvars()


def route_asked() -> str:
    """The template of the rule that the request fits, such as `/v1/comments/<id>`."""
    return request.url_rule.rule if request.url_rule else UNKNOWN


def method_asked() -> str:
    """The request's method, where a rule of ours allows it."""
    return request.method if request.url_rule else UNKNOWN
