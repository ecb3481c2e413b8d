"""A lead decides a whole band of scores."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from service.domain.comment import Status
from service.store.rows import CommentRow
from service.store.tables import comments
from tests.browser.stage import Stage
from tests.browser.test_access import violations
from tests.browser.test_desk import status

Queued = Callable[..., CommentRow]
Desk = Callable[..., Page]
SCORES = (0.11, 0.52, 0.58, 0.91)


@pytest.fixture
def spread(stage: Stage, queued: Queued) -> list[CommentRow]:
    """Comments with different scores of insult."""
    some = [queued(text=f"komentar nomor {number}") for number in range(len(SCORES))]
    with stage.services.store.begin() as tx:
        for comment, score in zip(some, SCORES, strict=True):
            chosen = sa.update(comments).where(comments.c.id == comment.id)
            tx.connection.execute(chosen.values(scores={"insult": score}))
    return some


def opened(stage: Stage, desk: Desk, low: str = "0.5", high: str = "0.6", **options: object) -> Page:
    page = desk("lead@news.example", **options)
    page.goto(f"{stage.url}/desk/bands?attribute=insult&low={low}&high={high}")
    return page


def test_the_handles_are_moved_by_key_and_number_and_samples_follow(
    stage: Stage, spread: list[CommentRow], desk: Desk
) -> None:
    page = opened(stage, desk)
    expect(page.locator("#count")).to_have_text("2")
    page.focus("#high")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#count")).to_have_text("1")
    expect(page.locator("#high-said")).to_have_text("0.54")
    expect(page.locator("#samples .words")).to_have_text(["komentar nomor 1"])
    assert page.url.endswith("?attribute=insult&low=0.5&high=0.54")
    page.focus("#low")
    page.keyboard.press("Home")
    expect(page.locator("#count")).to_have_text("2")


def test_the_handles_push_each_other(stage: Stage, spread: list[CommentRow], desk: Desk) -> None:
    page = opened(stage, desk, "0.5", "0.52")
    page.focus("#low")
    page.keyboard.press("End")
    assert page.locator("#high").input_value() == "1"
    assert page.locator("#low").input_value() == "0.98"
    page.focus("#high")
    page.keyboard.press("Home")
    assert (page.locator("#low").input_value(), page.locator("#high").input_value()) == ("0", "0.02")
    expect(page.locator("#count")).to_have_text("0")
    expect(page.locator("#band-act button.approve")).to_be_disabled()


def test_a_band_is_decided_once_its_number_was_agreed_to(stage: Stage, spread: list[CommentRow], desk: Desk) -> None:
    page = opened(stage, desk)
    page.click("#band-act .reject >> nth=0")
    expect(page.locator("#ask-sure h2")).to_have_text("Reject 2 comments?")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert status(stage, spread[1]) is Status.FLAGGED
    page.click("#band-act .reasons summary")
    page.click("#band-act button[value=spam]")
    expect(page.locator("#ask-sure")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".toast.ok")).to_have_text("2 comments rejected. Undo takes them all back.")
    wanted = [Status.FLAGGED, Status.REJECTED, Status.REJECTED, Status.FLAGGED]
    assert [status(stage, comment) for comment in spread] == wanted
    page.click("text=Undo my last act")
    expect(page.locator("#count")).to_have_text("2")


def test_without_script_a_band_is_shown_and_asked_about(stage: Stage, spread: list[CommentRow], desk: Desk) -> None:
    page = opened(stage, desk, java_script_enabled=False)
    page.click("#band-act button[value=approve]")
    expect(page.locator("#sure-title")).to_have_text("Approve 2 comments?")
    page.click(".sure .approve")
    assert status(stage, spread[2]) is Status.APPROVED


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_on_the_new_pages(
    stage: Stage, spread: list[CommentRow], desk: Desk, theme: str, width: int
) -> None:
    page = opened(stage, desk, color_scheme=theme, viewport={"width": width, "height": 800})
    found = {"bands": violations(page)}
    for path in (
        "/desk/stories",
        "/desk/list?queue=decided",
        "/desk/views",
        "/desk?q=komentar&attribute=insult&low=0.1",
    ):
        page.goto(stage.url + path)
        found[path] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    for opener in (".filters summary", ".views summary", ".reasons summary", ".more summary"):
        page.click(opener)
        page.wait_for_timeout(150)
        found[opener] = violations(page)
        page.keyboard.press("Escape")
    for key in "behn":
        page.keyboard.press(key)
        page.wait_for_selector("dialog[open]")
        page.wait_for_timeout(150)
        found[key] = violations(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    assert {path: bad for path, bad in found.items() if bad} == {}
