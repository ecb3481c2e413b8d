"""The list of pages is whole, and what must be true of each page is: small, and nothing from another host."""

from collections.abc import Callable
from pathlib import Path

import pytest
from apiflask import APIFlask
from playwright.sync_api import Page, expect

import service.desk
from service.store.rows import CommentRow
from tests.app import an_app
from tests.browser.awkward import awkward, saying
from tests.browser.furnish import furnish, visited
from tests.browser.places import NO_PAGES, PLACES
from tests.browser.stage import Stage
from tests.conftest import Clock

STATIC = Path(service.desk.__file__).parent / "static"
MOST_SCRIPT = 60_000
"""Bytes of all our scripts together, unzipped; htmx is beside them."""

MOST_PAGE = 150_000
"""Bytes of a page with its style sheet and all its scripts, htmx among them, unzipped."""

Desk = Callable[..., Page]


@pytest.fixture
def app(stage: Stage) -> APIFlask:
    """The application that is served."""
    return an_app(stage.services)


def test_every_page_is_in_the_list(app: APIFlask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.") and "GET" in rule.methods]
    known = {place.endpoint for place in PLACES} | NO_PAGES.keys()
    assert {rule.endpoint for rule in rules} == known


def test_our_scripts_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in STATIC.glob("*.js")}
    assert 0 < sum(sizes.values()) <= MOST_SCRIPT, sizes


def test_no_page_weighs_more_than_150_kb_and_none_asks_another_host(stage: Stage, desk: Desk) -> None:
    """What another host is asked for is a complaint, which the fixture minds."""
    made = furnish(stage, awkward(stage), saying())
    heavy = {}
    for place, page in visited(stage, made, desk):
        sizes = weight(page)
        if sum(sizes.values()) > MOST_PAGE:
            heavy[place.name] = sizes
    assert heavy == {}


def test_a_comment_that_has_waited_for_a_year_is_shown(
    clock: Clock, queued: Callable[..., CommentRow], desk: Desk
) -> None:
    comment = queued()
    clock.forward(days=365)
    expect(desk().locator("#hand .card")).to_have_attribute("data-comment", comment.id)


def weight(page: Page) -> dict[str, int]:
    """Bytes, unzipped, of the document and of each file that it asks for."""
    files = page.eval_on_selector_all(
        "script[src], link[rel=stylesheet], link[rel=icon]", "(all) => all.map((one) => one.src || one.href)"
    )
    sizes = {"document": len(page.request.get(page.url).body())}
    return sizes | {file.rsplit("/", 1)[-1]: len(page.request.get(file).body()) for file in files}
