"""The lead's page, and a second look by keyboard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from service.domain.decision import Action, Actor
from service.domain.period import Period
from service.moderation.insights import count
from service.moderation.record import record
from service.moderation.second_look import sample
from service.moderation.sign_in import add_user
from service.store.ledger import Ruling
from service.store.rows import CommentRow
from tests.browser.stage import PASSWORD, Stage
from tests.browser.test_access import violations
from tests.integration.desk.history import History

Desk = Callable[..., Page]


@pytest.fixture
def dewi(stage: Stage) -> str:
    """A moderator who isn't in the browser."""
    return add_user(stage.services.store, "dewi@news.example", "Dewi", PASSWORD, stage.site.site_id, "moderator")


@pytest.fixture
def decided(stage: Stage, queued: Callable[..., CommentRow], dewi: str) -> Callable[..., CommentRow]:
    """A decision of hers that is to be looked at again."""

    def decide(**fields: object) -> CommentRow:
        comment, site_id = queued(**fields), stage.site.site_id
        with stage.services.store.begin() as tx:
            rulings = [Ruling(comment, Action.REJECT, Actor.MODERATOR, user_id=dewi)]
            record(tx, site_id, rulings)
            sample(tx, site_id, 1.0, rulings, dewi)
        return comment

    return decide


@pytest.fixture
def history(stage: Stage, dewi: str) -> None:
    """Something in every chart."""
    now, past = stage.services.clock(), History(stage.services.store, stage.site.site_id)
    for number in range(60):
        at = now - timedelta(hours=number * 3, minutes=5)
        name = ("insult", "threat", "sexually_explicit")[number % 3]
        scores = {name: 0.3 + number / 100}
        comment = past.flagged(
            at, scores, thread="panjangsekali" * (number % 4 * 3 + 1), language="id" if number % 2 else "en"
        )
        if number % 5:
            past.decided(comment, at + timedelta(minutes=number), dewi, Action.REJECT if number % 3 else Action.APPROVE)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.usefixtures("history")
def test_insights_are_for_everybody(
    stage: Stage, desk: Desk, decided: Callable[..., CommentRow], language: str, theme: str
) -> None:
    decided()
    page = desk("lead@news.example", locale=language, color_scheme=theme, viewport={"width": 360, "height": 780})
    for path in (
        "/insights?period=24h",
        "/insights?period=30d",
        "/desk/second-looks",
        "/desk/second-looks/disagreements",
    ):
        page.goto(stage.url + path)
        for summary in page.locator(".told summary").all():
            summary.press("Enter")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert violations(page) == [], path
        assert len(page.content()) < 150_000


@pytest.mark.usefixtures("history")
def test_each_chart_has_a_name_a_description_and_a_table(stage: Stage, desk: Desk) -> None:
    page = desk("lead@news.example")
    page.goto(f"{stage.url}/insights")
    charts = page.locator("svg[role=img]")
    assert charts.count() >= 5
    for chart in charts.all():
        names = (chart.get_attribute("aria-labelledby") or "").split()
        assert [page.locator(f"#{name}").text_content() != "" for name in names] == [True, True]
    assert page.locator("main section").count() == page.locator("main section table").count()


def test_a_second_look_is_taken_by_key(stage: Stage, desk: Desk, decided: Callable[..., CommentRow]) -> None:
    for number in range(3):
        decided(text=f"Komentar {number}")
    page = desk()
    page.goto(f"{stage.url}/desk/second-looks")
    page.keyboard.press("Control+a")
    for key, left in (("s", "3"), ("a", "2"), ("r", "1")):
        page.keyboard.press(key)
        expect(page.locator(".places .tag")).to_have_text(left)
    pairs = count(stage.services.store, stage.site.site_id, Period.WEEK).agreement.pairs
    assert pairs == {("reject", "approve"): 1, ("reject", "reject"): 1}


def test_a_second_look_is_taken_without_script(stage: Stage, desk: Desk, decided: Callable[..., CommentRow]) -> None:
    decided()
    page = desk(java_script_enabled=False)
    page.goto(f"{stage.url}/desk/second-looks")
    page.click("form.look .reject")
    expect(page.locator(".clear h2")).to_be_visible()
