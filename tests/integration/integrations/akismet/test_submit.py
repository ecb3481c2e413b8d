"""Corrections: a decision that is taken once, and one label."""

from typing import Any

import pytest
import sqlalchemy as sa

from service.store import Store
from service.store.decisions import Decisions
from service.store.tables import labels
from tests.api import Api
from tests.integration.integrations.akismet.conftest import SPAM, THANKS, Akismet, body, sari

SENTENCE = "Thanks for making the web a better place."


def kept_labels(store: Store) -> list[dict[str, Any]]:
    with store.read() as tx:
        return [dict(row) for row in tx.connection.execute(sa.select(labels).order_by(labels.c.id)).mappings()]


def decisions(akismet: Akismet) -> list[tuple[str, str]]:
    (comment,) = akismet.comments()
    with akismet.store.read() as tx:
        return [(one.actor.value, one.action.value) for one in Decisions(tx, akismet.site_id).of_comment(comment.id)]


def test_spam_that_was_missed_is_rejected_and_labelled(akismet: Akismet) -> None:
    assert body(akismet.check(THANKS["id"])) == "false"
    for _ in range(3):
        assert body(akismet.post("submit-spam", **sari(THANKS["id"]))) == SENTENCE
    assert decisions(akismet) == [("policy", "approve"), ("api", "reject")]
    (label,) = kept_labels(akismet.store)
    assert (label["source"], label["attribute"], label["value"]) == ("akismet", "spam", 1.0)
    assert (label["comment_id"], label["text"]) == (akismet.comments()[0].id, None)


def test_what_was_no_spam_is_approved_and_labelled(akismet: Akismet) -> None:
    assert body(akismet.check(SPAM["en"])) == "true"
    for _ in range(3):
        assert body(akismet.post("submit-ham", **sari(SPAM["en"]))) == SENTENCE
    assert decisions(akismet)[1:] == [("api", "approve")]
    assert [label["value"] for label in kept_labels(akismet.store)] == [0.0]


def test_a_change_of_mind_leaves_one_label(akismet: Akismet) -> None:
    akismet.check(THANKS["id"])
    for call in ("submit-spam", "submit-ham", "submit-spam", "submit-ham"):
        akismet.post(call, **sari(THANKS["id"]))
    assert [action for _, action in decisions(akismet)] == ["approve", "reject", "approve", "reject", "approve"]
    assert [label["value"] for label in kept_labels(akismet.store)] == [0.0]


def test_of_what_was_never_checked_the_label_alone_is_kept(akismet: Akismet) -> None:
    assert body(akismet.post("submit-spam", **sari(SPAM["id"]))) == SENTENCE
    assert (
        body(akismet.post("submit-spam", **{**sari(SPAM["id"]), "permalink": "https://news.example/other"})) == SENTENCE
    )
    assert akismet.comments() == []
    (label,) = kept_labels(akismet.store)
    assert (label["text"], label["comment_id"], label["value"]) == (SPAM["id"], None, 1.0)


@pytest.mark.parametrize("call", ["submit-spam", "submit-ham"])
def test_tests_and_empty_ones_leave_nothing(akismet: Akismet, call: str) -> None:
    assert body(akismet.post(call, **sari(SPAM["id"]), is_test="1")) == SENTENCE
    assert body(akismet.post(call)) == SENTENCE
    assert (akismet.comments(), kept_labels(akismet.store)) == ([], [])


@pytest.mark.parametrize(
    "written",
    [
        "<p>Terima kasih   atas tulisannya,<br>sangat membantu.</p>\n",
        "Terima kasih atas tulisannya,\r\n\r\nsangat&nbsp;membantu.",
        "TERIMA KASIH ATAS TULISANNYA, <a href='http://x.example'>sangat</a> membantu.",
    ],
)
def test_a_comment_is_found_again_however_it_was_marked_up(akismet: Akismet, written: str) -> None:
    akismet.check(THANKS["id"])
    akismet.post("submit-spam", **sari(written))
    assert decisions(akismet) == [("policy", "approve"), ("api", "reject")]


def test_another_site_corrects_nothing_here(akismet: Akismet, other_api: Api) -> None:
    akismet.check(THANKS["id"])
    body(akismet.post("submit-spam", api_key=other_api.key, **sari(THANKS["id"])))
    assert decisions(akismet) == [("policy", "approve")]
    assert [label["site_id"] == akismet.site_id for label in kept_labels(akismet.store)] == [False]


def test_a_label_goes_with_its_comment(akismet: Akismet, api: Api) -> None:
    akismet.check(THANKS["id"])
    akismet.post("submit-spam", **sari(THANKS["id"]))
    assert api.delete(f"/v1/comments/{akismet.comments()[0].id}").status_code == 204
    assert kept_labels(akismet.store) == []


def test_a_decision_of_the_sites_staff_reaches_the_site(akismet: Akismet, api: Api) -> None:
    akismet.check(THANKS["id"])
    akismet.post("submit-spam", **sari(THANKS["id"]))
    shown = api.get("/v1/comments").json["comments"][0]
    assert (shown["status"], shown["decision"]["actor"], shown["reasons"]) == (
        "rejected",
        "api",
        [{"code": "spam", "action": "reject"}],
    )
