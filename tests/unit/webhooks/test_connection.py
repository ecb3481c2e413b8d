"""Where a webhook's connection goes: checked addresses, one look-up, the name's own certificate."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpcore
import pytest

from service.webhooks.answers import Outcome
from service.webhooks.connection import AddressRefused, CheckedBackend, TimedStream
from service.webhooks.sender import Sender

TLS = Path(__file__).with_name("tls")
BODY = b'{"type":"comment.flagged"}'
HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1767225600", "webhook-signature": "v1,x"}

Make = Callable[..., Any]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "[::1]", "localhost"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_is_not_called(senders: Make, receivers: Make, answer: Make, host: str, scheme: str) -> None:
    receiver = receivers(answer(200))
    sent = senders(allow_private=False).send(f"{scheme}://{host}:{receiver.port}/", HEADERS, BODY)
    assert (sent.outcome, sent.status, receiver.connections) == (Outcome.RETRY, None, 0)
    assert sent.excerpt.startswith("InvalidCallback")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "10.0.0.8", "::1", "::ffff:10.0.0.8", "fe80::1%lo", "64:ff9b::a00:8"]
)
def test_a_public_name_of_a_private_address_is_not_called(senders: Make, address: str) -> None:
    sender = senders(allow_private=False, resolve=lambda *_: [address])
    sent = sender.send("https://hooks.example.com/", HEADERS, BODY)
    assert sent.excerpt.startswith("AddressRefused: hooks.example.com is at ")
    assert sent.outcome is Outcome.RETRY


class Outside(httpcore.NetworkBackend):
    """The world beyond this machine: notes where connections go; only `reachable` answers."""

    def __init__(self, reachable: str) -> None:
        self.reachable = reachable
        self.called: list[str] = []

    def connect_tcp(self, host: str, *_args: object, **_named: object) -> httpcore.NetworkStream:
        self.called.append(host)
        if host != self.reachable:
            raise httpcore.ConnectError("refused")
        return httpcore.MockStream([])


def connect(outside: Outside, resolve: Callable[[str, int], Sequence[str]]) -> None:
    CheckedBackend(allow_private=False, resolve=resolve, inner=outside).connect_tcp(
        "hooks.example.com", 443, time.monotonic() + 5
    )


def test_a_name_that_changes_its_address_between_check_and_call_gains_nothing() -> None:
    outside = Outside("93.184.215.14")
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["169.254.169.254"]])
    connect(outside, lambda *_: next(answers))
    assert outside.called == ["93.184.215.14"]
    assert next(answers) == ["127.0.0.1"], "the name was looked up a second time"


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    outside = Outside("2606:4700::1111")
    connect(outside, lambda *_: ["93.184.215.14", "2606:4700::1111", "8.8.8.8"])
    assert outside.called == ["93.184.215.14", "2606:4700::1111"]


def test_private_addresses_among_public_ones_are_left_out() -> None:
    outside = Outside("8.8.8.8")
    connect(outside, lambda *_: ["10.0.0.1", "8.8.8.8", "::1"])
    assert outside.called == ["8.8.8.8"]


def test_a_literal_private_address_is_refused_at_the_connection_too() -> None:
    with pytest.raises(AddressRefused):
        CheckedBackend(allow_private=False, resolve=lambda *_: [], inner=Outside("")).connect_tcp(
            "127.0.0.1", 80, time.monotonic() + 5
        )


def test_a_name_of_many_dead_addresses_is_given_up() -> None:
    outside = Outside("none")
    with pytest.raises(httpcore.ConnectError):
        connect(outside, lambda *_: [f"8.8.{number // 250}.{number % 250}" for number in range(500)])
    assert len(outside.called) == 8


def test_the_name_stays_in_the_host_header(senders: Make, receivers: Make, answer: Make) -> None:
    receiver = receivers(answer(200))
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        looked_up.append(f"{host}:{port}")
        return ["127.0.0.1"]

    sender = senders(resolve=resolve)
    for _ in range(2):
        sender.send(f"http://hooks.example.com:{receiver.port}/", HEADERS, BODY)
    assert receiver.requests[0].headers["host"] == f"hooks.example.com:{receiver.port}"
    assert looked_up == [f"hooks.example.com:{receiver.port}"]


def test_a_name_that_does_not_exist_is_a_failure(senders: Make) -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    sent = senders(allow_private=False, resolve=resolve).send("https://hooks.example.com/", HEADERS, BODY)
    assert sent.outcome is Outcome.RETRY
    assert "can't be looked up" in sent.excerpt


def test_a_resolver_that_hangs_does_not_hang_us(senders: Make) -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        time.sleep(3)
        return []

    began = time.monotonic()
    sent = senders(0.3, allow_private=False, resolve=resolve).send("https://hooks.example.com/", HEADERS, BODY)
    assert sent.excerpt.startswith("ConnectTimeout")
    assert time.monotonic() - began < 1


# TLS


def a_tls_receiver(receivers: Make, reply: Any) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "receiver.pem")
    return receivers(reply, context)


def to_loopback(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def test_the_certificate_is_checked_against_the_name(
    senders: Make, receivers: Make, answer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(TLS / "authority.pem"))
    receiver = a_tls_receiver(receivers, answer(200))
    sender = senders(resolve=to_loopback)
    assert sender.send(f"https://hooks.example.com:{receiver.port}/", HEADERS, BODY).outcome is Outcome.DELIVERED
    other = sender.send(f"https://other.example.com:{receiver.port}/", HEADERS, BODY)
    assert other.outcome is Outcome.RETRY
    assert "CERTIFICATE_VERIFY_FAILED" in other.excerpt


def test_an_unknown_authority_is_refused(senders: Make, receivers: Make, answer: Make) -> None:
    receiver = a_tls_receiver(receivers, answer(200))
    sender = senders(resolve=to_loopback)
    sent = sender.send(f"https://hooks.example.com:{receiver.port}/", HEADERS, BODY)
    assert sent.outcome is Outcome.RETRY
    assert "CERTIFICATE_VERIFY_FAILED" in sent.excerpt
    assert receiver.requests == []


def test_a_silent_tls_server_times_out(hasty: Sender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        sent = hasty.send(f"https://127.0.0.1:{listener.getsockname()[1]}/", HEADERS, BODY)
    assert sent.excerpt.startswith("ConnectTimeout")
    assert time.monotonic() - began < 1


# writing


class Plain(httpcore.MockStream):
    """A stream over this socket, as the library's own."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__([])
        self.sock = sock

    def get_extra_info(self, info: str) -> Any:
        return self.sock if info == "socket" else None


def test_writing_to_one_who_takes_a_little_at_a_time_ends_at_the_deadline() -> None:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    until = time.monotonic() + 3

    def sip() -> None:
        while time.monotonic() < until and theirs.recv(4096):
            time.sleep(0.02)

    reader = threading.Thread(target=sip)
    reader.start()
    began = time.monotonic()
    with ours, pytest.raises(httpcore.WriteTimeout):
        TimedStream(Plain(ours)).write(b"x" * 10_000_000, timeout=began + 0.3)
    assert time.monotonic() - began < 1
    reader.join()
    theirs.close()
