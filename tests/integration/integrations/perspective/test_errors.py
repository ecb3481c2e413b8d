"""Each error as the service said it, field for field: clients cut names out of messages and parse details."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.exceptions import BadRequest

from service.bootstrap import Services
from service.domain.compat import Compat, DeclaredLanguage
from service.domain.errors import CantDecide, TooManyPending
from service.integrations.perspective import routes
from service.moderation.sites import Credentials
from tests.app import an_app
from tests.integration.integrations.perspective.conftest import Caller

ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
INFO = "type.googleapis.com/google.rpc.ErrorInfo"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
SERVICE = "commentanalyzer.googleapis.com"

FINE = {"comment": {"text": "Terima kasih atas beritanya."}, "requestedAttributes": {"TOXICITY": {}}}


def an_error(code: int, status: str, message: str, *details: object) -> dict[str, Any]:
    told: dict[str, Any] = {"code": code, "message": message, "status": status}
    return {"error": {**told, "details": list(details)} if details else told}


def refused(message: str, error_type: str, **more: object) -> dict[str, Any]:
    return an_error(400, "INVALID_ARGUMENT", message, {"@type": ERROR, "errorType": error_type, **more})


def unsupported(name: str, codes: list[str], said: str) -> dict[str, Any]:
    return refused(
        f"Attribute {name} does not support request languages: {', '.join(codes)}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={said: codes, "attribute": name},
    )


EMPTY = refused("Comment must be non-empty.", "COMMENT_EMPTY")
TOO_LONG = refused("Comment text too long.", "COMMENT_TOO_LONG")
NO_ATTRIBUTES = refused("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
HTML = refused("Currently, only 'PLAIN_TEXT' comments are supported", "INVALID_REQUEST")
BOTH_CONTEXTS = refused(
    "Context can have either entries or article_and_parent_comment, but both fields were populated.", "INVALID_REQUEST"
)
UNDETECTED = refused("Unable to detect language", "LANGUAGE_DETECTION_FAILED")


def unknown(name: str) -> dict[str, Any]:
    return refused(f"Unknown requested attribute: {name}", "INVALID_REQUEST")


def score_type(kind: str, name: str) -> dict[str, Any]:
    return refused(f"Requested score type {kind} is not supported by attribute {name}", "INVALID_REQUEST")


CONTEXTS = {"entries": [{"text": "a"}], "articleAndParentComment": {"article": {"text": "b"}}}

ROWS = {
    "no comment": ({"comment": None}, EMPTY),
    "no text": ({"comment": {}}, EMPTY),
    "an empty text": ({"comment": {"text": ""}}, EMPTY),
    "null for a text": ({"comment": {"text": None}}, EMPTY),
    "a byte too many": ({"comment": {"text": "a" * 20_481}}, TOO_LONG),
    "bytes are counted, not characters": ({"comment": {"text": "é" * 10_241}}, TOO_LONG),
    "HTML": ({"comment": {"text": "a", "type": "HTML"}}, HTML),
    "both kinds of context": ({"context": CONTEXTS}, BOTH_CONTEXTS),
    "no attributes": ({"requestedAttributes": {}}, NO_ATTRIBUTES),
    "null for attributes": ({"requestedAttributes": None}, NO_ATTRIBUTES),
    "an unknown attribute": ({"requestedAttributes": {"TOXICITY": {}, "TOXCITY": {}}}, unknown("TOXCITY")),
    "the first of two unknown ones": ({"requestedAttributes": {"B": {}, "A": {}}}, unknown("B")),
    "an attribute without a model": ({"requestedAttributes": {"FLIRTATION": {}}}, unknown("FLIRTATION")),
    "a name is never converted": ({"requestedAttributes": {"Toxicity": {}}}, unknown("Toxicity")),
    "a nameless attribute": ({"requestedAttributes": {"": {}}}, unknown("")),
    "percentiles": (
        {"requestedAttributes": {"INSULT": {}, "THREAT@2": {"scoreType": "PERCENTILE"}}},
        score_type("PERCENTILE", "THREAT@2"),
    ),
    "deviations": ({"requestedAttributes": {"INSULT": {"score_type": "STD_DEV_SCORE"}}}, score_type("STD_DEV_SCORE", "INSULT")),
    "raw scores": ({"requestedAttributes": {"INSULT": {"scoreType": "RAW"}}}, score_type("RAW", "INSULT")),
    "languages without a model": (
        {"languages": ["id", "es", "PT-br"], "requestedAttributes": {"INSULT": {}, "TOXICITY": {}}},
        unsupported("INSULT", ["es", "PT-br"], "requestedLanguages"),
    ),
    "a language without a model is detected": (
        {"comment": {"text": "Los vecinos llevan años pidiendo un semáforo en esa calle"}},
        unsupported("TOXICITY", ["und"], "detectedLanguages"),
    ),
    "nothing of any language": ({"comment": {"text": " 12.345 -- 67!! "}}, UNDETECTED),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "told"), ROWS.values(), ids=ROWS)
def test_what_is_refused(caller: Caller, changed: dict[str, object], told: dict[str, Any]) -> None:
    answer = caller.send("analyze", FINE | changed)
    assert answer.json == told
    assert (answer.status_code, answer.content_type) == (400, "application/json; charset=UTF-8")


ORDER = [
    ({"comment": {"text": 5}, "requestedAttributes": {"X": {}}}, "Invalid JSON payload received."),
    ({"comment": {"text": ""}, "requestedAttributes": {}}, "Comment must be non-empty."),
    ({"comment": {"text": "a" * 20_481}, "requestedAttributes": {}}, "Comment text too long."),
    ({"comment": {"text": "a"}, "languages": ["es"]}, "Missing requested_attributes"),
    ({"comment": {"text": "a"}, "requestedAttributes": {"X": {}}, "languages": ["es"]}, "Unknown requested attribute: X"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "told"), ORDER)
def test_one_thing_is_told_at_a_time_in_the_services_order(caller: Caller, body: object, told: str) -> None:
    assert caller.send("analyze", body).json["error"]["message"].startswith(told)


def test_a_wrong_key_comes_before_all_else(caller: Caller) -> None:
    caller.key = "aizasyd-not-a-key-of-anybody"
    answer = caller.send("analyze", b"{")
    detail = {"@type": INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com", "metadata": {"service": SERVICE}}
    told = an_error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", detail)
    assert (answer.status_code, answer.json) == (400, told)


@pytest.mark.parametrize("key", ["", None])
def test_a_missing_key_is_forbidden(caller: Caller, key: str | None) -> None:
    caller.key = key
    answer = caller.send("analyze", FINE)
    assert (answer.status_code, answer.json) == (
        403,
        an_error(403, "PERMISSION_DENIED", "The request is missing a valid API key."),
    )


def test_the_key_is_taken_from_the_url_alone(caller: Caller) -> None:
    bearer, caller.key = f"Bearer {caller.key}", None
    assert caller.send("analyze", FINE, Authorization=bearer).status_code == 403


WRONG_TYPES = {
    "comment": {"comment": "text"},
    "comment.text": {"comment": {"text": 5}},
    "comment.type": {"comment": {"text": "a", "type": "MARKDOWN"}},
    "context": {"context": "an article"},
    "context.entries": {"context": {"entries": {}}},
    "context.article_and_parent_comment": {"context": {"articleAndParentComment": "b"}},
    "context.article_and_parent_comment.article": {"context": {"articleAndParentComment": {"article": "b"}}},
    "context.article_and_parent_comment.parent_comment.text": {
        "context": {"articleAndParentComment": {"parent_comment": {"text": 5}}}
    },
    "requested_attributes": {"requestedAttributes": ["TOXICITY"]},
    "requested_attributes.value": {"requestedAttributes": {"TOXICITY": True}},
    "requested_attributes.value.score_type": {"requestedAttributes": {"TOXICITY": {"scoreType": "MEDIAN"}}},
    "requested_attributes.value.score_threshold": {"requestedAttributes": {"TOXICITY": {"scoreThreshold": "0.5"}}},
    "languages": {"languages": [5]},
    "do_not_store": {"doNotStore": "yes"},
    "span_annotations": {"spanAnnotations": 1},
    "client_token": {"clientToken": []},
    "session_id": {"sessionId": {}},
    "community_id": {"communityId": True},
}


@pytest.mark.parametrize("entry", ["an article", 5, ["a"], {"text": 5}, {"text": {}}])
def test_each_entry_of_the_context_is_a_text(caller: Caller, entry: object) -> None:
    error = caller.send("analyze", FINE | {"context": {"entries": [{"text": "a"}, entry]}}).json["error"]
    assert error["details"][0]["fieldViolations"][0]["field"] == "context.entries"


@pytest.mark.parametrize(("place", "changed"), WRONG_TYPES.items(), ids=WRONG_TYPES)
def test_a_wrong_type_is_told_by_its_place(caller: Caller, place: str, changed: dict[str, object]) -> None:
    answer = caller.send("analyze", FINE | changed)
    error = answer.json["error"]
    assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"].startswith(f"Invalid JSON payload received. Invalid value at '{place}' (")
    violation = {"field": place, "description": error["message"]}
    assert error["details"] == [{"@type": BAD_REQUEST, "fieldViolations": [violation]}]


def test_what_was_wrong_is_not_sent_back(caller: Caller) -> None:
    assert "geheim" not in caller.send("analyze", FINE | {"comment": ["geheim" * 1000]}).text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b"null", b'"a"', b"\xff\xfe", b'{"comment":NaN}', b"[" * 100_000]
)
def test_what_is_no_json_object_is_told_so(caller: Caller, body: bytes) -> None:
    error = caller.send("analyze", body).json["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"].startswith("Invalid JSON payload received. ")
    assert error["details"] == [
        {"@type": BAD_REQUEST, "fieldViolations": [{"field": "", "description": error["message"]}]}
    ]


def test_more_attributes_than_there_ever_were_are_refused(caller: Caller) -> None:
    wanted = {f"TOXICITY@{version}": {} for version in range(101)}
    error = caller.send("analyze", FINE | {"requestedAttributes": wanted}).json["error"]
    assert (
        error["message"]
        == "Invalid JSON payload received. Invalid value at 'requested_attributes' (at most 100 entries)"
    )


def test_a_body_too_large_is_refused_in_the_same_form(caller: Caller) -> None:
    answer = caller.send("analyze", b" " * (8 * 1024 * 1024 + 1))
    told = an_error(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 8388608 bytes.")
    assert (answer.status_code, answer.json) == (400, told)


def test_a_name_is_repeated_at_a_bounded_length(caller: Caller) -> None:
    error = caller.send("analyze", FINE | {"requestedAttributes": {"X" * 100_000: {}}}).json["error"]
    assert error["message"] == "Unknown requested attribute: " + "X" * 100


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "POST"])
@pytest.mark.parametrize(
    "path",
    ["/v1alpha1", "/v1alpha1/", "/v1alpha1/comments", "/v1alpha1/comments:delete", "/v1alpha1/comments:analyze/",
     "/v1alpha1/comments/analyze", "/v1alpha1//x", "/$discovery/apis", "/$discovery", "/$discovery/"],
)  # fmt: skip
def test_another_path_is_not_found(app: APIFlask, method: str, path: str) -> None:
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.json) == (404, an_error(404, "NOT_FOUND", "Requested entity was not found."))
    assert answer.content_type == "application/json; charset=UTF-8"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"])
def test_another_method_is_not_found(app: APIFlask, method: str, path: str) -> None:
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.json) == (404, an_error(404, "NOT_FOUND", "Requested entity was not found."))


def test_over_the_quota(services: Services, site: Credentials) -> None:
    limited = replace(services, settings=replace(services.settings, rate_limit="1/minute"))
    limited.__dict__.update(classifier=services.classifier, at_once=services.at_once)
    caller = Caller(an_app(limited).test_client(), site.api_key)
    assert caller.send("analyze", FINE).status_code == 200
    answer = caller.send("analyze", FINE)
    message = (
        "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit "
        f"'Analysis requests (AnalyzeComment) per minute' of service '{SERVICE}'."
    )
    metadata = {
        "service": SERVICE,
        "quota_metric": f"{SERVICE}/analysis_requests",
        "quota_limit": "AnalyzeRequestsPerMinutePerProject",
        "quota_limit_value": "1",
        "consumer": "projects/saring",
    }
    detail = {"@type": INFO, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": metadata}
    assert (answer.status_code, answer.json) == (429, an_error(429, "RESOURCE_EXHAUSTED", message, detail))
    assert 1 <= int(answer.headers["Retry-After"]) <= 120


FAILURES = {
    "overloaded": (CantDecide("no place"), 503, "UNAVAILABLE", "The service is currently unavailable.", "1"),
    "too many wait": (TooManyPending("too many", 7), 429, "RESOURCE_EXHAUSTED", "too many", "7"),
    "not foreseen": (ZeroDivisionError("secret"), 500, "INTERNAL", "Internal error encountered.", None),
    "of the web": (BadRequest("cut off"), 400, "INVALID_ARGUMENT", "cut off", None),
}


@pytest.mark.parametrize(("error", "code", "status", "message", "again"), FAILURES.values(), ids=FAILURES)
def test_what_fails_behind_is_told_in_the_same_form(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, status: str, message: str, again: str | None
) -> None:  # fmt: skip
    def fail(_site_id: str) -> None:
        raise error

    monkeypatch.setattr(routes, "count_request", fail)
    answer = caller.send("analyze", FINE)
    assert (answer.status_code, answer.json) == (code, an_error(code, status, message))
    assert answer.headers.get("Retry-After") == again


def test_a_site_that_ignores_declared_languages_is_never_refused_for_one(
    caller: Caller, choose: Callable[[Compat], None]
) -> None:
    choose(Compat(declared_language=DeclaredLanguage.IGNORE))
    assert caller.send("analyze", FINE | {"languages": ["es"]}).status_code == 200
