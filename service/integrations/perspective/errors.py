"""What is wrong, in Google's words: one envelope for every error, whose HTTP status is its code."""

from collections.abc import Mapping, Sequence

import orjson
import structlog
from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from service.domain.errors import Invalid, SaringError, TooMany, TooManyRequests, Unavailable, UnknownKey
from service.runtime import metrics
from service.web.requests import method_asked, route_asked

log = structlog.get_logger(__name__)

Detail = Mapping[str, object]

CONTENT_TYPE = "application/json; charset=UTF-8"
SERVICE = "commentanalyzer.googleapis.com"
ANALYZER_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
"""Google's word for each code; other errors of a caller are INVALID_ARGUMENT."""

QUOTA = "Analysis requests (AnalyzeComment)"

LONGEST_NAME = 100
"""Characters of a caller's word that an error repeats."""


class Refusal(Invalid):
    """A request that is answered with an error of the service."""

    def __init__(self, code: int, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.details = tuple(details)


def invalid(error_type: str, message: str, **more: object) -> Refusal:
    """A request that the analyser refuses; `more` stands beside `errorType`."""
    return Refusal(400, message, [{"@type": ANALYZER_ERROR, "errorType": error_type, **more}])


def invalid_json(description: str, field: str = "") -> Refusal:
    """A body that can't be read as the request it should be; `field` is where."""
    message = f"Invalid JSON payload received. {description}"
    return Refusal(
        400, message, [{"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": message}]}]
    )


def unknown_attribute(name: str) -> Refusal:
    """An attribute that there is no score for."""
    return invalid("INVALID_REQUEST", f"Unknown requested attribute: {name[:LONGEST_NAME]}")


def score_type_unsupported(score_type: str, attribute: str) -> Refusal:
    """A kind of score that there is none of."""
    name = attribute[:LONGEST_NAME]
    return invalid("INVALID_REQUEST", f"Requested score type {score_type} is not supported by attribute {name}")


def no_value() -> Refusal:
    """A suggestion without a score, or with one that is no probability."""
    return invalid("INVALID_REQUEST", "Each attribute needs a summary_score with a value from 0 to 1.")


def unsupported_language(attribute: str, languages: Sequence[str], said: str) -> Refusal:
    """Languages that an attribute is not scored in. said: `requestedLanguages` or `detectedLanguages`, by who named them."""
    name = attribute[:LONGEST_NAME]
    return invalid(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        f"Attribute {name} does not support request languages: {', '.join(languages)}",
        languageNotSupportedByAttributeError={said: list(languages), "attribute": name},
    )


def missing_key() -> Refusal:
    """A request that doesn't say who asks."""
    return Refusal(403, "The request is missing a valid API key.")


def not_found() -> Refusal:
    """A path or a method that is none of the service's."""
    return Refusal(404, "Requested entity was not found.")


def init_errors(blueprint: APIBlueprint) -> None:
    """Let every error of these routes answer in the envelope."""
    blueprint.register_error_handler(SaringError, _ours)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _unexpected)


def answer(body: object, status: int = 200) -> Response:
    """A JSON answer, of the type that Google gives it."""
    return Response(orjson.dumps(body), status, content_type=CONTENT_TYPE)


def _ours(error: SaringError) -> Response:
    response = _envelope(_refusal(error))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Unavailable):
        response.headers["Retry-After"] = "1"
    return response


def _refusal(error: SaringError) -> Refusal:
    """What the service would have said."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, UnknownKey):
        detail = _info("API_KEY_INVALID", service=SERVICE)
        return Refusal(400, "API key not valid. Please pass a valid API key.", [detail])
    if isinstance(error, TooManyRequests):
        return _over_quota(error)
    if isinstance(error, TooMany):
        return Refusal(429, str(error))
    if isinstance(error, Unavailable):
        return Refusal(503, "The service is currently unavailable.")
    return Refusal(400, str(error))


def _over_quota(error: TooManyRequests) -> Refusal:
    message = f"Quota exceeded for quota metric '{QUOTA}' and limit '{QUOTA} per minute' of service '{SERVICE}'."
    detail = _info(
        "RATE_LIMIT_EXCEEDED",
        service=SERVICE,
        quota_metric=f"{SERVICE}/analysis_requests",
        quota_limit="AnalyzeRequestsPerMinutePerProject",
        quota_limit_value=str(error.limit),
        consumer="projects/saring",
    )
    return Refusal(429, message, [detail])


def _info(reason: str, **metadata: str) -> Detail:
    return {"@type": ERROR_INFO, "reason": reason, "domain": "googleapis.com", "metadata": metadata}


def _http(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        limit = request.max_content_length
        return _envelope(Refusal(400, f"Request payload size exceeds the limit: {limit} bytes."))
    code = error.code or 500
    if code == 404:
        return _envelope(not_found())
    return _envelope(Refusal(code, error.description or error.name))


def _unexpected(error: Exception) -> Response:
    """Nothing foreseen: the caller learns no more than that, the log all of it."""
    log.error("unexpected error", route=route_asked(), method=method_asked(), exc_info=error)
    return _envelope(Refusal(500, "Internal error encountered."))


def _envelope(refusal: Refusal) -> Response:
    status = STATUS.get(refusal.code, "INVALID_ARGUMENT" if refusal.code < 500 else "INTERNAL")
    metrics.refused(f"perspective_{status.lower()}")
    told: dict[str, object] = {"code": refusal.code, "message": str(refusal), "status": status}
    if refusal.details:
        told["details"] = list(refusal.details)
    return answer({"error": told}, refusal.code)
