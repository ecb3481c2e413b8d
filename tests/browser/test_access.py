"""Every page for everybody: axe finds nothing in either theme, and nothing is wider than a small phone."""

from collections.abc import Callable, Mapping

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

from tests.browser.awkward import awkward, saying
from tests.browser.furnish import furnish, visited
from tests.browser.places import ADMIN, LEAD
from tests.browser.stage import Stage
from tests.browser.watch import width

FAULTS = {"resultTypes": ["violations"]}
"""All that is read of what axe finds: to write down what is right takes it longer."""

RULES = {**FAULTS, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {**FAULTS, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""What a theme makes a difference to: the other rules look at what the themes have in common."""

PHONE: ViewportSize = {"width": 360, "height": 780}

Desk = Callable[..., Page]


@pytest.fixture
def made(stage: Stage) -> Mapping[str, str]:
    """A site in full use."""
    return furnish(stage, awkward(stage), saying())


def expect_none(found: Mapping[str, list[str]]) -> None:
    """All that was found, a line each."""
    assert not any(found.values()), "\n".join(f"{name}: {bad}" for name, all_bad in found.items() for bad in all_bad)


def violations(page: Page, rules: Mapping[str, object] = RULES) -> list[str]:
    """What axe has to say."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("(rules) => axe.run(document, rules)", rules)["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def faults(page: Page) -> list[str]:
    """What is wrong with a page in the light and in the dark, and on a small phone."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in violations(page, CONTRAST)]
    page.emulate_media(color_scheme="light")
    usual = page.viewport_size
    page.set_viewport_size(PHONE)
    if width(page) > PHONE["width"]:
        found.append(f"{width(page)} px wide on a phone")
    if usual:
        page.set_viewport_size(usual)
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ["en", "id"])
def test_no_page_has_a_fault_in_either_theme_or_on_a_phone(
    stage: Stage, desk: Desk, made: Mapping[str, str], language: str
) -> None:
    expect_none({place.name: faults(page) for place, page in visited(stage, made, desk, locale=language)})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens_by_key(stage: Stage, desk: Desk, made: Mapping[str, str], theme: str) -> None:
    page = desk(LEAD, color_scheme=theme)
    found = {}
    for key in "?nhbe":
        page.goto(f"{stage.url}/desk")
        page.wait_for_selector("#hand .card:not([hidden])")
        page.keyboard.press(key)
        page.wait_for_selector("dialog[open]")
        found[key] = violations(page)
    page.goto(f"{stage.url}/desk")
    page.keyboard.press("x")
    page.click(".top summary")
    found["menu"] = violations(page)
    expect_none(found)


def test_axe_finds_nothing_where_something_went_wrong(stage: Stage, desk: Desk, made: Mapping[str, str]) -> None:
    page = desk(None)
    page.goto(f"{stage.url}/login")
    page.fill("#email", "nobody@news.example")
    page.fill("#password", "not the password")
    page.keyboard.press("Enter")
    page.wait_for_selector(".fault")
    found = {"login": violations(page)}
    lead = desk(ADMIN)
    lead.goto(f"{stage.url}/settings/policy")
    lead.fill("input[name='thresholds.insult.flag']", "many")
    lead.keyboard.press("Enter")
    lead.wait_for_selector(".fault")
    found["policy"] = violations(lead)
    expect_none(found)
