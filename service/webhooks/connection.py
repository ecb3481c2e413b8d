"""Connections to callbacks: to an address that was checked, and never beyond the time allowed.

Two things that the HTTP library leaves open are closed here, at its network backend:

- A name is looked up once and the connection goes to one of the addresses found and checked. A checker that looks up
  first and lets the library look up again can be given two answers (DNS rebinding). TLS and Host still carry the name.
- The library's time-outs bound each single read; a byte every few seconds would hold a worker for hours. Here the
  number passed as a "timeout" is a **deadline**, a point on `time.monotonic`, and every operation gets what is left
  until then.
"""

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from service.webhooks.addresses import Address, literal, refusal

MAX_ADDRESSES = 8
"""Addresses of one name that are tried; a name with more is no receiver's."""

Resolve = Callable[[str, int], Sequence[str]]


class AddressRefused(httpcore.ConnectError):
    """The name stands for no address that may be called."""


def system_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses that the system's resolver knows, best first.

    Raises: OSError, when there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def seconds_left(deadline: float | None, error: type[httpcore.TimeoutException]) -> float:
    """Seconds from now to the deadline.

    Raises: the given error, when it has passed.
    """
    left = (deadline or 0.0) - time.monotonic()
    if left <= 0:
        raise error("the time allowed is over")
    return left


class TimedStream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline it is given."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes, at most so many."""
        return self._inner.read(max_bytes, seconds_left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of the buffer. Sent piece by piece: the library's own loop starts the time anew with each piece."""
        sock: socket.socket = self._inner.get_extra_info("socket")
        left = memoryview(buffer)
        while left:
            sock.settimeout(seconds_left(timeout, httpcore.WriteTimeout))
            try:
                left = left[sock.send(left) :]
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted; the certificate must be the name's."""
        left = seconds_left(timeout, httpcore.ConnectTimeout)
        return TimedStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        """What the library wants to know about its socket."""
        return self._inner.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections for the pool, to checked addresses only."""

    def __init__(self, allow_private: bool, resolve: Resolve, inner: httpcore.NetworkBackend) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first checked address that answers; each gets its share of the time left.

        Raises: AddressRefused, ConnectError, ConnectTimeout.
        """
        addresses = self._checked(host, port, timeout)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for tried, address in enumerate(addresses):
            share = seconds_left(timeout, httpcore.ConnectTimeout) / (len(addresses) - tried)
            try:
                return TimedStream(self._inner.connect_tcp(str(address), port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _checked(self, host: str, port: int, deadline: float | None) -> list[Address]:
        """The addresses of a host that may be called.

        Raises: AddressRefused, when there are addresses but none that may.
        """
        written = literal(host)
        found = [written] if written is not None else self._look_up(host, port, deadline)
        refused = {} if self._allow_private else {address: kind for address in found if (kind := refusal(address))}
        checked = [address for address in found if address not in refused]
        if refused and not checked:
            address, kind = next(iter(refused.items()))
            raise AddressRefused(f"{host} is at {address}, {kind}")
        return checked[:MAX_ADDRESSES]

    def _look_up(self, host: str, port: int, deadline: float | None) -> list[Address]:
        """The addresses of a name. The system's resolver knows no time-out, so that a thread of its own waits for it."""
        answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port))
            except OSError as error:
                answers.put(error)

        threading.Thread(target=ask, name="look-up", daemon=True).start()
        try:
            answer = answers.get(timeout=seconds_left(deadline, httpcore.ConnectTimeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"{host} was not looked up in time") from None
        if isinstance(answer, OSError):
            raise httpcore.ConnectError(f"{host} can't be looked up: {answer}") from answer
        return [ipaddress.ip_address(address) for address in answer]
