"""The first start: a demo site and an admin, so that a newcomer has something to log in to."""

import json
import os
import secrets
from dataclasses import asdict, dataclass

from service.bootstrap import Services
from service.domain.user import Role
from service.moderation.sign_in import add_user
from service.moderation.sites import add_site
from service.settings import Settings
from service.store.sites import Sites

SITE = "demo"
EMAIL = "admin@localhost"


@dataclass(frozen=True)
class FirstRun:
    """What the newcomer needs; also written to `first-run.json`."""

    url: str
    email: str
    password: str
    site: str
    api_key: str
    webhook_secret: str


def first_run(services: Services, settings: Settings) -> FirstRun | None:
    """Make the demo site and its admin where there is no site yet, and write their keys to DATA_DIR/first-run.json (mode 600)."""
    with services.store.read() as tx:
        if Sites(tx).all():
            return None
    made = add_site(SITE, None, services.store, allow_private=settings.allow_private_callbacks)
    password = secrets.token_urlsafe(12)
    add_user(services.store, EMAIL, "Admin", password, made.site_id, Role.ADMIN)
    told = FirstRun(settings.public_url, EMAIL, password, SITE, made.api_key, made.webhook_secret)
    path = settings.data_dir / "first-run.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(told), file, indent=2)
    return told
