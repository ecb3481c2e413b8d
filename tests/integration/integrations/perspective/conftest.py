"""A caller of Perspective's API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.domain.compat import Compat
from service.moderation.sites import Credentials
from service.store import Store
from service.store.compat import CompatSettings


@dataclass
class Caller:
    """Calls with a site's key in the URL."""

    client: FlaskClient
    key: str | None

    def send(self, verb: str, body: object, **headers: str) -> TestResponse:
        """POST a body, bytes as they are, to `comments:<verb>`."""
        query = "" if self.key is None else f"?key={quote(self.key)}"
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.client.post(f"/v1alpha1/comments:{verb}{query}", data=data, headers=headers)

    def analyze(self, text: str, *attributes: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """The answer about a text; more: fields of the request beside."""
        wanted = {name: {} for name in attributes or ("TOXICITY",)}
        body = {"comment": {"text": text}, "requestedAttributes": wanted, **more}
        return self.send("analyze", body, **headers or {}).json

    def score(self, text: str, attribute: str = "TOXICITY", **more: Any) -> float:
        """The score of a text for one attribute."""
        value: float = self.analyze(text, attribute, **more)["attributeScores"][attribute]["summaryScore"]["value"]
        return value


@pytest.fixture
def caller(app: APIFlask, site: Credentials) -> Caller:
    """Someone with the site's key."""
    return Caller(app.test_client(), site.api_key)


@pytest.fixture
def choose(store: Store, site: Credentials) -> Callable[[Compat], None]:
    """Settles what the site wants of these formats."""

    def choose(compat: Compat) -> None:
        with store.begin() as tx:
            CompatSettings(tx, site.site_id).put(compat)

    return choose
