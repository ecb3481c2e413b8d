"""Errors as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}`, all four keys in each."""

import structlog
from apiflask import APIBlueprint
from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from service.domain.errors import Invalid, SaringError, TooMany, Unavailable
from service.runtime import metrics
from service.web.requests import method_asked, route_asked

log = structlog.get_logger(__name__)

WRONG, TOO_OFTEN, OURS = "invalid_request_error", "requests", "server_error"
"""The types of errors: the caller's, a limit that was reached, and our own."""

AGAIN_AFTER = "1"
"""Seconds after which a client should try again when there was no place to score its text; it waits as long as it's told."""


class BadRequest(Invalid):
    """A request that can't be answered; `param` names the field that is wrong, `code` what is wrong with it."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.param = param
        self.code = code
        self.status = status


def init_errors(blueprint: APIBlueprint) -> None:
    """Let every error below this blueprint answer in this form."""
    blueprint.register_error_handler(BadRequest, _bad_request)
    blueprint.register_error_handler(TooMany, _too_many)
    blueprint.register_error_handler(Unavailable, _unavailable)
    blueprint.register_error_handler(SaringError, _refused)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _unexpected)


def _error(status: int, message: str, type: str, param: str | None = None, code: str | None = None) -> Response:
    response = jsonify({"error": {"message": message, "type": type, "param": param, "code": code}})
    response.status_code = status
    return response


def _bad_request(error: BadRequest) -> Response:
    metrics.refused(f"openai_{error.status}")
    response = _error(error.status, str(error), WRONG, error.param, error.code)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="saring"'
    return response


def _too_many(error: TooMany) -> Response:
    metrics.refused("openai_429")
    response = _error(429, str(error), TOO_OFTEN, code="rate_limit_exceeded")
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _unavailable(error: Unavailable) -> Response:
    metrics.refused("openai_503")
    response = _error(503, f"{error}; try again", OURS)
    response.headers["Retry-After"] = AGAIN_AFTER
    return response


def _refused(error: SaringError) -> Response:
    metrics.refused("openai_400")
    return _error(400, str(error), WRONG)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    metrics.refused(f"openai_{status}")
    response = _error(status, error.description or error.name, WRONG if status < 500 else OURS)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    """Nothing foreseen: the caller learns no more than that, the log all of it."""
    log.error("unexpected error", route=route_asked(), method=method_asked(), exc_info=error)
    return _error(500, "the server had an error while it answered; try again", OURS)
