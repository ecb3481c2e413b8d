"""Decisions while the database is busy: what is saved is told, and what is not comes back."""

from collections.abc import Callable
from typing import Any

import pytest

from service.domain.comment import Status
from service.domain.errors import Overtaken, Unavailable
from service.moderation.queue import Hand
from service.moderation.review import Reviewed, review
from service.store.rows import CommentRow
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued

Browse = Callable[[str], Browser]


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> list[Exception | None]:
    """How the next decisions end: with these errors, one each; None for one that is saved, as are all after them."""
    ends: list[Exception | None] = []

    def meet(*args: Any, **options: Any) -> Reviewed:
        if error := ends.pop(0) if ends else None:
            raise error
        return review(*args, **options)

    monkeypatch.setattr("service.desk.queue.review", meet)
    return ends


def decided(browser: Browser, *comments: CommentRow) -> tuple[int, str]:
    answer = browser.post("/desk/decisions", {"act": [f"approve {one.id}:1:flagged" for one in comments]}, script=True)
    return answer.status_code, answer.text


def test_two_writers_that_met_are_no_failure(browse: Browse, queued: Queued, busy: list[Exception | None]) -> None:
    comment = queued()
    busy += [Overtaken("met")]
    assert decided(browse("moderator"), comment)[0] == 200
    assert queued.status(comment.id) is Status.APPROVED


def test_what_is_not_saved_among_others_comes_back(
    browse: Browse, queued: Queued, busy: list[Exception | None]
) -> None:
    saved, lost, behind = (queued(risk=3 - number) for number in range(3))
    browser = browse("moderator")
    browser.get("/desk")
    busy += [None, Unavailable("busy")]
    status, text = decided(browser, saved, lost, behind)
    assert status == 409
    assert "Not all is saved" in text
    assert [f"card-{one.id}" in text for one in (saved, lost, behind)] == [False, True, True]
    assert [queued.status(one.id) for one in (saved, lost, behind)] == [
        Status.APPROVED,
        Status.FLAGGED,
        Status.FLAGGED,
    ]


def test_when_nothing_could_be_saved_the_page_is_told_so(
    browse: Browse, queued: Queued, busy: list[Exception | None]
) -> None:
    busy += [Unavailable("busy")]
    assert decided(browse("moderator"), queued(), queued())[0] == 503


def test_a_saved_decision_is_not_called_lost_when_no_card_can_be_dealt(
    browse: Browse, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment, browser = queued(), browse("moderator")
    form = {"csrf_token": browser.token(), "act": f"approve {comment.id}:1:flagged"}

    def away(*_args: Any, **_options: Any) -> Hand:
        raise Unavailable("busy")

    monkeypatch.setattr("service.desk.hand.deal", away)
    answer = browser.client.post("/desk/decisions", data=form, headers={"HX-Request": "true"})
    assert (answer.status_code, "more cards come" in answer.text) == (409, True)
    assert queued.status(comment.id) is Status.APPROVED
