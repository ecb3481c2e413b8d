"""Requests over raw sockets: the client must cost less than what it measures."""

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from urllib.parse import urlsplit

PATIENCE = 30.0
"""Seconds to wait for an answer."""

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def request(url: str, body: bytes, api_key: str = "", **headers: str) -> bytes:
    """A POST of JSON as it goes over the wire; of a header's name the hyphens are underscores here."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {api_key}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def per_second(url: str, requests: Sequence[bytes], connections: int) -> float:
    """How many requests a second are answered when so many connections share them.

    All in one thread that waits for whichever answer comes first: threads would hand the interpreter to each other with each.
    Raises: RuntimeError, for an answer that is no success, or for none.
    """
    left = iter(requests)
    began = time.perf_counter()
    with ExitStack() as opened, selectors.DefaultSelector() as waiting:
        for _ in range(min(connections, len(requests))):
            line = Line(opened.enter_context(connected(url)), left)
            line.send()
            waiting.register(line.connection, selectors.EVENT_READ, line)
        while waiting.get_map():
            answered = waiting.select(PATIENCE)
            if not answered:
                raise RuntimeError(f"no answer within {PATIENCE:.0f} s")
            for key, _ in answered:
                if key.data.hear() and not key.data.send():
                    waiting.unregister(key.fileobj)
    return len(requests) / (time.perf_counter() - began)


def seconds_each(url: str, requests: Sequence[bytes]) -> list[float]:
    """The seconds until each request was answered, one after the other over one connection.

    Raises: RuntimeError, for an answer that is no success.
    """
    waits = []
    with connected(url) as connection:
        line = Line(connection, iter(requests))
        for _ in requests:
            began = time.perf_counter()
            line.send()
            while not line.hear():
                pass
            waits.append(time.perf_counter() - began)
    return waits


class Connection:
    """One connection that is kept open, for a thread of its own."""

    def __init__(self, url: str) -> None:
        self._socket = connected(url)

    def ask(self, prepared: bytes) -> int:
        """Send a request and wait for its answer; the status."""
        self._socket.sendall(prepared)
        got = b""
        while True:
            if not (part := self._socket.recv(262_144)):
                raise RuntimeError("the connection was closed")
            got += part
            head, end, body = got.partition(b"\r\n\r\n")
            length = LENGTH.search(head) if end else None
            if length is not None and len(body) >= int(length[1]):
                return int(head[9:12])

    def close(self) -> None:
        """Close it."""
        self._socket.close()


class Line:
    """A connection that carries one request at a time, taken from those that are left."""

    def __init__(self, connection: socket.socket, left: Iterator[bytes]) -> None:
        self.connection = connection
        self._left = left
        self._got = b""

    def send(self) -> bool:
        """Send the next request; false when none is left."""
        one = next(self._left, None)
        if one is not None:
            self._got = b""
            self.connection.sendall(one)
        return one is not None

    def hear(self) -> bool:
        """Read what has come, or wait for it; true once the answer is complete. Raises: RuntimeError."""
        if not (part := self.connection.recv(262_144)):
            raise RuntimeError("the connection was closed")
        self._got += part
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 2"):
            self.refused()
        length = LENGTH.search(head)
        return head.startswith(b"HTTP/1.1 204") or (length is not None and len(body) >= int(length[1]))

    def refused(self) -> None:
        """What to do about an answer that is no success. Raises: RuntimeError."""
        raise RuntimeError(f"no success: {self._got[:500]!r}")


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
