"""A Coral that signs what it sends."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.moderation.sites import Credentials
from service.store.compat import PlatformSecrets

PHASE_SECRET = "empsec_" + "5a" * 32
WEBHOOK_SECRET = "whsec_" + "c3" * 32
NAMED = "/integrations/coral/moderate/news.example"


def signature(body: bytes, *secrets: str) -> str:
    return ",".join("sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets)


def a_request(body: str = "Artikelnya bagus, terima kasih.", **changed: Any) -> dict[str, Any]:
    """What Coral asks about a comment with this body."""
    usual = {
        "action": "NEW",
        "comment": {"body": body, "parentID": None},
        "author": {"id": "0d6f2a7e-5a55-4b0e-9a3e-3c1f4f0d9b11", "role": "COMMENTER"},
        "story": {"id": "7f7e1c0a-3f0a-4f53-8a67-2f6c1f0e7a90", "url": "https://news.example/politik/123"},
        "site": {"id": "b1c7d0f2-7a43-41f0-8f39-6a0f5d2f9e01"},
        "tenantID": "3e9b8f1c-1d24-4f0d-9b57-0a4f7c6d2e55",
        "tenantDomain": "comments.news.example",
    }
    return {**usual, **changed}


class Coral:
    """Sends as Coral does: JSON with two spaces, signed as it is."""

    def __init__(self, app: APIFlask) -> None:
        self.client = app.test_client()

    def moderate(self, body: str = "Artikelnya bagus, terima kasih.", /, **changed: Any) -> TestResponse:
        """Ask what to do with a comment."""
        return self.send(json.dumps(a_request(body, **changed), indent=2).encode())

    def send(
        self, body: bytes, path: str = NAMED, secret: str = PHASE_SECRET, headers: dict[str, str] | None = None
    ) -> TestResponse:
        """Send a raw body."""
        signed = {"X-Coral-Signature": signature(body, secret), "User-Agent": "Coral Moderation/9.10.0"}
        return self.client.post(path, data=body, content_type="application/json", headers={**signed, **(headers or {})})


@pytest.fixture
def coral(app: APIFlask, services: Services, site: Credentials) -> Coral:
    """Coral, whose secrets the site knows."""
    with services.store.begin() as tx:
        for secret in (PHASE_SECRET, WEBHOOK_SECRET):
            PlatformSecrets(tx, site.site_id).add("coral", secret)
    return Coral(app)
