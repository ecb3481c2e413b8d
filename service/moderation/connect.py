"""What connects a site with the services that it used before: its choices for their formats, and secrets shared with them."""

import secrets

from service.domain.comment import is_storable
from service.domain.compat import PLATFORMS, Compat
from service.domain.errors import Conflict, Invalid, NotFound
from service.store import Store
from service.store.compat import CompatSettings, PlatformSecret, PlatformSecrets

MIN_SECRET = 12
MAX_SECRET = 300
"""Characters of a secret: Discourse asks for 12 at least."""

MOST_SECRETS = 20
"""Secrets of one site: a signature is compared with each of its platform's."""


def choices_of(store: Store, site_id: str) -> Compat:
    """A site's choices."""
    with store.read() as tx:
        return CompatSettings(tx, site_id).get()


def choose(store: Store, site_id: str, compat: Compat) -> None:
    """Let these be a site's choices, within a second in every process."""
    with store.begin() as tx:
        CompatSettings(tx, site_id).put(compat)


def secrets_shown(store: Store, site_id: str) -> list[PlatformSecret]:
    """The secrets that a site shares with platforms, as they may be shown."""
    with store.read() as tx:
        return PlatformSecrets(tx, site_id).all()


def share_secret(store: Store, site_id: str, platform: str, secret: str = "") -> str:
    """Trust what a platform signs with a secret; without one, a new one is made. The secret, which is not shown again.

    Raises: Invalid, for a platform or a secret that can't be; Conflict, when the site has as many as there may be.
    """
    if platform not in PLATFORMS:
        raise Invalid(f"platform is {platform!r}: give {', '.join(PLATFORMS)}")
    chosen = _checked(secret.strip()) or secrets.token_urlsafe(32)
    with store.begin() as tx:
        mine = PlatformSecrets(tx, site_id)
        if len(mine.all()) >= MOST_SECRETS:
            raise Conflict(f"a site has at most {MOST_SECRETS} secrets: remove one that is not used any more")
        mine.add(platform, chosen)
    return chosen


def end_secret(store: Store, site_id: str, id: str) -> None:
    """Trust a secret no more. Raises: NotFound."""
    with store.begin() as tx:
        if not PlatformSecrets(tx, site_id).remove(id):
            raise NotFound("no such secret")


def _checked(secret: str) -> str:
    if secret and not (MIN_SECRET <= len(secret) <= MAX_SECRET and secret.isprintable() and is_storable(secret)):
        # without the secret itself, which must not be in any log
        raise Invalid(f"the secret can't be kept: give {MIN_SECRET} to {MAX_SECRET} visible characters")
    return secret
