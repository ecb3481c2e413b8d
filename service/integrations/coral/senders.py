"""Which site a request is from: the one that it names, or the only one whose secret has signed it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from service.domain.errors import BadSignature
from service.store.rows import SiteRow
from service.store.sites import Sites
from service.web.current import services
from service.web.signatures import hex_signed, secrets_of

HEADER = "X-Coral-Signature"

KEEP = timedelta(seconds=5)
"""How long secrets stand: a new one may be refused, an old one let in, for so long."""

MOST_SITES = 50
"""Sites among which one is looked for: each costs some passes over the body. Where there are more, the address must name it."""

NEWEST = 4
"""Secrets for Coral by which a site is looked for, since anybody may have us look: its phase's and its webhook's, and both once
more while they are changed. A site that is named may have more."""

MOST_NAMES = 1_000


class Sender(NamedTuple):
    """A site, and with what Coral may sign for it."""

    site: SiteRow
    secrets: tuple[str, ...]


class Senders:
    """What a process knows of sites and their secrets from requests of the last seconds. Shared by its threads."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[datetime, Sender]] = {}
        self._all: tuple[datetime, list[Sender]] | None = None

    def site_of(self, name: str, signature: str, body: bytes) -> SiteRow:
        """The site that a signed body is from; `name` may be empty.

        Raises: BadSignature, for a name that is not known too.
        """
        if signature:
            for sender in self._by_name(name) if name else self._among_all():
                if hex_signed(signature, body, sender.secrets):
                    return sender.site
        raise BadSignature("invalid signature")

    def _by_name(self, name: str) -> list[Sender]:
        now = services().clock()
        at, known = self._named.get(name, (now, None))
        if known is not None and abs(now - at) < KEEP:
            return [known]
        if "\x00" in name:
            return []
        with services().store.read() as tx:
            site = Sites(tx).by_name(name)
        if site is None:
            return []
        if len(self._named) >= MOST_NAMES:
            self._named = {}
        self._named[name] = now, _sender(site)
        return [self._named[name][1]]

    def _among_all(self) -> list[Sender]:
        now, known = services().clock(), self._all
        if known is not None and abs(now - known[0]) < KEEP:
            return known[1]
        with services().store.read() as tx:
            sites = Sites(tx).first(MOST_SITES + 1)
        senders = [_sender(site, NEWEST) for site in sites] if len(sites) <= MOST_SITES else []
        self._all = now, senders
        return senders


def _sender(site: SiteRow, newest: int | None = None) -> Sender:
    secrets = secrets_of(site, "coral")
    return Sender(site, (*secrets[:newest], *site.secrets(services().clock())) if newest else tuple(secrets))
