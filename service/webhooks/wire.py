"""HTTP/1.1 as far as a webhook needs it: a request in one piece, and the status and beginning of an answer.

Written out, since the libraries' way is most of what a webhook costs: against a receiver that answers at once and with 16
threads, httpcore's pool made 1,100 requests a second, its bare connection 2,400, `http.client` 5,500 and this 6,400
(`python -m bench.delivering` has today's figure). What a receiver sends is read strictly and within bounds, and a connection is
only kept when the answer's end is certain.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import httpcore

MAX_HEAD = 64 * 1024
"""Bytes of status line and headers, interim answers among them."""

MAX_ANSWER = 64 * 1024
"""Bytes of an answer's body that are read; the connection is closed on the rest."""

AT_ONCE = 64 * 1024

STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
LINE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
END_OF_LINE = re.compile(rb"\r?\n")
LENGTH = re.compile(rb"[0-9]{1,18}")
NAME = re.compile(r"[a-z0-9-]+")
VALUE = re.compile(r"[\t -~]*")

FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError)
"""What a receiver or the way to it can do wrong."""


class NoAnswerError(httpcore.RemoteProtocolError):
    """The connection was closed before the first byte of an answer."""


@dataclass(frozen=True)
class Reply:
    """An answer: `headers` by their lower-case names, the beginning of the body, and whether the connection can be used again."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    reusable: bool


def request(path: bytes, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """A POST as it goes over the wire. Names in lower case.

    Raises: ValueError, for a header that would read as something else.
    """
    lines = []
    for name, value in headers:
        if not (NAME.fullmatch(name) and VALUE.fullmatch(value)):
            raise ValueError(f"{name!r} can't be sent as a header")
        lines.append(f"{name}: {value}\r\n")
    return b"POST " + path + b" HTTP/1.1\r\n" + "".join(lines).encode("ascii") + b"\r\n" + body


def read_reply(stream: httpcore.NetworkStream, deadline: float) -> Reply:
    """The answer to a request. The status decides: a body that breaks off or drips changes nothing.

    Raises: the FAILURES of httpcore, NoAnswerError among them, when there is no status by the deadline.
    """
    arriving = Arriving(stream, deadline)
    version, status, headers = _head(arriving)
    body = bytearray()
    try:
        whole = _read_body(status, headers, arriving, body)
    except FAILURES:
        whole = False
    keeps = version == 1 and b"close" not in headers.get(b"connection", b"").lower()
    return Reply(status, headers, bytes(body), whole and keeps and not arriving.rest)


class Arriving:
    """The bytes that come in, as they are asked for."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline
        self.rest = b""
        self.read = 0

    def more(self) -> None:
        """Wait for more. Raises: NoAnswerError or RemoteProtocolError, when nothing more comes."""
        part = self.stream.read(AT_ONCE, self.deadline)
        if not part:
            raise httpcore.RemoteProtocolError("the answer broke off") if self.read else NoAnswerError("no answer")
        self.read += len(part)
        self.rest += part

    def through(self, end: "re.Pattern[bytes]", most: int) -> "re.Match[bytes]":
        """Take everything up to and with the first match. Raises: RemoteProtocolError, when there is none in `most` bytes."""
        while (found := end.search(self.rest)) is None:
            if len(self.rest) > most:
                raise httpcore.RemoteProtocolError("the answer's head is too long")
            self.more()
        self.rest = self.rest[found.end() :]
        return found

    def some(self, most: int) -> bytes:
        """At least one byte, at most so many."""
        if not self.rest:
            self.more()
        part, self.rest = self.rest[:most], self.rest[most:]
        return part


def _head(arriving: Arriving) -> tuple[int, int, dict[bytes, bytes]]:
    """HTTP's minor version, the status and the headers of the final answer; interim ones (1xx) are passed over."""
    while True:
        found = arriving.through(END_OF_HEAD, MAX_HEAD)
        lines = found.string[: found.start()].split(b"\n")
        parsed = STATUS.fullmatch(lines[0].rstrip(b"\r"))
        if parsed is None:
            raise httpcore.RemoteProtocolError("this is no HTTP/1 answer")
        status = int(parsed[2])
        if status >= 200:
            return int(parsed[1]), status, _headers(lines[1:])
        if status == 101 or arriving.read > MAX_HEAD:
            raise httpcore.RemoteProtocolError("an interim answer that nobody asked for")


def _headers(lines: Iterable[bytes]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        name, value = name.lower(), value.strip()
        if not colon or not name or name != name.strip():
            raise httpcore.RemoteProtocolError("a header that can't be read")
        if name == b"content-length" and not (LENGTH.fullmatch(value) and headers.get(name, value) == value):
            raise httpcore.RemoteProtocolError("a length that can't be read")
        headers[name] = value
    return headers


def _read_body(status: int, headers: dict[bytes, bytes], arriving: Arriving, body: bytearray) -> bool:
    """Read the body's beginning into `body`; whether its end is certain and was reached."""
    if status in (204, 304):
        return True
    if coding := headers.get(b"transfer-encoding"):
        if coding.lower() == b"chunked":
            return _read_chunks(arriving, body)
        return _read_up_to(MAX_ANSWER, arriving, body) and False
    length = headers.get(b"content-length")
    if length is None:
        return _read_up_to(MAX_ANSWER, arriving, body) and False
    return _read_up_to(min(int(length), MAX_ANSWER), arriving, body) and int(length) <= MAX_ANSWER


def _read_up_to(size: int, arriving: Arriving, body: bytearray) -> bool:
    """Read until `body` has this size: true, or the connection ends, which raises."""
    while len(body) < size:
        body += arriving.some(size - len(body))
    return True


def _read_chunks(arriving: Arriving, body: bytearray) -> bool:
    """Whether the last chunk was reached within the bytes that are read."""
    while len(body) < MAX_ANSWER:
        found = arriving.through(LINE, MAX_HEAD)
        if found.start():
            raise httpcore.RemoteProtocolError("a chunk that can't be read")
        size = int(found[1], 16)
        _read_up_to(min(len(body) + size, MAX_ANSWER), arriving, body)
        # after the last chunk, trailers could stand here: whoever sends some loses the connection
        if len(body) < MAX_ANSWER and arriving.through(END_OF_LINE, 2).start():
            return False
        if size == 0:
            return True
    return False
