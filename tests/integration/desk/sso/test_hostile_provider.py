"""Single sign-on whose provider is away, wrong or forged: nobody gets in, and nothing fails."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from joserfc.jwk import OctKey
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from service.bootstrap import Services
from tests.app import an_app
from tests.conftest import one_database
from tests.integration.desk.browser import Browser
from tests.integration.desk.sso.conftest import AYU, CALLBACK
from tests.provider import CLIENT_ID, CLIENT_SECRET, Provider, a_key, provider


@one_database
@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["another client"], "azp": CLIENT_ID},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        {"sub": ["ayu-1"]},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_token_that_is_not_right_lets_nobody_in(
    browser: Browser, enter: Callable[..., TestResponse], ayu: str, claims: dict[str, Any]
) -> None:
    with capture_logs() as logs:
        answer = enter(**{**AYU, **claims})
    assert (answer.status_code, "Single sign-on did not work" in answer.text) == (403, True)
    assert [line for line in logs if "single sign-on" in line["event"]]
    assert browser.get("/desk").status_code == 302


@one_database
@pytest.mark.parametrize(
    "key", ["none", OctKey.import_key(CLIENT_SECRET), a_key("another", "one")], ids=["none", "secret", "another key"]
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    browser: Browser, enter: Callable[..., TestResponse], op: Provider, ayu: str, key: object
) -> None:
    op.signed_by = key
    assert enter(**AYU).status_code == 403
    assert browser.get("/desk").status_code == 302


@one_database
def test_new_keys_are_looked_up(browser: Browser, enter: Callable[..., TestResponse], op: Provider, ayu: str) -> None:
    enter(**AYU)
    browser.post("/logout")
    op.key = a_key("two")
    assert enter(**AYU).location == "/desk"


@one_database
def test_new_keys_of_the_old_name_are_looked_up_for_the_next_one(
    browser: Browser, enter: Callable[..., TestResponse], op: Provider, ayu: str
) -> None:
    enter(**AYU)
    browser.post("/logout")
    op.key = a_key("another", "one")
    assert enter(**AYU).status_code == 403
    assert enter(**AYU).location == "/desk"


@one_database
@pytest.mark.parametrize("change", [{"state": "another"}, {"state": None}])
def test_an_answer_that_nobody_asked_for_lets_nobody_in(
    browser: Browser, op: Provider, ayu: str, change: dict[str, Any]
) -> None:
    query = op.approve(browser.get("/login/oidc").location, **AYU) | change
    assert browser.get(CALLBACK, query_string=query).status_code == 403


@one_database
def test_another_browser_cannot_finish_what_this_one_began(
    app: APIFlask, browser: Browser, op: Provider, ayu: str
) -> None:
    query = op.approve(browser.get("/login/oidc").location, **AYU)
    assert Browser(app.test_client()).get(CALLBACK, query_string=query).status_code == 403


def test_an_answer_is_good_for_once(browser: Browser, op: Provider, ayu: str) -> None:
    query = op.approve(browser.get("/login/oidc").location, **AYU)
    assert browser.get(CALLBACK, query_string=query).location == "/desk"
    browser.post("/logout")
    assert browser.get(CALLBACK, query_string=query).status_code == 403


@one_database
def test_a_refusal_of_the_provider_is_told(browser: Browser) -> None:
    browser.get("/login/oidc")
    with capture_logs() as logs:
        answer = browser.get(CALLBACK, query_string={"error": "access_denied", "error_description": "<b>no</b>" * 99})
    assert (answer.status_code, "Single sign-on did not work" in answer.text) == (403, True)
    assert [line["reason"] for line in logs if "single sign-on" in line["event"]] == ["access_denied"]


@one_database
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/.well-known/openid-configuration", "no JSON"),
        ("/.well-known/openid-configuration", "[]"),
        ("/.well-known/openid-configuration", "{}"),
        ("/token", "no JSON"),
        ("/token", "[1]"),
        ("/token", '{"access_token": "x", "token_type": "Bearer"}'),
        ("/token", '{"error": "invalid_grant"}'),
        ("/keys", "[]"),
        ("/keys", '{"keys": []}'),
        ("/keys", '{"keys": [{"kty": "odd"}]}'),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_a_provider_that_answers_anything_fails_nothing(
    browser: Browser, op: Provider, ayu: str, path: str, body: str, status: int
) -> None:
    op.broken[path] = (status, body)
    with capture_logs() as logs:
        answer = browser.get("/login/oidc")
        if answer.status_code == 302:
            answer = browser.get(CALLBACK, query_string=op.approve(answer.location, **AYU))
    assert answer.status_code in (403, 503)
    assert "Single sign-on" in answer.text
    assert [line for line in logs if "single sign-on" in line["event"]]
    assert browser.get("/desk").status_code == 302


@one_database
@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"client_id": "twice"},
    ],
    ids=str,
)
def test_a_description_that_cannot_be_is_not_used(browser: Browser, op: Provider, description: dict[str, Any]) -> None:
    op.description = description
    answer = browser.get("/login/oidc")
    assert (answer.status_code, "Single sign-on is away" in answer.text) == (503, True)


def test_a_provider_that_is_away_is_told_and_left_alone_for_a_while(
    services: Services, ayu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider() as gone:
        url = gone.url
    named = {"oidc_issuer": url, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    app = an_app(replace(services, settings=replace(services.settings, **named)))
    browser = Browser(app.test_client())
    with capture_logs() as logs:
        answers = [browser.get("/login/oidc") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert "does not answer" in answers[0].text
    assert len([line for line in logs if "single sign-on" in line["event"]]) == 1
    assert browser.log_in("ayu@news.example").location == "/desk"


@one_database
def test_many_starts_do_not_fill_the_cookie(browser: Browser, op: Provider, ayu: str) -> None:
    for _ in range(20):
        location = browser.get("/login/oidc", query_string={"next": "/" + "x" * 5_000}).location
    kept = browser.client.get_cookie("saring_page")
    assert kept is not None
    assert len(kept.value) < 3_000
    assert browser.get(CALLBACK, query_string=op.approve(location, **AYU)).status_code == 303
