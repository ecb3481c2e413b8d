"""Streams of events at the real server: they hold threads, and must take nothing from the others."""

import http.client
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from service.bootstrap import Services
from service.domain.change import Change, Kind
from service.moderation.sign_in import add_user, sign_in
from service.moderation.sites import Credentials
from service.settings import Settings
from tests.browser.stage import PASSWORD
from tests.factories import a_sent_comment
from tests.integration.runtime.test_drain import Sender
from tests.integration.runtime.webs import Web, start
from tests.unit.runtime.tree import until


class Desk:
    """An open desk's stream, over a connection of its own."""

    def __init__(self, port: int, cookie: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall(f"GET /desk/events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
        self.read = b""
        self.until(b"\r\n")
        self.status = int(self.read.split()[1])

    def until(self, words: bytes, seconds: float = 10.0) -> bool:
        """Read until these words have come; false when the stream ended before."""
        self.socket.settimeout(seconds)
        while words not in self.read:
            more = self.socket.recv(65_536)
            if not more:
                return False
            self.read += more
        return True


@pytest.fixture
def cookies(services: Services, site: Credentials, web_settings: Settings, webs: list[Web]) -> list[str]:
    """Of eight people at a server, which it starts: one alone may not have so many streams."""
    start(webs, web_settings)
    emails = [f"p{number}@news.example" for number in range(8)]
    for email in emails:
        add_user(services.store, email, "Ayu", PASSWORD, site.site_id, "moderator")
    return [f"saring={sign_in(services.store, email, PASSWORD)}" for email in emails]


@pytest.fixture
def desks() -> Iterator[list[Desk]]:
    opened: list[Desk] = []
    yield opened
    for desk in opened:
        desk.socket.close()


def statuses(desks: list[Desk]) -> list[int]:
    return sorted(desk.status for desk in desks)


def post(port: int, key: str, seconds: float) -> list[float]:
    """How long each comment of four senders took, who send for so long."""
    senders = [Sender(port, key) for _ in range(4)]
    for sender in senders:
        sender.start()
    took, end = [], time.monotonic() + seconds
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    while time.monotonic() < end:
        began = time.monotonic()
        assert Sender(port, key)._post(connection, a_sent_comment()) == 202
        took.append(time.monotonic() - began)
    connection.close()
    for sender in senders:
        sender.stop.set()
    for sender in senders:
        sender.join(20)
    return took


def test_forty_open_desks_starve_no_site_and_those_too_many_are_refused(
    site: Credentials, web_settings: Settings, cookies: list[str], desks: list[Desk]
) -> None:
    alone = post(web_settings.port, site.api_key, 3)
    desks += [Desk(web_settings.port, cookies[number % 8]) for number in range(40)]
    assert statuses(desks) == [200] * 32 + [503] * 8
    assert [desk.until(b"retry-after", 1) for desk in desks if desk.status == 503] == [True] * 8
    beside = post(web_settings.port, site.api_key, 3)
    assert len(beside) > len(alone) / 2, (len(alone), len(beside))
    assert all(desk.until(b'"resync"') for desk in desks if desk.status == 200)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_change_reaches_every_desk(
    services: Services, site: Credentials, web_settings: Settings, cookies: list[str], desks: list[Desk]
) -> None:
    desks += [Desk(web_settings.port, cookies[number % 8]) for number in range(8)]
    assert all(desk.until(b'"resync"') for desk in desks)
    began = time.monotonic()
    services.live.tell([Change(site.site_id, Kind.DECIDED, ("c1",), "Bima")])
    assert all(desk.until(b'data: {"kind":"decided","ids":["c1"],"by":"Bima","user":null}\n\n') for desk in desks)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_desks_that_have_gone_free_their_places(
    site: Credentials, web_settings: Settings, cookies: list[str], desks: list[Desk]
) -> None:
    for number in range(32):
        desks.append(Desk(web_settings.port, cookies[number % 8]))  # noqa: PERF401 - they are to be closed when one fails
    while desks:
        desks.pop().socket.close()

    def again() -> bool:
        desks.append(Desk(web_settings.port, cookies[0]))
        return desks[-1].status == 200

    # by their heartbeats, at the latest
    until(again, seconds=20)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_streams_end_at_once_when_the_server_is_told_to(
    web_settings: Settings, webs: list[Web], cookies: list[str], desks: list[Desk]
) -> None:
    desks += [Desk(web_settings.port, cookies[number % 8]) for number in range(8)]
    assert all(desk.until(b'"resync"') for desk in desks)
    began = time.monotonic()
    webs[0].process.send_signal(signal.SIGTERM)
    readers = [threading.Thread(target=desk.until, args=(b"never", 10.0)) for desk in desks]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(10)
    assert webs[0].process.wait(15) == 0
    assert time.monotonic() - began < 4
    # ended as an answer ends, not torn
    assert all(desk.read.endswith(b"0\r\n\r\n") for desk in desks)
