"""How often a site may ask: counted in Redis by Flask-Limiter, for all web processes together."""

import math
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import structlog
from flask import Flask, current_app, g
from flask_limiter import Limiter, RequestLimit
from limits.errors import StorageError

from service.domain.errors import TooManyRequests

log = structlog.get_logger(__name__)

EXTENSION = "saring_rates"

AWAY = 3.0
"""Seconds for which nobody is counted after Redis could not be reached."""


class Rates:
    """Counts requests of each site, over all its keys and its webhooks together, against one rate.

    A sliding window: one call to Redis for a request, two numbers kept for a site, and no double rate where two windows meet.
    Redis holds the site's id, never a key. When Redis is away, requests pass: one of them at a time finds out whether it's back.
    """

    def __init__(self, app: Flask, rate: str, storage: Mapping[str, Any]) -> None:
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
        self._count: Callable[[], None] = limiter.shared_limit(rate, scope="v1", on_breach=_refuse)(_counted)
        self._lock = Lock()
        self._away_until = -math.inf
        self._away = False

    def count(self) -> None:
        """Count a request of the site in `g`. Raises: TooManyRequests."""
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
            log.warning("Redis can't be reached: no site's rate is limited", reason=str(error.storage_error))

    def _note_there(self) -> None:
        with self._lock:
            back, self._away, self._away_until = self._away, False, -math.inf
        if back:
            log.info("Redis is back: rates are limited again")


def init_rates(app: Flask, rate: str, storage: Mapping[str, Any]) -> None:
    """Limit how often each site may ask; `rate` in the words of `limits`, such as `100/second`, `storage` its options."""
    app.extensions[EXTENSION] = Rates(app, rate, storage)


def count_request(site_id: str) -> None:
    """Count a request of a site that has shown who it is; does nothing where no rate is set. Raises: TooManyRequests."""
    rates: Rates | None = current_app.extensions.get(EXTENSION)
    if rates is not None:
        g.counted_site = site_id
        rates.count()


def _site() -> str:
    return str(g.counted_site)


def _counted() -> None:
    """What Flask-Limiter guards: reaching it means that the request was within the rate."""


def _refuse(reached: RequestLimit) -> None:
    wait = max(1, math.ceil(reached.window.reset_time - time.time()))
    raise TooManyRequests(f"this site's rate is {reached.limit}; nothing was done", wait, reached.limit.amount)
