"""Every page for everybody: axe finds nothing, and nothing is wider than a small phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from service.domain.comment import Author, Thread
from service.store.deliveries import Deliveries
from service.store.rows import CommentRow
from service.store.sites import Sites
from tests.browser.stage import Stage

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
Desk = Callable[..., Page]


@pytest.fixture
def paths(stage: Stage, queued: Callable[..., CommentRow]) -> list[str]:
    """Each page of the desk, with something on it; the queue and the login are looked at by themselves."""
    services, site_id = stage.services, stage.site.site_id
    with services.store.begin() as tx:
        Sites(tx).change(site_id, callback_url="https://news.example/hook")
    queued(id="parent", text="Yang di atas.", author=Author("u7", "Rahmat"))
    comment = queued(
        risk=3,
        text="kamu g0bl0k, dasar anjing! " + "panjangsekali" * 20,
        author=Author("u8", "x" * 120, "x@mail.example", "192.0.2.7"),
        thread=Thread("https://news.example/" + "y" * 300, "https://news.example/" + "y" * 300),
        parent_id="parent",
    )
    with services.store.begin() as tx:
        Deliveries(tx, site_id).stop("503 " + "z" * 200)
        Sites(tx).change(site_id, callback_disabled_at=tx.now, callback_disabled_why="410 Gone")
    own = [f"/desk/comments/{comment.id}", f"/desk/authors/{comment.author.id}", "/desk/search?q=g", "/settings/policy"]
    return [*own, "/settings/deliveries", "/desk/comments/01a20dd2-1159-735a-9cc6-514c279da40e"]


def violations(page: Page) -> list[str]:
    """What axe has to say."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_axe_finds_nothing(stage: Stage, desk: Desk, paths: list[str], language: str, theme: str) -> None:
    page = desk("lead@news.example", locale=language, color_scheme=theme)
    found = {"/desk": violations(page)}
    page.keyboard.press("?")
    found["keys"] = violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.click("summary")
    found["menu"] = violations(page)
    for path in paths:
        page.goto(stage.url + path)
        found[path] = violations(page)
    page.goto(f"{stage.url}/desk")
    for _ in range(2):
        page.keyboard.press("a")
    page.wait_for_selector("#clear:not([hidden])")
    found["clear"] = violations(page)
    page.context.clear_cookies()
    page.goto(f"{stage.url}/login")
    found["/login"] = violations(page)
    page.fill("#email", "nobody@news.example")
    page.fill("#password", "not the password")
    page.keyboard.press("Enter")
    page.wait_for_selector(".fault")
    found["wrong"] = violations(page)
    assert {path: bad for path, bad in found.items() if bad} == {}
    desk.complaints[:] = [text for text in desk.complaints if "404" not in text and "401" not in text]  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["en", "id"])
def test_nothing_is_wider_than_a_small_phone(stage: Stage, desk: Desk, paths: list[str], language: str) -> None:
    page = desk("lead@news.example", locale=language, viewport={"width": 360, "height": 780})
    for path in ["/desk", *paths, "/login"]:
        page.goto(stage.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    desk.complaints[:] = [text for text in desk.complaints if "404" not in text]  # type: ignore[attr-defined]
