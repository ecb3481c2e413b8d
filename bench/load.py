"""Requests over raw sockets: the client must cost less than what it measures."""

import socket
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit


def request(url: str, body: bytes, api_key: str = "") -> bytes:
    """A POST of JSON as it goes over the wire."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {api_key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def per_second(url: str, requests: Sequence[bytes], connections: int) -> float:
    """How many requests a second are answered when so many connections share them.

    Raises: RuntimeError, for an answer that is no success.
    """
    shares = [requests[number::connections] for number in range(connections)]
    threads = [threading.Thread(target=seconds_each, args=(url, share)) for share in shares]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(requests) / (time.perf_counter() - began)


def seconds_each(url: str, requests: Sequence[bytes]) -> list[float]:
    """The seconds until each request was answered, one after the other over one connection.

    Raises: RuntimeError, for an answer that is no success.
    """
    connection = Connection(url)
    try:
        return [connection.ask(one) for one in requests]
    finally:
        connection.close()


class Connection:
    """One connection that is kept open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, prepared: bytes) -> float:
        """The seconds until a request was answered. Raises: RuntimeError, for an answer that is no success."""
        began = time.perf_counter()
        self._socket.sendall(prepared)
        _read_answer(self._socket)
        return time.perf_counter() - began

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def _read_answer(connection: socket.socket) -> None:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(f"no success: {got[:500]!r}")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += _more(connection)


def _more(connection: socket.socket) -> bytes:
    if not (part := connection.recv(65_536)):
        raise RuntimeError("the connection was closed")
    return part
