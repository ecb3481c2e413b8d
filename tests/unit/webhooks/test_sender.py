"""One attempt to deliver, against real servers on loopback."""

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from service.webhooks.answers import LONGEST_WAIT, Answer, Outcome
from service.webhooks.sender import MAX_ANSWER, Sender
from service.webhooks.signing import new_secret, sign

TLS = Path(__file__).with_name("tls")
BODY = '{"type":"comment.flagged","data":{"text":"kasar 👎"}}'.encode()
HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1767225600", "webhook-signature": "v1,x"}
TIMEOUT = 0.4
PATIENCE = 3.0
"""Seconds after which a hostile receiver of these tests gives up: a sender that waits for it has failed."""

Make = Callable[..., Any]


def timed(sender: Sender, url: str) -> tuple[Answer, float]:
    began = time.monotonic()
    answer = sender.send(url, HEADERS, BODY)
    return answer, time.monotonic() - began


# what arrives


def test_a_webhook_arrives_as_it_was_signed(sender: Sender, receivers: Make, answer: Make) -> None:
    receiver, secret = receivers(answer(204)), new_secret()
    sent = sender.send(receiver.url, sign([secret], "msg_1", datetime.now(UTC), BODY), BODY)
    assert sent == Answer(Outcome.DELIVERED, 204, None, "")
    [request] = receiver.requests
    assert request.line == "POST /hooks/saring?site=1 HTTP/1.1"
    assert Webhook(secret).verify(request.body, request.headers)


def test_the_request_names_us_its_type_and_its_host(sender: Sender, receivers: Make, answer: Make) -> None:
    receiver = receivers(answer(200))
    sender.send(receiver.url, HEADERS | {"Host": "elsewhere.example", "User-Agent": "x"}, BODY)
    [request] = receiver.requests
    assert request.headers["user-agent"].startswith("Saring/")
    assert request.headers["user-agent"].endswith(" (+webhooks)")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"


def test_an_ipv6_receiver_finds_its_address_in_brackets(senders: Make, receivers: Make) -> None:
    seen: list[bytes] = []
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    port = listener.getsockname()[1]

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            seen.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    sent = senders().send(f"http://[::1]:{port}/", HEADERS, b"{}")
    assert sent.outcome is Outcome.DELIVERED
    assert f"host: [::1]:{port}\r\n".encode() in seen[0]
    listener.close()


def test_connections_are_kept_for_the_next_webhook(sender: Sender, receivers: Make, answer: Make) -> None:
    receiver = receivers(answer(200, b"ok"))
    for _ in range(3):
        assert sender.send(receiver.url, HEADERS, BODY).outcome is Outcome.DELIVERED
    assert (len(receiver.requests), receiver.connections) == (3, 1)


def test_many_threads_share_one_sender(sender: Sender, receivers: Make, answer: Make) -> None:
    receiver = receivers(answer(200, b"ok"))
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: sender.send(receiver.url, HEADERS, BODY), range(100)))
    assert {sent.outcome for sent in answers} == {Outcome.DELIVERED}
    assert len(receiver.requests) == 100


def test_a_closed_sender_opens_again(sender: Sender, receivers: Make, answer: Make) -> None:
    receiver = receivers(answer(200))
    sender.send(receiver.url, HEADERS, BODY)
    sender.close()
    sender.close()
    assert sender.send(receiver.url, HEADERS, BODY).outcome is Outcome.DELIVERED


# answers


def test_a_redirect_is_a_failure_and_never_followed(sender: Sender, receivers: Make, answer: Make) -> None:
    elsewhere = receivers(answer(200))
    for status in (301, 302, 303, 307, 308):
        receiver = receivers(answer(status, location=elsewhere.url))
        sent = sender.send(receiver.url, HEADERS, BODY)
        assert (sent.outcome, sent.status) == (Outcome.RETRY, status)
        assert elsewhere.url in sent.excerpt
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (410, Outcome.GONE),
        (429, Outcome.SLOW_DOWN),
        (502, Outcome.SLOW_DOWN),
        (504, Outcome.SLOW_DOWN),
        (500, Outcome.RETRY),
    ],
)
def test_a_refusal_is_told_with_its_text(
    sender: Sender, receivers: Make, answer: Make, status: int, outcome: Outcome
) -> None:
    sent = sender.send(receivers(answer(status, b"<h1>\x00No\n entry</h1>")).url, HEADERS, BODY)
    assert sent == Answer(outcome, status, None, "<h1> No entry</h1>")


def test_the_wait_that_a_receiver_asks_for_is_told(sender: Sender, receivers: Make, answer: Make) -> None:
    def asked(retry_after: str, status: int = 503) -> float | None:
        return sender.send(receivers(answer(status, Retry_After=retry_after)).url, HEADERS, BODY).retry_after

    assert asked("120") == 120.0
    assert asked("99999999") == LONGEST_WAIT
    assert asked(format_datetime(datetime.now(UTC).replace(year=2099), usegmt=True)) == LONGEST_WAIT
    assert asked("tomorrow") is None
    assert asked("120", status=200) is None


def test_a_compressed_answer_is_not_unpacked(sender: Sender, receivers: Make, answer: Make) -> None:
    def peak(body: bytes) -> int:
        url = receivers(answer(200, body, content_encoding="gzip")).url
        tracemalloc.start()
        assert sender.send(url, HEADERS, BODY).outcome is Outcome.DELIVERED
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small, bomb = gzip.compress(b"x"), gzip.compress(b"x" * 50_000_000)
    peak(small)  # what the first request of a process imports is not to be measured
    assert peak(bomb) - peak(small) < 5 * MAX_ANSWER


def test_a_cookie_is_not_kept(sender: Sender, receivers: Make, answer: Make) -> None:
    receiver = receivers(answer(200, set_cookie="a=b; Path=/"))
    for _ in range(2):
        sender.send(receiver.url, HEADERS, BODY)
    assert "cookie" not in receiver.requests[1].headers


def test_the_proxies_of_our_environment_are_not_used(
    sender: Sender, receivers: Make, answer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, receiver = receivers(answer(200)), receivers(answer(200))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    sender.send(receiver.url, HEADERS, BODY)
    assert (len(proxy.requests), len(receiver.requests)) == (0, 1)


# hostile and broken receivers


def forever(connection: socket.socket, first: bytes, pieces: Iterable[bytes], pause: float) -> None:
    """Send a beginning and then piece after piece, until the other side has enough (or the test has failed)."""
    until = time.monotonic() + PATIENCE
    connection.sendall(first)
    for piece in pieces:
        if time.monotonic() > until:
            break
        connection.sendall(piece)
        time.sleep(pause)


def endlessly(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


@pytest.mark.parametrize(
    ("first", "piece", "status"),
    [
        (b"", b"H", None),
        (b"HTTP/1.1 200 OK\r\nx: ", b"a", None),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", None),
        (b"HTTP/1.1 500 No\r\ncontent-length: 9999\r\n\r\n", b"a", 500),
        (b"HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n", 500),
    ],
)
def test_a_dripping_answer_ends_when_the_time_is_over(
    hasty: Sender, receivers: Make, first: bytes, piece: bytes, status: int | None
) -> None:
    receiver = receivers(lambda connection: forever(connection, first, endlessly(piece), 0.05))
    sent, seconds = timed(hasty, receiver.url)
    assert (sent.outcome, sent.status) == (Outcome.RETRY, status)
    assert TIMEOUT * 0.9 < seconds < TIMEOUT + 0.5


def test_a_receiver_that_said_yes_and_then_drips_has_it(hasty: Sender, receivers: Make) -> None:
    first = b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"
    receiver = receivers(lambda connection: forever(connection, first, endlessly(b"a"), 0.05))
    sent, seconds = timed(hasty, receiver.url)
    assert (sent.outcome, sent.status) == (Outcome.DELIVERED, 200)
    assert seconds < TIMEOUT + 0.5


def test_a_receiver_that_never_answers_times_out(hasty: Sender, receivers: Make) -> None:
    sent, seconds = timed(hasty, receivers(lambda _: time.sleep(2)).url)
    assert sent.outcome is Outcome.RETRY
    assert sent.status is None
    assert sent.excerpt.startswith("ReadTimeout")
    assert seconds < TIMEOUT + 0.5


def test_a_receiver_that_reads_slowly_times_out(hasty: Sender) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    until = time.monotonic() + PATIENCE

    def sip() -> None:
        connection, _ = listener.accept()
        with connection:
            # enough at a time that each single write of the sender's gets on
            while connection.recv(32_768) and time.monotonic() < until:
                time.sleep(0.05)

    threading.Thread(target=sip, daemon=True).start()
    began = time.monotonic()
    sent = hasty.send(f"http://127.0.0.1:{listener.getsockname()[1]}/", HEADERS, b"x" * 20_000_000)
    assert sent.excerpt.startswith("WriteTimeout")
    assert time.monotonic() - began < TIMEOUT + 0.5
    listener.close()


def test_megabytes_of_headers_are_refused_early(sender: Sender, receivers: Make) -> None:
    sent_bytes = 0

    def reply(connection: socket.socket) -> None:
        nonlocal sent_bytes
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(3_000_000):
            line = f"x-{number}: {'a' * 100}\r\n".encode()
            connection.sendall(line)
            sent_bytes += len(line)

    sent = sender.send(receivers(reply).url, HEADERS, BODY)
    assert (sent.outcome, sent.status) == (Outcome.RETRY, None)
    assert sent_bytes < 20_000_000


def test_no_more_than_64_kilobytes_of_an_answer_are_read(sender: Sender, receivers: Make) -> None:
    first = b"HTTP/1.1 500 No\r\ncontent-length: 999999999999\r\n\r\n"
    receiver = receivers(lambda connection: forever(connection, first, endlessly(b"no " * 10_000), 0))
    sent, seconds = timed(sender, receiver.url)
    assert (sent.outcome, sent.status) == (Outcome.RETRY, 500)
    assert sent.excerpt.startswith("no no no")
    assert len(sent.excerpt) == 200
    assert seconds < 2


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x00\xff\xfe\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 99999 No\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_failure(sender: Sender, receivers: Make, garbage: bytes) -> None:
    def reply(connection: socket.socket) -> None:
        connection.sendall(garbage)
        connection.shutdown(socket.SHUT_RDWR)

    sent = sender.send(receivers(reply).url, HEADERS, BODY)
    assert (sent.outcome, sent.status) == (Outcome.RETRY, None)
    assert "Error" in sent.excerpt


def test_nobody_listening_is_a_failure(sender: Sender) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        sent = sender.send(f"http://127.0.0.1:{bound.getsockname()[1]}/", HEADERS, BODY)
    assert (sent.outcome, sent.status) == (Outcome.RETRY, None)
    assert sent.excerpt.startswith("ConnectError")


def test_a_broken_body_does_not_undo_the_status(sender: Sender, receivers: Make) -> None:
    def reply(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthanks")
        connection.shutdown(socket.SHUT_RDWR)

    assert sender.send(receivers(reply).url, HEADERS, BODY) == Answer(Outcome.DELIVERED, 200, None, "thanks")
