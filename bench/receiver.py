"""A site's receiver of webhooks: checks each signature twice over, fails a share of the attempts, and writes all of it down."""

import base64
import binascii
import hashlib
import hmac
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self

from standardwebhooks import Webhook, WebhookVerificationError

FAILURES = {"500": 40, "503": 30, "dropped": 25, "silent": 5}
"""How an attempt fails, and how often beside the others. Few are silent: each costs the sender its whole time-out."""

TAKEN = "204"
LATE = 2.0
"""Seconds that a silent receiver outlasts the sender's time-out."""


@dataclass(frozen=True)
class Attempt:
    """One request that came in, and how it was answered."""

    at: float
    webhook_id: str
    body: bytes
    answer: str
    valid_by_library: bool
    valid_by_hand: bool

    @property
    def taken(self) -> bool:
        """True when it was valid and answered with success."""
        return self.answer == TAKEN and self.valid_by_library and self.valid_by_hand


class Receiver:
    """Listens on a free port of the loopback address.

    `fail_share` of the attempts fail, but no event more than `most_failures` times in a row. `timeout` is the sender's.
    """

    def __init__(self, fail_share: float, most_failures: int, timeout: float, seed: int) -> None:
        self._secret = ""
        self._fail_share = fail_share
        self._most_failures = most_failures
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self._failed: dict[str, int] = defaultdict(int)
        self._attempts: list[Attempt] = []
        self._taken: set[str] = set()
        self.cut_off = 0
        self.silence = timeout + LATE
        self.stopping = threading.Event()
        self._server = Server(("127.0.0.1", 0), Door)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/hooks/saring"

    def verify_with(self, secret: str) -> None:
        """The secret that everything must be signed with from now on."""
        self._secret = secret

    def attempts(self) -> list[Attempt]:
        """What came in so far, in order."""
        with self._lock:
            return list(self._attempts)

    def taken(self) -> int:
        """How many different events were taken so far."""
        with self._lock:
            return len(self._taken)

    def judge(self, headers: Mapping[str, str], body: bytes) -> str:
        """Check an attempt, choose how it is answered, and write it down."""
        library, by_hand = _by_library(self._secret, headers, body), _by_hand(self._secret, headers, body)
        id = headers.get("webhook-id", "")
        with self._lock:
            answer = self._answer(id) if library and by_hand else "401"
            attempt = Attempt(time.time(), id, body, answer, library, by_hand)
            self._attempts.append(attempt)
            if attempt.taken:
                self._taken.add(id)
        return answer

    def _answer(self, id: str) -> str:
        spared = self._failed[id] >= self._most_failures
        if spared or self._rng.random() >= self._fail_share:
            self._failed[id] = 0
            return TAKEN
        self._failed[id] += 1
        return failure(self._rng)


class Judge(Protocol):
    """Who says how an attempt is answered: with a status, `dropped`, or `silent` for `silence` seconds."""

    cut_off: int
    silence: float
    stopping: threading.Event

    def judge(self, headers: Mapping[str, str], body: bytes) -> str:
        """The answer to an attempt with these headers, in lower case, and this body."""


class Server(ThreadingHTTPServer):
    """Takes webhooks and has each judged."""

    daemon_threads = True
    request_queue_size = 128
    receiver: Judge

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections break here by design."""


class Door(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: Server

    def do_POST(self) -> None:
        """Take a webhook."""
        receiver = self.server.receiver
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            # the sender was killed amid its request
            receiver.cut_off += 1
            self.close_connection = True
            return
        answer = receiver.judge({name.lower(): value for name, value in self.headers.items()}, body)
        if answer in ("dropped", "silent"):
            if answer == "silent":
                receiver.stopping.wait(receiver.silence)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(int(answer))
        if answer != TAKEN:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: everything is kept as an attempt."""


def failure(rng: random.Random) -> str:
    """A way to fail an attempt."""
    return rng.choices(list(FAILURES), list(FAILURES.values()))[0]


def failures(attempts: list[Attempt]) -> dict[str, int]:
    """How often each answer but success was given."""
    return dict(sorted(Counter(attempt.answer for attempt in attempts if attempt.answer != TAKEN).items()))


def _by_library(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError, binascii.Error):
        return False
    return True


def _by_hand(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """The same check written out, from the specification alone."""
    at = headers.get("webhook-timestamp", "0")
    signed = well_signed(secret, headers.get("webhook-id", ""), at, headers.get("webhook-signature", ""), body)
    return signed and abs(time.time() - float(at)) < 300


def well_signed(secret: str, id: str, at: str, signatures: str, body: bytes) -> bool:
    """True when one of the signatures was made with this secret, whatever our own clock shows."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(f"v1,{wanted}", one) for one in signatures.split(" "))
