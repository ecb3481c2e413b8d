"""One attempt to deliver a webhook.

Built on `httpcore`, the engine of httpx, without httpx's client on top: that one would follow our environment's proxies
and netrc, keep receivers' cookies and unpack compressed answers, all of which would have to be turned off again.
"""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

import httpcore
import httpx

from service.domain.errors import InvalidCallback
from service.webhooks.addresses import Target, callback_target
from service.webhooks.answers import Answer, Outcome, excerpt_of, outcome_of, wait_asked
from service.webhooks.connection import CheckedBackend, Resolve, system_addresses

MAX_ANSWER = 64 * 1024
"""Bytes of an answer's body that are read; the connection is closed on the rest."""

IDLE_CONNECTIONS = 64
IDLE_SECONDS = 15.0

FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError)
"""What a receiver or the way to it can do wrong."""


@cache
def user_agent() -> str:
    """How we name ourselves to receivers."""
    return f"Saring/{version('saring')} (+webhooks)"


class Sender:
    """Sends webhooks over pooled connections. Safe to share among threads; make it anew after a fork.

    `timeout` is the seconds that one attempt may take in all, from looking the name up to the answer's last byte.
    `allow_private` lets callbacks go to addresses of the own network, and over http.
    """

    def __init__(self, timeout: float, allow_private: bool, resolve: Resolve = system_addresses) -> None:
        self._timeout = timeout
        self._allow_private = allow_private
        self._resolve = resolve
        self._lock = threading.Lock()
        self._opened: httpcore.ConnectionPool | None = None

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post the body with these headers, once, and say how that ended. Never raises for what a receiver does."""
        try:
            target = callback_target(url, self._allow_private)
            return self._post(target, headers, body)
        except (InvalidCallback, *FAILURES) as error:
            return Answer(Outcome.RETRY, None, None, excerpt_of(f"{type(error).__name__}: {error}"))

    def close(self) -> None:
        """Close what connections are open; the next send opens new ones."""
        with self._lock:
            pool, self._opened = self._opened, None
        if pool is not None:
            pool.close()

    def _post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        deadline = time.monotonic() + self._timeout
        with self._pool().stream(
            "POST",
            httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
            headers=_request_headers(target, headers, body),
            content=body,
            # deadlines, which CheckedBackend reads as such; the pool itself has no limit to wait for
            extensions={"timeout": {"connect": deadline, "read": deadline, "write": deadline}},
        ) as response:
            return _answer(response)

    def _pool(self) -> httpcore.ConnectionPool:
        """The connections, made on first use and so after a fork."""
        with self._lock:
            if self._opened is None:
                self._opened = httpcore.ConnectionPool(
                    # certifi's roots, or those that SSL_CERT_FILE or SSL_CERT_DIR name, for a company's own authority
                    ssl_context=httpx.create_ssl_context(),
                    max_connections=None,
                    max_keepalive_connections=IDLE_CONNECTIONS,
                    keepalive_expiry=IDLE_SECONDS,
                    network_backend=CheckedBackend(self._allow_private, self._resolve, httpcore.SyncBackend()),
                )
            return self._opened


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


def _answer(response: httpcore.Response) -> Answer:
    headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
    outcome = outcome_of(response.status)
    text = _beginning(response).decode("utf-8", "replace")
    if 300 <= response.status <= 399:
        text = f"redirects are not followed: {headers.get(b'location', '')}"
    asked = None if outcome is Outcome.DELIVERED else wait_asked(headers.get(b"retry-after"), datetime.now(UTC))
    return Answer(outcome, response.status, asked, excerpt_of(text))


def _beginning(response: httpcore.Response) -> bytes:
    """The first 64 kB of the body. The status has decided already: a body that breaks off or drips changes nothing."""
    kept = bytearray()
    try:
        for part in response.iter_stream():
            kept += part
            if len(kept) >= MAX_ANSWER:
                break
    except FAILURES:
        pass
    return bytes(kept[:MAX_ANSWER])
