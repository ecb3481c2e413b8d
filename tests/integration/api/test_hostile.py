"""Hostile input gets a 4xx problem document on every route, and nothing 5xx."""

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from service.bootstrap import Services
from tests.api import Api
from tests.factories import a_sent_comment

UNKNOWN = "01890000-0000-7000-8000-000000000000"

ROUTES = (
    ("POST", "/v1/comments"),
    ("POST", "/v1/score"),
    ("POST", f"/v1/comments/{UNKNOWN}/reports"),
    ("POST", f"/v1/comments/{UNKNOWN}/appeals"),
    ("POST", f"/v1/comments/{UNKNOWN}/decisions"),
    ("POST", "/v1/webhooks/comments/news.example"),
    ("POST", "/v1/webhooks/comments/news.example/github"),
)

BODIES = {
    "broken JSON": b'{"id": ',
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "a million brackets": b"[" * 1_000_000,
    "a million braces": b'{"a":' * 1_000_000,
    "9 MiB": b'{"text":"' + b"a" * (9 << 20) + b'"}',
    "lone surrogate": b'{"id":"1","text":"\\ud800","author":{"id":"u"},"reporter":"\\udfff","reason":"x"}',
    "NUL": b'{"id":"1","text":"a\\u0000b","author":{"id":"u\\u0000"},"reporter":"\\u0000","reason":"\\u0000","action":"\\u0000"}',
    "empty": b"",
    "NaN": b'{"id":NaN,"text":Infinity}',
    "wrong types": b'{"id":{},"text":[],"author":7,"comments":{},"texts":[1,null,{}],"reporter":false,"action":9}',
    "huge number": b'{"id":' + b"9" * 5_000 + b',"text":1e999999}',
    "20,001 characters": b'{"id":"1","text":"'
    + b"a" * 20_001
    + b'","author":{"id":"u"},"reporter":"'
    + b"r" * 999
    + b'"}',
    "surrogate key": b'{"\\udc00":1}',
}


def assert_refused(answer: TestResponse) -> None:
    assert 400 <= answer.status_code < 500, answer.text[:300]
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["title"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_right(api: Api, method: str, path: str, name: str) -> None:
    if path == "/v1/score" and name == "NUL":
        # a text is only read there, and NUL can be read
        assert api.call(method, path, data=BODIES[name]).status_code == 200
        return
    assert_refused(api.call(method, path, data=BODIES[name], content_type="application/json"))


@pytest.mark.parametrize(
    "id", ["x", "%00", "%ff", "'; DROP TABLE comments; --", "../../etc/passwd", "1" * 5_000, UNKNOWN, "٣"]
)
def test_an_id_that_is_not_there(api: Api, id: str) -> None:
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/reports"),
        ("POST", "/appeals"),
        ("POST", "/decisions"),
    ):
        body = {"reporter": "r", "reason": "x", "action": "approve", "text": "x"} if method == "POST" else None
        assert_refused(api.call(method, f"/v1/comments/{id}{path}", json=body))
    assert_refused(api.delete(f"/v1/authors/{id}"))


KEYS = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Basic eDp5",
    "Bearer " + "a" * 20_000,
    "Bearer \xff",
    "bearer saring-" + "a" * 32,
)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_cannot_be_right(app: APIFlask, key: str) -> None:
    for method, path in (
        *ROUTES[:5],
        ("GET", "/v1/comments"),
        ("GET", f"/v1/comments/{UNKNOWN}"),
        ("DELETE", "/v1/authors/u"),
    ):
        answer = app.test_client().open(path, method=method, headers={"Authorization": key}, data=b"{")
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def hostile_fields() -> Iterator[tuple[str, object]]:
    yield "id", "x" * 201
    yield "author", {"id": "u", "name": "n" * 201}
    yield "author", {"id": "u", "email": "e" * 321}
    yield "author", {"id": "u", "ip": "1" * 46}
    yield "thread", {"id": "t", "url": "javascript:alert(1)"}
    yield "thread", {"id": "t", "url": "https://" + "a" * 2_100}
    yield "url", "file:///etc/passwd"
    yield "url", "http://[::1"
    yield "created_at", "yesterday"
    yield "created_at", "2026-01-01T00:00:00"
    yield "created_at", "0001-01-01T00:00:00+14:00"
    yield "created_at", "9999-12-31T23:59:59-14:00"
    yield "created_at", 10**15
    yield "metadata", {"a": "x" * 9_000}
    yield "metadata", {"a": {"b": ["\x00"]}}
    yield "parent_id", ["1"]
    yield "reach", 0
    yield "reach", -5.5
    yield "reach", "many"
    yield "reach", [1]
    yield "reach", "inf"
    yield "reach", "nan"
    yield "text", ""


@pytest.mark.parametrize(("name", "value"), list(hostile_fields()))
def test_a_field_that_cannot_be_right_is_named(api: Api, name: str, value: object) -> None:
    answer = api.post("/v1/comments", a_sent_comment(**{name: value}))
    assert_refused(answer)
    assert all(error["pointer"].startswith(f"/{name}") for error in answer.json["errors"])


STRANGE = (
    "\u202e\u202dright to left\u2066",
    "zalgo" + "\u0315\u0322" * 500,
    "\U0010ffff\ufffe\ufeff",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "'; DROP TABLE comments; --",
    "\x01\x02\x1b[31m\x7f",
    "a" * 20_000,
    "👨‍👩‍👧‍👦" * 2_000,
)


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_text_is_kept_as_it_is(api: Api, services: Services, text: str) -> None:
    sent = a_sent_comment(text=text, author={"id": text[:200], "name": text[:200]})
    id = api.post("/v1/comments", sent).json["id"]
    assert api.get(f"/v1/comments/{id}").json["text"] == text


def test_what_is_not_there_and_what_is_not_allowed(api: Api) -> None:
    assert api.get("/v1/nothing").status_code == 404
    answer = api.call("PATCH", "/v1/comments")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert "POST" in answer.headers["Allow"]
