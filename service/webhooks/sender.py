"""One attempt to deliver a webhook, over connections that are kept for the next.

Without an HTTP client on top of `wire`: that one would follow our environment's proxies and netrc, keep receivers' cookies and
unpack compressed answers, all of which would have to be turned off again.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.metadata import version
from ssl import SSLContext

import httpcore
import httpx

from service.domain.errors import InvalidCallback
from service.webhooks.addresses import Target, callback_target
from service.webhooks.answers import Answer, Outcome, excerpt_of, outcome_of, wait_asked
from service.webhooks.connection import CheckedBackend, Resolve, system_addresses
from service.webhooks.wire import FAILURES, MAX_ANSWER, NoAnswerError, Reply, read_reply, request

__all__ = ["MAX_ANSWER", "Sender"]

IDLE_CONNECTIONS = 256
"""Connections that are kept while nothing is sent over them: a quarter of the file descriptors a process has by default."""

IDLE_SECONDS = 15.0

Place = tuple[str, str, int]
"""Where a connection leads: scheme, host, port."""

CLOSED = (NoAnswerError, httpcore.ReadError, httpcore.WriteError)
"""How a kept connection fails that the receiver had closed meanwhile."""


@cache
def user_agent() -> str:
    """How we name ourselves to receivers."""
    return f"Saring/{version('saring')} (+webhooks)"


class Kept:
    """Connections that are open and idle. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Place, deque[tuple[float, httpcore.NetworkStream]]] = {}
        self._count = 0
        self._looked_at = 0.0

    def take(self, place: Place) -> httpcore.NetworkStream | None:
        """The connection to a place that was used last, when one is still good."""
        while True:
            with self._lock:
                idle = self._idle.get(place)
                if not idle:
                    return None
                since, stream = idle.pop()
                self._count -= 1
            # readable: the receiver closed it, or says what nobody asked for
            if time.monotonic() - since < IDLE_SECONDS and not stream.get_extra_info("is_readable"):
                return stream
            stream.close()

    def keep(self, place: Place, stream: httpcore.NetworkStream) -> None:
        """Keep a connection for the next webhook, when there is room for it."""
        now = time.monotonic()
        with self._lock:
            old = self._expired(now) if now - self._looked_at > 1 else []
            if self._count < IDLE_CONNECTIONS:
                self._idle.setdefault(place, deque()).append((now, stream))
                self._count += 1
            else:
                old.append(stream)
        for one in old:
            one.close()

    def close(self) -> None:
        """Close all."""
        with self._lock:
            idle, self._idle, self._count = self._idle, {}, 0
        for connections in idle.values():
            for _, stream in connections:
                stream.close()

    def _expired(self, now: float) -> list[httpcore.NetworkStream]:
        """Those that nobody has used for long, taken out; the lock is held."""
        self._looked_at = now
        expired = []
        for place, idle in list(self._idle.items()):
            while idle and now - idle[0][0] > IDLE_SECONDS:
                expired.append(idle.popleft()[1])
            if not idle:
                del self._idle[place]
        self._count -= len(expired)
        return expired


class Sender:
    """Sends webhooks over kept connections. Safe to share among threads; make it anew after a fork.

    `timeout` is the seconds that one attempt may take in all, from looking the name up to the answer's last byte.
    `allow_private` lets callbacks go to addresses of the own network, and over http.
    """

    def __init__(self, timeout: float, allow_private: bool, resolve: Resolve = system_addresses) -> None:
        self._timeout = timeout
        self._backend = CheckedBackend(allow_private, resolve, httpcore.SyncBackend())
        self._lock = threading.Lock()
        self._tls: SSLContext | None = None
        self._kept = Kept()
        # reading a URL costs as much as signing, and a site has one
        self._target = lru_cache(1024)(lambda url: callback_target(url, allow_private))

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post the body with these headers, once, and say how that ended. Never raises for what a receiver does.

        Once more at once, when a kept connection turns out to have been closed by the receiver: it may then hear twice.
        """
        deadline = time.monotonic() + self._timeout
        try:
            target = self._target(url)
            return _answer(
                self._post(target, request(target.path, _request_headers(target, headers, body), body), deadline)
            )
        except (InvalidCallback, *FAILURES) as error:
            return Answer(Outcome.RETRY, None, None, excerpt_of(f"{type(error).__name__}: {error}"))

    def close(self) -> None:
        """Close what connections are open; the next send opens new ones."""
        self._kept.close()

    def _post(self, target: Target, message: bytes, deadline: float) -> Reply:
        place = (target.scheme, target.host, target.port)
        kept = self._kept.take(place)
        if kept is not None:
            try:
                return self._exchange(place, kept, message, deadline)
            except CLOSED:
                pass  # as good as never sent: the receiver was gone before
        return self._exchange(place, self._connect(target, deadline), message, deadline)

    def _exchange(self, place: Place, stream: httpcore.NetworkStream, message: bytes, deadline: float) -> Reply:
        try:
            stream.write(message, deadline)
            reply = read_reply(stream, deadline)
        except BaseException:
            stream.close()
            raise
        if reply.reusable:
            self._kept.keep(place, stream)
        else:
            stream.close()
        return reply

    def _connect(self, target: Target, deadline: float) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(target.host, target.port, deadline)
        if target.scheme == "http":
            return stream
        try:
            return stream.start_tls(self._context(), target.host, deadline)
        except BaseException:
            stream.close()
            raise

    def _context(self) -> SSLContext:
        """The roots that we trust, read on first use: certifi's, or those that SSL_CERT_FILE or SSL_CERT_DIR name."""
        with self._lock:
            if self._tls is None:
                self._tls = httpx.create_ssl_context()
                self._tls.set_alpn_protocols(["http/1.1"])
            return self._tls


def _request_headers(target: Target, headers: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
    """All headers of the request; of ours, only the content type can be overruled."""
    named = {
        "content-type": "application/json",
        **{name.lower(): value for name, value in headers.items()},
        "host": target.authority,
        "user-agent": user_agent(),
        # an answer that unpacks to gigabytes is none that we asked for, and is never unpacked
        "accept-encoding": "identity",
        "content-length": str(len(body)),
    }
    return list(named.items())


def _answer(reply: Reply) -> Answer:
    outcome = outcome_of(reply.status)
    if outcome is Outcome.DELIVERED and not reply.body:
        return Answer(outcome, reply.status, None, "")
    headers = {name: value.decode("latin-1") for name, value in reply.headers.items()}
    text = reply.body.decode("utf-8", "replace")
    if 300 <= reply.status <= 399:
        text = f"redirects are not followed: {headers.get(b'location', '')}"
    asked = None if outcome is Outcome.DELIVERED else wait_asked(headers.get(b"retry-after"), datetime.now(UTC))
    return Answer(outcome, reply.status, asked, excerpt_of(text))
