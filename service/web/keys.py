"""Who is asking: the API key names the site."""

import re

from flask import g, request

from service.domain.errors import UnknownKey
from service.store.rows import SiteRow
from service.store.sites import Sites
from service.web.current import services
from service.web.rates import count_request

KEY = re.compile(r"[a-z0-9-]{16,64}")


def caller() -> SiteRow:
    """The site whose key came with the request. Raises: UnknownKey."""
    if "site" not in g:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise UnknownKey("give the site's API key as 'Authorization: Bearer <key>'")
        g.site = site_of_key(key.strip())
    site: SiteRow = g.site
    return site


def require_key() -> None:
    """For a blueprint's `before_request`: who has no key is refused before anything of the request is looked at.

    Who has one is counted. Raises: UnknownKey, TooManyRequests.
    """
    count_request(caller().id)


def site_of_key(key: str) -> SiteRow:
    """The site of an API key, wherever a caller put it; as it was a second ago at the most. Raises: UnknownKey."""
    if KEY.fullmatch(key):
        store, now = services().store, services().clock()
        if (known := store.known.site_of_key(key, now)) is not None:
            return known
        with store.read() as tx:
            site = Sites(tx).by_key(key)
        if site is not None:
            store.known.learn_key(key, site, now)
            return site
    raise UnknownKey("this API key is not known or was revoked")
