"""Tries to log in from one address, counted in a real Redis that dies and comes back."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from apiflask import APIFlask
from structlog.testing import capture_logs

from service.bootstrap import Services
from service.web import rates
from tests.app import an_app
from tests.integration.desk.browser import Browser
from tests.integration.runtime.conftest import Broker, own_broker

__all__ = ["own_broker"]

Start = Callable[..., APIFlask]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def start(services: Services, own_broker: Broker) -> Start:
    """Makes an application with this rate, on a broker that the test may kill."""

    def make(rate: str = "3/hour", **settings: object) -> APIFlask:
        changed = replace(services.settings, login_rate=rate, redis_url=own_broker.server.url, **settings)
        made = replace(services, settings=changed)
        made.__dict__["classifier"] = services.classifier
        return an_app(made)

    return make


def statuses(browser: Browser, times: int, address: str = "192.0.2.7") -> list[int]:
    browser.client.environ_base["REMOTE_ADDR"] = address
    return [browser.log_in(f"{number}@news.example").status_code for number in range(times)]


def test_too_many_tries_from_one_address_are_told_when_to_come_again(start: Start, ayu: str) -> None:
    browser = Browser(start().test_client())
    assert statuses(browser, 4) == [401, 401, 401, 429]
    answer = browser.log_in("ayu@news.example")
    assert (answer.status_code, "Too many tries to log in" in answer.text) == (429, True)
    assert 1 <= int(answer.headers["Retry-After"]) <= 3_600
    assert statuses(browser, 1, "192.0.2.8") == [401]


def test_it_is_said_in_indonesian_too(start: Start) -> None:
    browser = Browser(start("1/hour").test_client())
    statuses(browser, 1)
    token = browser.token("/login")
    answer = browser.client.post("/login", data={"csrf_token": token}, headers={"Accept-Language": "id"})
    assert (answer.status_code, 'lang="id"' in answer.text) == (429, True)


@pytest.mark.parametrize("path", ["/login/code", f"/invitations/{'a' * 43}"])
def test_codes_and_invitations_are_counted_with_the_passwords(start: Start, path: str) -> None:
    browser = Browser(start().test_client())
    statuses(browser, 3)
    assert browser.post(path, page="/login").status_code == 429


def test_pages_are_not_counted(start: Start) -> None:
    browser = Browser(start("1/hour").test_client())
    statuses(browser, 2)
    assert [browser.get("/login").status_code for _ in range(5)] == [200] * 5


def test_behind_a_proxy_the_visitors_are_counted_and_not_the_proxy(start: Start) -> None:
    client = start("1/hour", proxies=1).test_client()

    def attempt(visitor: str) -> int:
        token = Browser(client).token("/login")
        headers = {"X-Forwarded-For": f"203.0.113.9, {visitor}"}
        return client.post("/login", data={"csrf_token": token}, headers=headers).status_code

    assert [attempt("192.0.2.7"), attempt("192.0.2.8"), attempt("192.0.2.7")] == [401, 401, 429]


def test_nobody_gives_themselves_another_address(start: Start) -> None:
    client = start("1/hour").test_client()

    def attempt(said: str) -> int:
        token = Browser(client).token("/login")
        return client.post("/login", data={"csrf_token": token}, headers={"X-Forwarded-For": said}).status_code

    with capture_logs() as logs:
        assert [attempt("192.0.2.7"), attempt("192.0.2.8"), attempt("192.0.2.9")] == [401, 429, 429]
    assert len([line for line in logs if "SARING_PROXIES" in line["event"]]) == 1


def test_while_redis_is_away_people_log_in_and_it_is_said_once(
    start: Start, own_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "AWAY", 0.2)
    browser = Browser(start().test_client())
    assert statuses(browser, 4) == [401, 401, 401, 429]
    own_broker.kill()
    with capture_logs() as logs:
        assert statuses(browser, 5) == [401] * 5
        own_broker.start()
        time.sleep(0.25)
        assert statuses(browser, 3)[-1] == 429
    told = [line["event"] for line in logs if "Redis" in line["event"]]
    away = "Redis can't be reached: tries to log in are limited for each account alone"
    assert told == [away, "Redis is back: rates are limited again"]


def test_redis_never_sees_who_wants_in(start: Start, own_broker: Broker) -> None:
    from redis import Redis

    statuses(Browser(start().test_client()), 2)
    with Redis.from_url(own_broker.server.url, decode_responses=True) as redis:
        kept = redis.keys("*")
    assert kept
    assert all("news.example" not in name for name in kept)
