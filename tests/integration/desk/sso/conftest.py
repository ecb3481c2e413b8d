"""An application with single sign-on, and a provider on this machine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from service.bootstrap import Services
from tests.app import an_app
from tests.integration.desk.browser import Browser
from tests.provider import CLIENT_ID, CLIENT_SECRET, Provider, provider

AYU = {"sub": "ayu-1", "email": "Ayu@news.example", "email_verified": True, "name": "Ayu"}
CALLBACK = "/login/oidc/callback"


@pytest.fixture
def op() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
def app(services: Services, op: Provider) -> APIFlask:
    """The application with this provider."""
    named = {"oidc_issuer": op.url, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    made = replace(services, settings=replace(services.settings, **named))
    made.__dict__["classifier"] = services.classifier
    return an_app(made)


@pytest.fixture
def browser(app: APIFlask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def enter(browser: Browser, op: Provider) -> Callable[..., TestResponse]:
    """There and back again as whom the provider knows."""

    def there_and_back(path: str = "", **claims: Any) -> TestResponse:
        begun = browser.get("/login/oidc", query_string={"next": path} if path else None)
        assert begun.status_code == 302, begun.text
        return browser.get(CALLBACK, query_string=op.approve(begun.location, **claims))

    return there_and_back
