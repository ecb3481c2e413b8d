"""The benchmark's client: what it does when it is told to come again later."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bench import client
from bench.client import Client
from bench.comments import Sent


class Server(HTTPServer):
    """Refuses each first attempt with a status, and takes the next."""

    status = 429
    attempts = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.attempts += 1
        if self.server.attempts == 1:
            self.send_response(self.server.status)
            self.send_header("Retry-After", "30")
            body = b"{}"
        else:
            self.send_response(202)
            body = json.dumps({"id": "1", "site_comment_id": "c1"}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [429, 503])
def test_what_is_refused_for_now_is_sent_again_after_a_bounded_wait(
    server: Server, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.3)
    server.status = status
    sender = Client(f"http://127.0.0.1:{server.server_port}", "key")
    began = time.monotonic()
    [acknowledged] = sender.post([Sent("c1", "Halo", "author-1")])
    assert acknowledged.id == "1"
    assert (server.attempts, sender.again) == (2, 1)
    assert 0.3 <= time.monotonic() - began < 5
    sender.close()
