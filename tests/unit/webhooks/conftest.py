"""Receivers on loopback: a server per test that reads each request and answers what the test wrote down."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from service.webhooks.connection import Resolve, system_addresses
from service.webhooks.sender import Sender

TIMEOUT = 0.4
"""Seconds that a hasty sender has."""

Reply = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A site's web server: answers one request per connection with `reply`, and remembers what it was sent."""

    reply: Reply
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/hooks/saring?site=1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as arriving:
                while line := arriving.readline().decode().strip():
                    headers = dict(
                        header.decode().strip().split(": ", 1) for header in iter(arriving.readline, b"\r\n")
                    )
                    body = arriving.read(int(headers["content-length"]))
                    self.requests.append(Request(line, headers, body))
                    self.reply(connection)


def answering(status: int, body: bytes = b"", **headers: str) -> Reply:
    """A reply with this status; header names are written with underscores."""

    def reply(connection: socket.socket) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return reply


@pytest.fixture
def answer() -> Callable[..., Reply]:
    """`answering`, for tests, which can't import from here."""
    return answering


@pytest.fixture
def receivers() -> Iterator[Callable[..., Receiver]]:
    """A maker of receivers, all closed after the test."""
    opened: list[Receiver] = []

    def make(reply: Reply, tls: ssl.SSLContext | None = None) -> Receiver:
        opened.append(Receiver(reply, tls))
        return opened[-1]

    yield make
    for receiver in opened:
        receiver.listener.close()


@pytest.fixture
def senders() -> Iterator[Callable[..., Sender]]:
    """A maker of senders, all closed after the test. They may call this machine, since the receivers live here."""
    opened: list[Sender] = []

    def make(timeout: float = 5.0, allow_private: bool = True, resolve: Resolve = system_addresses) -> Sender:
        opened.append(Sender(timeout, allow_private, resolve))
        return opened[-1]

    yield make
    for sender in opened:
        sender.close()


@pytest.fixture
def sender(senders: Callable[..., Sender]) -> Sender:
    """One with time."""
    made: Sender = senders()
    return made


@pytest.fixture
def hasty(senders: Callable[..., Sender]) -> Sender:
    """One whose time is over soon."""
    made: Sender = senders(timeout=TIMEOUT)
    return made
