"""The stream of events and the pulse, as a browser asks for them."""

from collections.abc import Callable, Iterator

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from service.bootstrap import Services
from service.desk import live
from service.domain.decision import Action
from service.moderation.review import Act, Seen, review
from service.moderation.sign_in import sign_out
from service.moderation.sites import Credentials
from tests.conftest import Clock
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued

Browse = Callable[[str], Browser]
RESYNC = b'data: {"kind":"resync","ids":[],"by":null,"user":null}\n\n'


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Browser], Iterator[bytes]]]:
    """Opens a stream; its first lines."""
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.5)
    opened = []

    def open_for(browser: Browser) -> Iterator[bytes]:
        answer = browser.get("/desk/events", buffered=False)
        opened.append(answer)
        assert answer.status_code == 200
        return iter(answer.iter_encoded())

    yield open_for
    for answer in opened:
        answer.close()


def decide(services: Services, site: Credentials, user_id: str, comment: object) -> None:
    seen = Seen(comment.id, comment.revision, comment.status)  # type: ignore[attr-defined]
    assert review(services.store, lambda: None, site.site_id, user_id, [seen], Act(Action.REJECT)).decided


def pulse(browser: Browser, seen: str = "") -> str | None:
    """The pulse, or None when it is still the one seen."""
    answer = browser.get(f"/desk/pulse?seen={seen}")
    assert answer.status_code in {200, 204}
    return answer.get_json()["pulse"] if answer.status_code == 200 else None


def test_a_stream_tells_what_others_decide(
    services: Services, site: Credentials, ayu: str, browse: Browse, queued: Queued, stream: Callable[..., Iterator[bytes]]
) -> None:  # fmt: skip
    comment = queued()
    lines = stream(browse("viewer"))
    assert next(lines) == b"retry: 1000\n\n"
    assert next(lines) == RESYNC
    decide(services, site, ayu, comment)
    told = next(line for line in lines if line != b":\n\n")
    assert told == f'data: {{"kind":"decided","ids":["{comment.id}"],"by":"Ayu","user":"{ayu}"}}\n\n'.encode()


def test_a_stream_is_sent_as_it_comes_and_kept_by_nobody(browse: Browse) -> None:
    answer = browse("viewer").get("/desk/events", buffered=False)
    assert answer.content_type == "text/event-stream; charset=utf-8"
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")
    answer.close()


def test_a_quiet_stream_gives_signs_of_life(browse: Browse, stream: Callable[..., Iterator[bytes]]) -> None:
    lines = stream(browse("viewer"))
    assert next(lines)
    assert b":\n\n" in (next(lines), next(lines))


def test_a_stream_ends_when_its_session_is_revoked(
    services: Services, browse: Browse, stream: Callable[..., Iterator[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    browser = browse("viewer")
    lines = stream(browser)
    assert next(lines)
    assert next(lines)
    token = browser.client.get_cookie("saring")
    assert token
    sign_out(services.store, token.value)
    assert list(lines) in ([], [b":\n\n"])


def test_a_stream_ends_after_a_while(
    browse: Browse, stream: Callable[..., Iterator[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.1)
    lines = stream(browse("viewer"))
    assert next(lines) == b"retry: 1000\n\n"
    assert len(list(lines)) <= 2


def test_one_desk_too_many_is_refused_until_another_closes(services: Services, browse: Browse) -> None:
    services.live._most = 1
    browser = browse("viewer")
    first = browser.get("/desk/events", buffered=False)
    refused = browser.get("/desk/events", buffered=False)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    # though nobody has read a line of it
    first.close()
    again = browser.get("/desk/events", buffered=False)
    assert again.status_code == 200
    again.close()


@pytest.mark.parametrize("path", ["/desk/events", "/desk/pulse"])
def test_nobody_listens_without_logging_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).location.startswith("/login")
    assert client.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_the_pulse_is_another_one_when_a_comment_is_flagged_or_decided(
    services: Services, site: Credentials, ayu: str, browse: Browse, queued: Queued
) -> None:
    browser = browse("viewer")
    empty = pulse(browser)
    assert empty
    assert pulse(browser, empty) is None
    comment = queued()
    one = pulse(browser, empty)
    assert one
    decide(services, site, ayu, comment)
    after = pulse(browser, one)
    assert after
    assert after != empty
    assert pulse(browser, after) is None


def test_the_pulse_of_another_site_is_its_own(browse: Browse, elsewhere: Queued) -> None:
    browser = browse("viewer")
    before = pulse(browser) or ""
    elsewhere()
    assert pulse(browser, before) is None


@pytest.mark.parametrize("seen", ["%00", "%ED%A0%80", "x" * 5_000, "'"])
def test_whatever_a_page_says_it_has_seen(browse: Browse, seen: str) -> None:
    assert pulse(browse("viewer"), seen)


def test_an_open_desk_does_not_keep_its_session_alive(
    app: APIFlask, clock: Clock, browse: Browse, stream: Callable[..., Iterator[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    browser = browse("viewer")
    lines = stream(browser)
    assert next(lines)
    assert next(lines)
    clock.forward(hours=7)
    assert next(lines) == b":\n\n"
    clock.forward(hours=6)
    assert list(lines) in ([], [b":\n\n"])
    assert browser.get("/desk").location.startswith("/login")
