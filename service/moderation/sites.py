"""Register sites, and give them new keys and secrets."""

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.comment import is_storable
from service.domain.errors import Conflict, Invalid, NotFound
from service.domain.policy import Policy
from service.store import Store
from service.store.policies import Policies
from service.store.rows import SiteRow
from service.store.sites import Sites
from service.webhooks.addresses import check_callback
from service.webhooks.signing import new_secret

NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")

OVERLAP = timedelta(hours=24)
"""How long an old webhook secret or API key goes on working after a new one was made."""

MOST_TOGETHER = 500
"""Events that a site may ask for in one request."""


@dataclass(frozen=True)
class Credentials:
    """What a site needs to talk to us; the API key is shown this once and never again."""

    site_id: str
    api_key: str
    webhook_secret: str


def new_key() -> str:
    """An API key of 160 random bits, in `[a-z0-9-]`: one of the formats that we answer carries it as a host label."""
    return "saring-" + base64.b32encode(secrets.token_bytes(20)).decode().lower()


def add_site(name: str, callback_url: str | None, store: Store, *, allow_private: bool) -> Credentials:
    """Register a site with the default policy. Atomic.

    Raises: Invalid, for a name that can't be one; InvalidCallback; Conflict, when the name is taken.
    """
    if not NAME.fullmatch(name):
        raise Invalid(
            f"{name!r} can't be a site's name: give 1 to 64 of a-z, 0-9, dot and hyphen, such as news.example.com"
        )
    url = None if callback_url is None else check_callback(callback_url, allow_private)
    key, secret = new_key(), new_secret()
    with store.begin() as tx:
        if Sites(tx).by_name(name) is not None:
            raise Conflict(f"there is a site {name!r} already")
        site_id = Sites(tx).add(name, secret, url)
        Sites(tx).add_key(site_id, key)
        Policies(tx, site_id).add(Policy())
    return Credentials(site_id, key, secret)


def rotate_key(name: str, store: Store, clock: Callable[[], datetime], *, at_once: bool) -> Credentials:
    """A new API key. The old ones end at once or after a day, so that a site can change over without a gap. Atomic.

    Raises: NotFound.
    """
    key = new_key()
    with store.begin() as tx:
        site = _named(Sites(tx), name)
        Sites(tx).end_keys(site.id, clock() if at_once else clock() + OVERLAP)
        Sites(tx).add_key(site.id, key)
    return Credentials(site.id, key, site.webhook_secret)


def rotate_secret(name: str, store: Store, clock: Callable[[], datetime], *, at_once: bool) -> str:
    """A new webhook secret; for a day the old one is valid beside it, unless it must end at once. Atomic.

    Raises: NotFound.
    """
    secret = new_secret()
    with store.begin() as tx:
        site = _named(Sites(tx), name)
        until = clock() if at_once else clock() + OVERLAP
        old = {"old_webhook_secret": site.webhook_secret, "old_webhook_secret_until": until}
        Sites(tx).change(site.id, webhook_secret=secret, **old)
    return secret


def set_callback(name: str, callback_url: str | None, store: Store, *, allow_private: bool, batch: int = 1) -> None:
    """Where the site hears of decisions, and how many it may hear of at once: each alone (1), or up to `batch` in one request.

    Setting it also enables a callback that was disabled, and closes its circuit breaker. Atomic.

    Raises: NotFound, InvalidCallback; Invalid, for a batch that is not from 1 to MOST_TOGETHER.
    """
    if not 1 <= batch <= MOST_TOGETHER:
        raise Invalid(f"a batch of {batch} can't be sent: give a whole number from 1 to {MOST_TOGETHER}, such as 100")
    url = None if callback_url is None else check_callback(callback_url, allow_private)
    with store.begin() as tx:
        site = _named(Sites(tx), name)
        enabled = {"callback_disabled_at": None, "callback_disabled_why": None}
        closed = {"callback_failures": 0, "callback_opened_at": None, "callback_rest_until": None}
        Sites(tx).change(site.id, callback_url=url, callback_batch=batch, **enabled, **closed)


def site_named(name: str, store: Store) -> SiteRow:
    """The site of this name. Raises: NotFound."""
    with store.read() as tx:
        return _named(Sites(tx), name)


def _named(sites: Sites, name: str) -> SiteRow:
    site = sites.by_name(name) if is_storable(name) else None
    if site is None:
        raise NotFound(f"there is no site {name!r}")
    return site
