"""What a site has settled for the formats of other services, and the secrets by which it knows them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.domain.compat import Compat
from service.store.engine import new_id
from service.store.scope import Scope, upserting
from service.store.tables import compat_settings, platform_secrets


class CompatSettings(Scope):
    """The choices of one site."""

    def get(self) -> Compat:
        """Those that hold; the defaults, where nobody has chosen."""
        found = self.mine(sa.select(compat_settings.c.body), compat_settings)
        body = self.run(found).scalar()
        return Compat() if body is None else Compat.from_json(body)

    def put(self, compat: Compat) -> None:
        """Let these hold from now on."""
        row = {"site_id": self.site_id, "body": compat.to_json(), "changed_at": self.tx.now}
        self.run(upserting(self.tx, compat_settings, ("site_id",), ("body", "changed_at")), row)
        self.tx.after_commit.append(lambda: self.tx.known.forget_terms(self.site_id))


@dataclass(frozen=True)
class PlatformSecret:
    """A secret as it is shown: its first characters."""

    id: str
    platform: str
    hint: str
    created_at: datetime


class PlatformSecrets(Scope):
    """The secrets with which other services sign what they send to one site."""

    def of(self, platform: str) -> list[str]:
        """All of a platform, the newest first."""
        found = self.mine(sa.select(platform_secrets.c.secret), platform_secrets)
        newest = found.where(platform_secrets.c.platform == platform).order_by(platform_secrets.c.id.desc())
        return list(self.run(newest).scalars())

    def all(self) -> list[PlatformSecret]:
        """All of them, by platform, the oldest first."""
        shown = [platform_secrets.c[name] for name in PlatformSecret.__dataclass_fields__]
        found = self.mine(sa.select(*shown), platform_secrets)
        rows = self.run(found.order_by(platform_secrets.c.platform, platform_secrets.c.id))
        return [PlatformSecret(*row) for row in rows]

    def add(self, platform: str, secret: str) -> str:
        """Trust a secret; its id."""
        row = {"id": new_id(), "platform": platform, "secret": secret, "hint": secret[:HINT]}
        self.insert(platform_secrets, [{**row, "created_at": self.tx.now}])
        return row["id"]

    def remove(self, id: str) -> bool:
        """Trust a secret no more; false when this site has none of this id."""
        found = self.mine(sa.delete(platform_secrets), platform_secrets).where(platform_secrets.c.id == id)
        return self.run(found).rowcount > 0


HINT = 4
"""Characters of a secret that are shown again."""
