"""What is done at the desk while the server is slow, fails, the page closes, or others do something."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from service.domain.comment import Status
from service.domain.decision import Action
from service.moderation.review import Act, Reviewed, Seen, review
from service.moderation.sign_in import sign_in, who
from service.store.rows import CommentRow
from tests.browser.stage import PASSWORD, Stage, stored
from tests.remarks import notes_of
from tests.unit.runtime.tree import until

Queued = Callable[..., CommentRow]
Desk = Callable[..., Page]
CURRENT = "#hand .card:not([hidden])"
SETTLED = 700
"""Milliseconds after which a card that came unasked takes keys."""


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each decision takes the server half a second."""

    def take_time(*args: Any, **options: Any) -> Reviewed:
        time.sleep(0.5)
        return review(*args, **options)

    monkeypatch.setattr("service.desk.queue.review", take_time)


def status(stage: Stage, comment: CommentRow) -> Status:
    return stored(stage.services, stage.site.site_id, comment.id).status


def settle(page: Page) -> None:
    """Until everything that was decided is saved."""
    page.wait_for_selector("#hand[data-waiting='0']", state="attached")


def decided_meanwhile(stage: Stage, comment: CommentRow) -> None:
    """Ayu rejects it on another page of hers."""
    store = stage.services.store
    person = who(store, sign_in(store, "ayu@news.example", PASSWORD))
    assert person
    seen = [Seen(comment.id, comment.revision, comment.status)]
    review(store, lambda: None, stage.site.site_id, person.id, seen, Act(Action.REJECT))


@pytest.mark.usefixtures("slow")
def test_what_was_decided_and_not_sent_is_saved_when_the_page_closes(stage: Stage, queued: Queued, desk: Desk) -> None:
    comments = [queued(risk=2 - number / 10) for number in range(7)]
    page = desk()
    for _ in range(3):
        page.keyboard.press("a")
    page.close()
    until(lambda: all(status(stage, comment) is Status.APPROVED for comment in comments[:3]), 10)
    assert {status(stage, comment) for comment in comments[3:]} == {Status.FLAGGED}


@pytest.mark.usefixtures("slow")
def test_a_note_that_was_not_sent_is_saved_when_the_page_closes(stage: Stage, queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.keyboard.press("a")
    page.keyboard.press("n")
    page.fill("#ask-note textarea", "sudah ditanya")
    page.keyboard.press("Enter")
    expect(page.locator("#ask-note")).to_be_hidden()
    page.close()
    until(lambda: status(stage, first) is Status.APPROVED, 10)
    until(lambda: len(notes_of(stage.services.store, stage.site.site_id, second.id)) == 1, 10)


@pytest.mark.parametrize("failure", ["away", "overtaken"])
def test_an_undo_behind_a_decision_that_fails_takes_back_nothing(
    stage: Stage, queued: Queued, desk: Desk, failure: str
) -> None:
    first, second, third = (queued(risk=3 - number) for number in range(3))
    page = desk(intercepted=True)
    page.keyboard.press("r")
    settle(page)
    waiting: list[Route] = []
    page.route("**/desk/decisions", lambda route: waiting.append(route), times=1)  # noqa: PLW0108 - it is written on
    page.keyboard.press("a")
    page.keyboard.press("u")
    page.wait_for_function("document.querySelector('#hand').dataset.waiting === '2'")
    until(lambda: page.wait_for_timeout(20) or waiting)
    [route] = waiting
    if failure == "away":
        route.abort()
    else:
        decided_meanwhile(stage, second)
        route.continue_()
    settle(page)
    left = Status.FLAGGED if failure == "away" else Status.REJECTED
    assert [status(stage, one) for one in (first, second, third)] == [Status.REJECTED, left, Status.FLAGGED]
    desk.complaints.clear()  # type: ignore[attr-defined]


def test_a_card_that_comes_back_does_not_get_the_key_meant_for_another(
    stage: Stage, queued: Queued, desk: Desk
) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk(intercepted=True)
    page.route("**/desk/decisions", lambda route: route.abort(), times=1)
    page.keyboard.press("a")
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", first.id)
    page.keyboard.press("r")
    settle(page)
    assert [status(stage, one) for one in (first, second)] == [Status.FLAGGED] * 2
    desk.complaints.clear()  # type: ignore[attr-defined]


def test_nor_does_a_card_that_undo_brings(stage: Stage, queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.keyboard.press("a")
    settle(page)
    page.keyboard.press("u")
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", first.id)
    page.keyboard.press("r")
    settle(page)
    assert [status(stage, one) for one in (first, second)] == [Status.FLAGGED] * 2
    page.wait_for_timeout(SETTLED)
    page.keyboard.press("r")
    settle(page)
    assert status(stage, first) is Status.REJECTED


@pytest.mark.usefixtures("slow")
def test_j_at_the_end_of_the_hand_fetches_more_while_a_decision_is_sent(queued: Queued, desk: Desk) -> None:
    comments = [queued(risk=20 - number) for number in range(14)]
    page = desk()
    for _ in range(4):
        page.keyboard.press("j")
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", comments[4].id)
    for number in range(5, 11):
        page.keyboard.press("j")
        expect(page.locator(CURRENT)).to_have_attribute("data-comment", comments[number].id)
    page.keyboard.press("a")
    last = page.locator("#hand .card").last.get_attribute("data-comment")
    page.keyboard.press("j")
    expect(page.locator(CURRENT)).not_to_have_attribute("data-comment", last or "")


def test_another_person_of_the_same_name_is_another_person(queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.evaluate(
        """(id) => document.dispatchEvent(new CustomEvent("saring:changed", { detail:
            { kind: "decided", ids: [id], by: "Ayu", user: "01a20dd2-1159-735a-9cc6-514c279da40e" } }))""",
        first.id,
    )
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", second.id)


def test_what_one_did_oneself_on_another_page_is_no_news(queued: Queued, desk: Desk) -> None:
    first = queued()
    page = desk()
    page.evaluate(
        """(id) => document.dispatchEvent(new CustomEvent("saring:changed", { detail:
            { kind: "decided", ids: [id], by: "Ayu", user: document.getElementById("hand").dataset.user } }))""",
        first.id,
    )
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", first.id)
