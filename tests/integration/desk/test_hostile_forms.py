"""What no page sends is refused, not tripped over."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from service.domain.comment import Status
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued

Browse = Callable[[str], Browser]


@pytest.mark.parametrize(
    "words", ["\x00", "a\x00b", "%_\\", "'", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_a_search_for_anything_is_answered(browse: Browse, queued: Queued, words: str) -> None:
    queued()
    assert browse("moderator").get("/desk/search", query_string={"q": words}).status_code < 500


@pytest.mark.parametrize("email", ["\x00", "a\x00@news.example", "x" * 10_000])
def test_a_login_with_anything_is_refused(client: FlaskClient, email: str) -> None:
    assert 400 <= Browser(client).log_in(email).status_code < 500


@pytest.mark.parametrize(
    "seen",
    [
        "{id}:99999999999:flagged",
        "{id}:" + "9" * 30 + ":flagged",
        "{id}:" + "9" * 5_000 + ":flagged",
        "{id}:-1:flagged",
        "{id}:1:odd",
        "\x00:1:flagged",
        "",
    ],
)
def test_a_decision_that_cannot_be_is_refused(browse: Browse, queued: Queued, seen: str) -> None:
    comment, browser = queued(), browse("moderator")
    form = {"action": "approve", "comment": seen.format(id=comment.id)}
    for path in ("/desk/decisions", "/desk/skip"):
        assert browser.post(path, form, script=True).status_code < 500
    assert 400 <= browser.post("/desk/decisions", form, script=True).status_code < 500
    assert queued.status(comment.id) is Status.FLAGGED


def test_a_note_loses_what_a_database_cannot_keep(browse: Browse, queued: Queued) -> None:
    comment = queued()
    form = {"action": "approve", "comment": f"{comment.id}:{comment.revision}:flagged", "note": "a\x00b"}
    assert browse("moderator").post("/desk/decisions", form).status_code < 400
    assert queued.status(comment.id) is Status.APPROVED


@pytest.mark.parametrize(
    "until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01", "x", "", "\x00"]
)
def test_leaving_with_a_time_that_cannot_be_is_refused(browse: Browse, queued: Queued, until: str) -> None:
    form = {"shown": queued().id, "until": until}
    assert browse("moderator").post("/desk/leave", form).status_code == 400


@pytest.mark.parametrize("version", ["9" * 5_000, "99999999999", "٣", "-1", "x"])
def test_a_policys_version_may_be_anything(browse: Browse, version: str) -> None:
    assert browse("lead").post("/settings/policy", {"version": version}).status_code == 422
