"""The client of the measurements counts what was answered, and takes no failure for an answer."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import per_second, request, seconds_each

ANSWER = b"[" + b"1," * 100_000 + b"1]"


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append(body)  # type: ignore[attr-defined]
        self.send_response(429 if body == b"refuse" else 202)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.heard = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url(door: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{door.server_port}/"


@pytest.mark.parametrize("connections", [1, 3, 50])
def test_every_request_is_sent_once_over_any_number_of_connections(door: ThreadingHTTPServer, connections: int) -> None:
    bodies = [str(number).encode() for number in range(20)]
    assert per_second(url(door), [request(url(door), body) for body in bodies], connections) > 0
    assert sorted(door.heard) == sorted(bodies)  # type: ignore[attr-defined]


def test_one_after_the_other_each_is_timed(door: ThreadingHTTPServer) -> None:
    waits = seconds_each(url(door), [request(url(door), b"1"), request(url(door), b"2")])
    assert len(waits) == 2
    assert min(waits) > 0
    assert door.heard == [b"1", b"2"]  # type: ignore[attr-defined]


def test_a_refusal_is_no_answer(door: ThreadingHTTPServer) -> None:
    with pytest.raises(RuntimeError, match="no success"):
        per_second(url(door), [request(url(door), b"refuse")], 2)
