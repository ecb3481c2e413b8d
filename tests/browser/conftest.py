"""A browser, and a desk to open in it. On SQLite: what differs between the databases is tested without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from service.bootstrap import Services
from service.moderation import sign_in
from service.moderation.sites import Credentials
from service.store.rows import CommentRow
from tests.browser.stage import Stage, enter, launch, put_in_queue, served
from tests.browser.watch import watch
from tests.factories import a_comment


@pytest.fixture
def database_url(sqlite_file: Path) -> str:
    """A fresh migrated database."""
    return f"sqlite:///{sqlite_file}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each page has a context of its own."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def stage(services: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The application, served."""
    monkeypatch.setattr(sign_in, "hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with served(services, site) as running:
        yield running


@pytest.fixture
def queued(stage: Stage) -> Callable[..., CommentRow]:
    """Puts a comment into the queue."""

    def put(risk: float = 1.0, **fields: Any) -> CommentRow:
        return put_in_queue(stage.services, stage.site.site_id, a_comment(**fields), risk)

    return put


@pytest.fixture
def desk(chromium: Browser, stage: Stage) -> Iterator[Callable[..., Page]]:
    """Opens the desk as somebody: `desk("Ayu@news.example")`, or an empty page for nobody (None).

    `intercepted` for a test that will use `page.route`: Chromium hands the first requests after the first route of a page that is
    open to the network all the same. Whatever a page complains of fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_as(email: str | None = "Ayu@news.example", *, intercepted: bool = False, **options: Any) -> Page:
        context = chromium.new_context(**{"locale": "en", "viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        if intercepted:
            context.route("**/nothing/has/this/path", lambda route: route.abort())
        page = watch(context, stage.url, complaints).new_page()
        return enter(page, stage, email) if email else page

    open_as.complaints = complaints  # type: ignore[attr-defined]
    yield open_as
    for context in contexts:
        context.close()
    assert complaints == []
