"""Signatures of the platforms that sign with HMAC-SHA256 in hex: Coral, Discourse, GitHub, Hyvor Talk and others."""

import hashlib
import hmac
import re
from collections.abc import Iterable

from service.store.compat import PlatformSecrets
from service.store.rows import SiteRow
from service.web.current import services

PREFIX = "sha256="

DIGEST = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)

MOST = 10
"""Signatures looked at in one header: a sender has one for each of its secrets."""


def hex_signed(header: str, body: bytes, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed this raw body: HMAC-SHA256 in hex, with or without `sha256=`, several by comma.

    A secret is the bytes of its text. Takes as long whichever fits.
    """
    given = [part.strip().removeprefix(PREFIX) for part in header.split(",", MOST)[:MOST]]
    digests = [digest.lower() for digest in given if DIGEST.fullmatch(digest)]
    if not digests:
        return False  # no need to read the body some times over
    expected = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets if secret]
    equal = [hmac.compare_digest(one, other) for one in expected for other in digests]
    return any(equal)


def secrets_of(site: SiteRow, platform: str) -> list[str]:
    """With what a platform may sign for this site: its own secrets there, and the site's webhook secrets as they are shown."""
    with services().store.read() as tx:
        own = PlatformSecrets(tx, site.id).of(platform)
    return [*own, *site.secrets(services().clock())]
