"""Requests at set times: what waits behind a slow answer is counted, and a refusal too."""

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

import pytest

from bench.load import Line, request
from bench.paced import READY, Door, paced

SLOW = 0.3


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if body == b"slow":
            time.sleep(SLOW)
        self.send_response({b"refuse": 503, b"nothing": 204}.get(body, 200))
        if body != b"nothing":
            self.send_header("Content-Length", "2")
        self.end_headers()
        if body != b"nothing":
            self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def door(url: str, *bodies: bytes) -> Door:
    """A door to which these go in turn, over and over."""
    return Door(url, (request(url, bodies[number % len(bodies)]) for number in count()))


def test_requests_leave_at_their_times_whatever_the_answers_take(url: str) -> None:
    doors = {"slow": door(url, b"slow"), "quick": door(url, b"")}
    began = time.perf_counter()
    late = paced(doors, rate=50, requests=20)
    took = time.perf_counter() - began
    assert len(late) == 40
    # those of the slow door alone, one after the other, would take so long
    assert 20 / 50 < took < 20 * SLOW
    assert all(wait >= SLOW for wait in doors["slow"].seconds)
    assert len(doors["slow"].seconds) == len(doors["quick"].seconds) == 20


def test_more_than_wait_at_first_find_a_connection(url: str) -> None:
    slow = door(url, b"slow")
    paced({"slow": slow}, rate=100, requests=3 * READY)
    assert len(slow.seconds) == 3 * READY


def test_a_wait_counts_from_when_the_request_was_due(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = door(url, b"")
    monkeypatch.setattr("bench.paced.Line.send", _late(0.1))
    late = paced({"one": one}, rate=20, requests=3)
    assert all(wait >= 0.1 for wait in one.seconds)
    assert len(late) == 3


def _late(seconds: float) -> Callable[[Line], bool]:
    send = Line.send

    def sending(line: Line) -> bool:
        time.sleep(seconds)
        return send(line)

    return sending


def test_a_refusal_is_counted_and_an_answer_without_a_body_is_one(url: str) -> None:
    some = door(url, b"refuse", b"nothing", b"")
    paced({"some": some}, rate=100, requests=9)
    assert (len(some.seconds), some.refusals) == (9, 3)
