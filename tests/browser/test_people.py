"""People, invitations, second factors and sessions in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from service.moderation.invite import invite
from service.moderation.sign_in import add_user
from tests.browser.stage import PASSWORD, Stage
from tests.browser.test_access import violations
from tests.conftest import Clock
from tests.integration.desk.codes import code_at, set_up

Desk = Callable[..., Page]


@pytest.fixture
def rina(stage: Stage) -> str:
    """An admin's id."""
    return add_user(stage.services.store, "rina@news.example", "Rina", PASSWORD, stage.site.site_id, "admin")


def log_out(page: Page) -> None:
    page.click("summary[aria-label]")
    page.click(".plain")
    page.wait_for_selector("#password")


def test_a_second_factor_is_set_up_and_asked_for_by_keyboard_alone(stage: Stage, desk: Desk, clock: Clock) -> None:
    page = desk()
    page.goto(f"{stage.url}/settings/account")
    page.focus("#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".qr svg")
    box = page.locator(".qr svg").bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"], abs=1)
    assert box["width"] > 150
    secret = re.sub(r"\s", "", page.inner_text(".secret"))
    page.focus("#code")
    page.keyboard.type(code_at(secret, clock.now))
    page.keyboard.press("Enter")
    page.wait_for_selector(".codes")
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    clock.forward(minutes=1)
    for code in (code_at(secret, clock.now), recovery[0]):
        log_out(page)
        page.fill("#email", "ayu@news.example")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/login/code")
        assert page.evaluate("document.activeElement.id") == "code"
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk")


def test_whoever_is_invited_makes_an_account_and_is_at_the_desk(
    stage: Stage, desk: Desk, chromium: Browser, rina: str
) -> None:
    page = desk("rina@news.example")
    page.click("summary[aria-label]")
    page.click("text=People")
    page.check("input[name=role][value=moderator]")
    page.fill("#email", "sari@news.example")
    page.keyboard.press("Enter")
    link = page.inner_text(".secret").replace(stage.services.settings.public_url, stage.url)
    invited = chromium.new_context(locale="en")
    guest = invited.new_page()
    guest.goto(link)
    assert guest.input_value("#email") == "sari@news.example"
    guest.fill("#name", "Sari")
    guest.fill("#password", "another password")
    guest.keyboard.press("Enter")
    guest.wait_for_url(re.compile("/login[?]next="))
    guest.fill("#email", "sari@news.example")
    guest.fill("#password", "another password")
    guest.keyboard.press("Enter")
    guest.wait_for_url("**/desk")
    assert "Welcome!" in guest.inner_text("#toasts")
    page.goto(f"{stage.url}/settings/people")
    assert "Sari" in page.inner_text(".people")
    page.click("summary[aria-label='Remove Sari …']")
    page.click("button[aria-label='Remove Sari']")
    page.wait_for_selector(".toast.ok")
    assert "Not allowed" in guest.goto(f"{stage.url}/desk").text()  # type: ignore[union-attr]
    invited.close()


def test_a_session_is_ended_from_another_browser(stage: Stage, desk: Desk) -> None:
    here, there = desk(), desk()
    here.goto(f"{stage.url}/settings/account")
    assert here.locator(".session").count() == 2
    here.click("text=Log out everywhere else")
    here.wait_for_selector(".toast.ok")
    assert here.locator(".session").count() == 1
    # the page that is open asks for its parts, is told no, and leaves for the login by itself at any time: another one visits
    visiting = there.context.new_page()
    visiting.goto(f"{stage.url}/desk")
    assert "/login" in visiting.url
    there.context.close()
    desk.complaints[:] = [text for text in desk.complaints if not re.search(r"401 .*/desk/", text)]  # type: ignore[attr-defined]


@pytest.fixture
def shown(stage: Stage, desk: Desk, rina: str, clock: Clock) -> Callable[..., dict[str, Callable[[], Page]]]:
    """Each page with something on it, by name: calling it opens it."""

    def pages(**options: object) -> dict[str, Callable[[], Page]]:
        store, site_id = stage.services.store, stage.site.site_id
        add_user(store, f"{'x' * 60}@{'y' * 60}.example", "panjang" * 28, PASSWORD, site_id, "viewer")
        bima = add_user(store, "bima@news.example", "Bima", PASSWORD, site_id, "moderator")
        token = invite(store, site_id, rina, "lead", f"{'z' * 80}@news.example").token
        page = desk("rina@news.example", **options)
        set_up(store, bima)

        def at(path: str) -> Page:
            page.goto(stage.url + path)
            return page

        def offered() -> Page:
            at("/settings/account")
            if page.locator("#password").count():
                page.fill("#password", PASSWORD)
                page.press("#password", "Enter")
                page.wait_for_selector(".qr svg")
            return page

        def sent(path: str, selector: str) -> Page:
            at(path)
            page.locator(selector).press("Enter")
            page.wait_for_load_state()
            return page

        def alone(path: str) -> Page:
            page.context.clear_cookies(name="saring")
            return at(path)

        def code() -> Page:
            alone("/login")
            page.fill("#email", "bima@news.example")
            page.fill("#password", PASSWORD)
            page.press("#password", "Enter")
            page.wait_for_url("**/login/code")
            return page

        return {
            "people": lambda: at("/settings/people"),
            "a link": lambda: sent("/settings/people", ".invite .primary"),
            "account": lambda: at("/settings/account"),
            "secret": offered,
            "wrong code": lambda: sent("/settings/account", "#code + .primary"),
            "another address": lambda: at(f"/invitations/{token}"),
            "invitation": lambda: alone(f"/invitations/{token}"),
            "no invitation": lambda: at(f"/invitations/{'a' * 43}"),
            "code": code,
        }

    return pages


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_axe_finds_nothing_on_these_pages(
    shown: Callable[..., dict[str, Callable[[], Page]]], desk: Desk, language: str, theme: str
) -> None:
    found = {name: violations(go()) for name, go in shown(locale=language, color_scheme=theme).items()}
    assert {name: bad for name, bad in found.items() if bad} == {}
    desk.complaints[:] = [text for text in desk.complaints if "404" not in text and "422" not in text]  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [360, 1440])
def test_these_pages_are_no_wider_than_the_screen(
    shown: Callable[..., dict[str, Callable[[], Page]]], desk: Desk, width: int
) -> None:
    for name, go in shown(viewport={"width": width, "height": 780}).items():
        assert go().evaluate("document.documentElement.scrollWidth") <= width, name
    desk.complaints[:] = [text for text in desk.complaints if "404" not in text and "422" not in text]  # type: ignore[attr-defined]
