"""Two moderators on one queue of a whole Saring, with its web server, worker and broker, at a pace that no reader has."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from bench.queues import PASSWORD, Site, fill
from bench.saring import Saring, saring_in
from service.moderation.sign_in import add_user
from service.store import Store
from tests.servers import empty_database

QUEUE = Site("two.example", 500, 1_000)
PEOPLE = (QUEUE.email, "second@two.example")
CURRENT = "#hand .card:not([hidden])"

RECORD = """() => {
    window.met = [];
    const note = () => {
        const card = document.querySelector("#hand .card:not([hidden])")?.dataset.comment;
        if (card && card !== window.met.at(-1)) window.met.push(card);
        requestAnimationFrame(note);
    };
    note();
    window.pressed = [];
    document.addEventListener("keydown", (event) => {
        if ("ar".includes(event.key)) window.pressed.push(document.querySelector("#hand .card:not([hidden])")?.dataset.comment);
    }, true);
    window.unanswered = [];
    document.addEventListener("htmx:afterRequest", ({ detail }) => {
        if (!detail.xhr.status) window.unanswered.push(...[...detail.requestConfig.formData.values()].map(String));
    });
    document.addEventListener("saring:changed", ({ detail }) => (window.heard ??= []).push({ ...detail, at: Date.now() }));
}"""
"""Script that notes every card that was in sight of a frame, on which card each key fell, what the page is told, and what it said
in requests that nobody answered."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saring]:
    """A Saring of its own on either kind of database with 500 flagged comments and two moderators."""
    folder = tmp_path_factory.mktemp("two")
    url = f"sqlite:///{folder / 'two.db'}"
    if request.param == "postgresql":
        url = empty_database(request.getfixturevalue("postgresql"), "two")
    fill(url, (QUEUE,))
    store = Store(url, lambda: datetime.now(UTC))
    with store.read() as tx:
        site_id = tx.connection.execute(sa.text("SELECT id FROM sites")).scalar_one()
    add_user(store, PEOPLE[1], "Bima", PASSWORD, as_told(site_id), "moderator")
    store.close()
    with saring_in(folder, url, {"log_level": "error"}) as up:
        yield up


@pytest.fixture
def pair(chromium: Browser, running: Saring) -> Iterator[Sequence[Page]]:
    """Both at their desks, each in a browser of their own."""
    pages = []
    for email in PEOPLE:
        context = chromium.new_context(locale="en")
        context.add_init_script(f"({RECORD})()")
        page = context.new_page()
        page.goto(f"{running.url}/login")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(CURRENT)
        page.wait_for_load_state("load")
        pages.append(page)
    yield pages
    for page in pages:
        page.context.close()


def press(page: Page, key: str) -> None:
    """Without waiting for anything but a card to press it on."""
    if page.locator(CURRENT).count():
        page.keyboard.press(key)


def settle(page: Page) -> None:
    page.wait_for_selector("#hand[data-waiting='0']", state="attached", timeout=60_000)


def pressed(page: Page) -> list[str]:
    """The cards on which keys fell, in order."""
    found: list[str | None] = page.evaluate("window.pressed")
    return [card for card in found if card]


def decided(running: Saring) -> dict[str, str]:
    """What moderators decided, by comment; nothing may have been decided twice."""
    engine = sa.create_engine(running.env["SARING_DATABASE_URL"])
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT comment_id, action FROM decisions WHERE actor = 'moderator' ORDER BY id")
        ).all()
    engine.dispose()
    assert max(Counter(comment for comment, _action in rows).values(), default=0) <= 1
    return {as_told(comment): action for comment, action in rows}


def as_told(stored: str | UUID) -> str:
    """An id as pages have it, whichever way the database gives it."""
    return str(UUID(str(stored)))


def test_two_browsers_under_fast_keys_never_show_the_same_card(pair: Sequence[Page], running: Saring) -> None:
    for turn in range(300):
        for page in pair:
            press(page, "ar"[turn % 2])
        if min(page.evaluate("new Set(window.met).size") for page in pair) >= 50:
            break
    for page in pair:
        settle(page)
    met = [set(page.evaluate("window.met")) for page in pair]
    assert min(len(one) for one in met) >= 50
    assert met[0] & met[1] == set()
    taken = [pressed(page) for page in pair]
    assert {*taken[0], *taken[1]} <= decided(running).keys()


def test_a_decision_reaches_the_other_browser_within_two_seconds(pair: Sequence[Page], running: Saring) -> None:
    ayu, bima = pair
    bima.wait_for_function("() => window.heard?.some((one) => one.kind === 'resync')")
    for page, other in ((ayu, bima), (bima, ayu)):
        card = page.get_attribute(CURRENT, "data-comment")
        began = time.time() * 1_000
        page.keyboard.press("r")
        heard = other.wait_for_function(
            "(card) => window.heard?.find((one) => one.kind === 'decided' && one.ids.includes(card))", arg=card
        )
        assert heard.json_value()["at"] - began < 2_000
        assert card in decided(running)


@pytest.mark.parametrize("part", ["score-1", "broker", "web"])
def test_killing_a_part_amid_decisions_loses_none(pair: Sequence[Page], running: Saring, part: str) -> None:
    before = decided(running).keys()
    for turn in range(30):
        if turn == 10:
            assert running.part(part) is not None
            running.kill(part)
        for page in pair:
            press(page, "ar"[turn % 2])
            page.wait_for_timeout(60)
    for page in pair:
        settle(page)
    taken = [pressed(page) for page in pair]
    assert min(len(one) for one in taken) >= 10
    # what could not be saved came back into the hand; everything else was decided, and nothing but what was pressed
    held = {
        id
        for page in pair
        for id in page.eval_on_selector_all(".card", "(all) => all.map((one) => one.dataset.comment)")
    }
    done, all_taken = decided(running).keys() - before, {*taken[0], *taken[1]}
    assert all_taken - held <= done <= all_taken
    if part != "web":
        assert not held & all_taken
    # of a card that came back, a decision was made only if the server died between making it and saying so
    unanswered = [said for page in pair for said in page.evaluate("window.unanswered")]
    assert {card for card in held & done if not any(card in said for said in unanswered)} == set()
