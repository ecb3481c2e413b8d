"""Answers as Akismet's clients read them: always 200, plain text, compared byte for byte."""

from collections.abc import Mapping

import orjson
import structlog
from apiflask import APIBlueprint
from flask import Response
from werkzeug.exceptions import HTTPException

from service.domain.errors import SaringError, TooManyRequests, UnknownKey
from service.runtime import metrics
from service.web.requests import method_asked, route_asked

log = structlog.get_logger(__name__)

GUID = "X-akismet-guid"
PRO_TIP = "X-akismet-pro-tip"
RECHECK = "X-akismet-recheck-after"
HELP = "X-akismet-debug-help"
"""Beside an error only: clients in Symfony's manner take an answer with it for one, whatever its body says."""

OVER_LIMIT = 429
"""Our code for a site that asks too often. The service's own begin at 10,000; some of them have WordPress offer a dearer plan."""


def said(text: str, headers: Mapping[str, str] | None = None) -> Response:
    """A word, and nothing after it."""
    return Response(text, 200, headers, content_type="text/plain; charset=utf-8")


def told(figures: Mapping[str, object]) -> Response:
    """Figures as JSON, which this service, too, calls plain text."""
    return said(orjson.dumps(figures).decode())


def invalid(why: str) -> Response:
    """What a wrong key hears."""
    return said("invalid", {HELP: why})


def unable(why: str) -> Response:
    """No verdict: whoever hears neither `true` nor `false` holds the comment, and asks again."""
    return said("error", {HELP: why})


def init_errors(blueprint: APIBlueprint) -> None:
    """Let every error of the blueprint's routes answer in this format."""
    blueprint.register_error_handler(SaringError, _ours)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _unexpected)


def _ours(error: SaringError) -> Response:
    if isinstance(error, TooManyRequests):
        metrics.refused("too_many_requests")
        return _over_limit(error)
    if isinstance(error, UnknownKey):
        metrics.refused("unknown_key")
        return invalid("API key missing or unknown")
    metrics.refused("akismet")
    log.warning("Akismet's client was not answered", route=route_asked(), reason=type(error).__name__)
    return unable("Saring can't tell now: try again later")


def _over_limit(error: TooManyRequests) -> Response:
    told = f"This site may send {error.limit} requests at a time and has sent more"
    alert = {"X-akismet-alert-code": str(OVER_LIMIT), "X-akismet-alert-msg": told}
    again = {"Retry-After": str(error.retry_after)}
    return said("invalid", {"X-akismet-error": str(OVER_LIMIT), **alert, **again, HELP: told})


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    metrics.refused(f"http_{code}")
    return unable(f"{code} {error.name}")


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", route=route_asked(), method=method_asked(), exc_info=error)
    return unable("An error that was logged: trying again later may help")
