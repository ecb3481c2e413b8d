"""How often a site may ask, and an address may try to log in: counted in Redis for all web processes together."""

import math
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from threading import Event, Lock
from typing import Any

import structlog
from flask import Flask, current_app, g, request
from flask_limiter import Limiter, RequestLimit
from limits import parse
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from service.domain.errors import TooManyRequests

log = structlog.get_logger(__name__)

EXTENSION = "saring_rates"
LOGIN_EXTENSION = "saring_login_rates"

AWAY = 3.0
"""Seconds for which nobody is counted after Redis could not be reached."""

HOME = 64
"""Bits of an IPv6 address that name one customer of a network (RFC 6177); the rest is theirs to choose."""


class Rates:
    """Counts by `count`, which raises TooManyRequests, for as long as Redis is there.

    When Redis is away, requests pass: one of them at a time finds out whether it's back.
    """

    def __init__(self, count: Callable[[], None], said_when_away: str) -> None:
        self._count = count
        self._said_when_away = said_when_away
        self._lock = Lock()
        self._away_until = -math.inf
        self._away = False

    def count(self) -> None:
        """Count a request. Raises: TooManyRequests."""
        with self._lock:
            now = time.monotonic()
            if now < self._away_until:
                return
            if self._away:
                # this one tries; those that come meanwhile pass
                self._away_until = now + AWAY
        try:
            self._count()
        except StorageError as error:
            self._note_away(error)
        except TooManyRequests:
            self._note_there()
            raise
        else:
            self._note_there()

    def _note_away(self, error: StorageError) -> None:
        with self._lock:
            self._away_until = time.monotonic() + AWAY
            first, self._away = not self._away, True
        if first:
            log.warning(self._said_when_away, reason=str(error.storage_error))

    def _note_there(self) -> None:
        with self._lock:
            back, self._away, self._away_until = self._away, False, -math.inf
        if back:
            log.info("Redis is back: rates are limited again")


def init_rates(app: Flask, rate: str, storage: Mapping[str, Any]) -> None:
    """Limit how often each site may ask; `rate` in the words of `limits`, such as `100/second`, `storage` its options.

    Requests of each site are counted over all its keys and its webhooks together. A sliding window: one call to Redis for a
    request, two numbers kept for a site, and no double rate where two windows meet. Redis holds the site's id, never a key.
    """
    limiter = Limiter(
        _site,
        app=app,
        storage_uri="redis://",
        storage_options=dict(storage),
        strategy="sliding-window-counter",
        key_prefix="saring",
    )
    # it would tell of each refused request
    limiter.logger.setLevel("WARNING")
    count: Callable[[], None] = limiter.shared_limit(rate, scope="v1", on_breach=_refuse)(_counted)
    app.extensions[EXTENSION] = Rates(count, "Redis can't be reached: no site's rate is limited")


def init_login_rates(app: Flask, rate: str, storage: Mapping[str, Any], proxies: int) -> None:
    """Limit how often one address may try to log in; `proxies` say in X-Forwarded-For who asks them.

    Not by Flask-Limiter, which would look at every request of the application, comments too; by what it stands on.
    """
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]
    window = SlidingWindowCounterRateLimiter(RedisStorage("redis://", **storage))
    limit, warned = parse(rate), Event()

    def count() -> None:
        if not proxies and "X-Forwarded-For" in request.headers and not warned.is_set():
            warned.set()
            log.warning("a proxy seems to stand in front: set SARING_PROXIES, or all visitors behind it count as one")
        address = client_address(request.remote_addr)
        if not window.hit(limit, "login", address):
            reset = window.get_window_stats(limit, "login", address).reset_time
            wait = max(1, math.ceil(reset - time.time()))
            raise TooManyRequests(f"{limit} tries to log in from one address; nothing was done", wait, limit.amount)

    app.extensions[LOGIN_EXTENSION] = Rates(
        count, "Redis can't be reached: tries to log in are limited for each account alone"
    )


def count_request(site_id: str) -> None:
    """Count a request of a site that has shown who it is; does nothing where no rate is set. Raises: TooManyRequests."""
    rates: Rates | None = current_app.extensions.get(EXTENSION)
    if rates is not None:
        g.counted_site = site_id
        rates.count()


def count_login() -> None:
    """Count a try to log in, or whatever else lets somebody in who is not yet known. Raises: TooManyRequests."""
    rates: Rates = current_app.extensions[LOGIN_EXTENSION]
    rates.count()


def client_address(text: str | None) -> str:
    """What is counted of an address: of IPv6 the part that one customer can't change."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> (128 - HOME) << (128 - HOME)))
    return str(address)


def _site() -> str:
    return str(g.counted_site)


def _counted() -> None:
    """What Flask-Limiter guards: reaching it means that the request was within the rate."""


def _refuse(reached: RequestLimit) -> None:
    wait = max(1, math.ceil(reached.window.reset_time - time.time()))
    raise TooManyRequests(f"this site's rate is {reached.limit}; nothing was done", wait, reached.limit.amount)
