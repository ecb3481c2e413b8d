"""The answer to a webhook is read within bounds, and its connection kept only when the answer's end is certain."""

import socket
import time
from collections.abc import Callable
from typing import Any

import httpcore
import pytest

from service.webhooks.answers import Outcome
from service.webhooks.sender import Sender
from service.webhooks.wire import MAX_ANSWER, Reply, read_reply, request

Make = Callable[..., Any]


def read(*pieces: bytes) -> Reply:
    return read_reply(httpcore.MockStream(list(pieces)), time.monotonic() + 1)


def in_single_bytes(answer: bytes) -> list[bytes]:
    return [answer[at : at + 1] for at in range(len(answer))]


WHOLE = {
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "no content, with a length": (b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", b""),
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "no reason": (b"HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok", b"ok"),
    "bare line ends": (b"HTTP/1.1 200 OK\ncontent-length: 2\n\nok", b"ok"),
    "chunks": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", b"hello"),
    "after an interim answer": (
        b"HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        b"ok",
    ),
}


@pytest.mark.parametrize(("answer", "body"), WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_answer_is_read_however_it_is_cut_and_its_connection_kept(answer: bytes, body: bytes) -> None:
    for reply in (read(answer), read(*in_single_bytes(answer))):
        assert (reply.body, reply.reusable) == (body, True)


NOT_KEPT = {
    "it says so": b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
    "an old version": b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
    "no length": b"HTTP/1.1 200 OK\r\n\r\nok",
    "more than the answer": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n",
    "an unknown coding": b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "trailers": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n",
    "a chunk of no size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nok\r\n0\r\n\r\n",
    "it breaks off": b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok",
}


@pytest.mark.parametrize("answer", NOT_KEPT.values(), ids=NOT_KEPT.keys())
def test_the_status_counts_and_the_connection_is_not_kept(answer: bytes) -> None:
    reply = read(answer)
    assert (reply.status, reply.reusable) == (200, False)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 600 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nname : value\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok",
        b"HTTP/1.1 103 Hints\r\n\r\n" * 10_000,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000,
    ],
)
def test_what_is_no_answer_is_refused(answer: bytes) -> None:
    with pytest.raises(httpcore.RemoteProtocolError):
        read(*(answer[at : at + 50_000] for at in range(0, len(answer), 50_000)))


def test_no_more_of_a_body_is_kept_than_is_read() -> None:
    reply = read(b"HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n30000\r\n", *[b"x" * 50_000] * 4)
    assert (len(reply.body), reply.reusable) == (MAX_ANSWER, False)


@pytest.mark.parametrize("header", [("x", "a\r\nb: c"), ("x\r\ny", "a"), ("x: y", "a"), ("x", "é"), ("", "a")])
def test_a_header_that_would_read_as_another_is_not_sent(header: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="can't be sent"):
        request(b"/", [header], b"")


def test_a_connection_that_the_receiver_closed_meanwhile_costs_no_attempt(
    sender: Sender, receivers: Make, answer: Make
) -> None:
    reply = answer(200)

    def once(connection: Any) -> None:
        reply(connection)
        connection.shutdown(socket.SHUT_RDWR)

    receiver = receivers(once)
    for _ in range(3):
        assert sender.send(receiver.url, {}, b"{}").outcome is Outcome.DELIVERED
        time.sleep(0.05)
    assert receiver.connections == 3
