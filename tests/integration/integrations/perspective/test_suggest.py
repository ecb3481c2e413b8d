"""Feedback: what a person thinks right is kept as a label, and nothing more is made of it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.compat import Compat, UnknownAttributes
from service.domain.errors import CantDecide
from service.moderation.at_once import AtOnce
from service.store import Store
from service.store.tables import labels
from tests.api import Api
from tests.integration.integrations.perspective.conftest import Caller
from tests.integration.integrations.perspective.test_errors import (
    EMPTY,
    HTML,
    TOO_LONG,
    UNDETECTED,
    refused,
    score_type,
    unknown,
    unsupported,
)

TEXT = "Dasar goblok kamu!"


def a_suggestion(value: object = 1, name: str = "TOXICITY", **more: object) -> dict[str, object]:
    return {"comment": {"text": TEXT}, "attributeScores": {name: {"summaryScore": {"value": value}}}, **more}


def kept(store: Store) -> list[dict[str, Any]]:
    """Every label of every site, the oldest first."""
    with store.read() as tx:
        return [dict(row) for row in tx.connection.execute(sa.select(labels).order_by(labels.c.id)).mappings()]


def test_a_suggestion_is_kept_as_a_label_of_its_site(caller: Caller, store: Store, api: Api) -> None:
    answer = caller.send("suggestscore", a_suggestion(clientToken="comment:c1", languages=["id"]))
    assert (answer.status_code, answer.content_type) == (200, "application/json; charset=UTF-8")
    assert answer.json == {"clientToken": "comment:c1", "detectedLanguages": ["id"], "requestedLanguages": ["id"]}
    (label,) = kept(store)
    told = {name: label[name] for name in ("source", "key", "attribute", "value", "text", "comment_id")}
    assert told == {
        "source": "perspective",
        "key": "comment:c1",
        "attribute": "toxicity",
        "value": 1,
        "text": TEXT,
        "comment_id": None,
    }
    assert api.get("/v1/comments").json["comments"] == []


def test_only_what_there_is_to_say_is_said(caller: Caller) -> None:
    assert caller.send("suggestscore", a_suggestion()).json == {"detectedLanguages": ["id"]}


def test_a_suggestion_is_kept_though_there_is_no_time_to_tell_its_language(
    caller: Caller, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_asked: object) -> None:
        raise CantDecide("no place")

    monkeypatch.setattr(AtOnce, "score", late)
    answer = caller.send("suggestscore", a_suggestion(clientToken="c1"))
    assert (answer.status_code, answer.json) == (200, {"clientToken": "c1"})
    assert [label["key"] for label in kept(store)] == ["c1"]


def test_the_same_again_changes_nothing_and_another_value_replaces_it(caller: Caller, store: Store) -> None:
    for value in (1, 1, 0):
        assert caller.send("suggestscore", a_suggestion(value, clientToken="c1")).status_code == 200
    assert [label["value"] for label in kept(store)] == [0]


def test_labels_differ_by_token_and_attribute(caller: Caller, store: Store) -> None:
    for token, name in (("c1", "TOXICITY"), ("c2", "TOXICITY"), ("c1", "INSULT"), ("c1", "toxicity")):
        caller.send("suggestscore", a_suggestion(name=name, clientToken=token))
    assert {(label["key"], label["attribute"]) for label in kept(store)} == {
        ("c1", "toxicity"),
        ("c2", "toxicity"),
        ("c1", "insult"),
    }


def test_sites_with_the_same_token_do_not_meet(caller: Caller, store: Store, other_api: Api) -> None:
    other = Caller(caller.client, other_api.key)
    caller.send("suggestscore", a_suggestion(1, clientToken="c1"))
    other.send("suggestscore", a_suggestion(0, clientToken="c1"))
    assert sorted(label["value"] for label in kept(store)) == [0, 1]


def test_without_a_token_the_text_names_the_label(caller: Caller, store: Store) -> None:
    other = a_suggestion() | {"comment": {"text": "Terima kasih banyak"}}
    for body in (a_suggestion(), a_suggestion(), a_suggestion(clientToken=""), other):
        caller.send("suggestscore", body)
    assert len({label["key"] for label in kept(store)}) == len(kept(store)) == 2


@pytest.mark.parametrize("token", ["x" * 201, "a\x00b"])
def test_a_token_that_can_not_be_kept_comes_back_and_is_told_apart(caller: Caller, store: Store, token: str) -> None:
    for sent in (token, token, token + "y"):
        assert caller.send("suggestscore", a_suggestion(clientToken=sent)).json["clientToken"] == sent
    assert len(kept(store)) == 2


def test_a_text_with_a_nul_is_kept_without_it(caller: Caller, store: Store) -> None:
    caller.send("suggestscore", a_suggestion() | {"comment": {"text": "Dasar\x00 goblok kamu"}})
    assert [label["text"] for label in kept(store)] == ["Dasar\ufffd goblok kamu"]


def test_several_attributes_in_snake_case_with_their_spans(caller: Caller, store: Store) -> None:
    span = {"begin": 0, "end": 5, "score": {"value": 1, "type": "PROBABILITY"}}
    scores = {
        "TOXICITY": {"summary_score": {"value": 0.25, "type": "PROBABILITY"}, "span_scores": [span]},
        "INSULT@6": {"summary_score": {"value": {"value": 0.5}, "type": "SCORE_TYPE_UNSPECIFIED"}},
    }
    body = {
        "comment": {"text": TEXT},
        "attribute_scores": scores,
        "client_token": "c1",
        "community_id": "x",
        "session_id": 5,
    }
    assert caller.send("suggestscore", body).status_code == 200
    assert {label["attribute"]: label["value"] for label in kept(store)} == {"toxicity": 0.25, "insult": 0.5}


NO_VALUE = refused("Each attribute needs a summary_score with a value from 0 to 1.", "INVALID_REQUEST")
NO_SCORES = refused("Missing attribute_scores", "NO_REQUESTED_ATTRIBUTES")
RAW = {"TOXICITY": {"summaryScore": {"value": 3, "type": "RAW"}}}

ROWS = {
    "no text": ({"comment": {}}, EMPTY),
    "a byte too many": ({"comment": {"text": "a" * 20_481}}, TOO_LONG),
    "HTML": ({"comment": {"text": "a", "type": "HTML"}}, HTML),
    "no scores": ({"attributeScores": {}}, NO_SCORES),
    "null for scores": ({"attributeScores": None}, NO_SCORES),
    "no summary": ({"attributeScores": {"TOXICITY": {}}}, NO_VALUE),
    "no value": ({"attributeScores": {"TOXICITY": {"summaryScore": {"type": "PROBABILITY"}}}}, NO_VALUE),
    "above 1": ({"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1.1}}}}, NO_VALUE),
    "below 0": ({"attributeScores": {"TOXICITY": {"summaryScore": {"value": -0.1}}}}, NO_VALUE),
    "an unknown attribute": ({"attributeScores": {"X": {"summaryScore": {"value": 1}}}}, unknown("X")),
    "a raw score": ({"attributeScores": RAW}, score_type("RAW", "TOXICITY")),
    "a language without a model": ({"languages": ["fr"]}, unsupported("TOXICITY", ["fr"], "requestedLanguages")),
    "nothing of any language": ({"comment": {"text": "123"}}, UNDETECTED),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "told"), ROWS.values(), ids=ROWS)
def test_what_is_refused_is_not_kept(
    caller: Caller, store: Store, changed: dict[str, object], told: dict[str, Any]
) -> None:
    answer = caller.send("suggestscore", a_suggestion() | changed)
    assert (answer.status_code, answer.json) == (400, told)
    assert kept(store) == []


@pytest.mark.parametrize(
    "scores", [[], {"TOXICITY": 1}, {"TOXICITY": {"summaryScore": 1}}, {"TOXICITY": {"summaryScore": {"value": "1"}}}]
)
def test_a_wrong_type_is_told(caller: Caller, store: Store, scores: object) -> None:
    error = caller.send("suggestscore", a_suggestion() | {"attributeScores": scores}).json["error"]
    assert error["message"].startswith("Invalid JSON payload received. Invalid value at 'attribute_scores")
    assert kept(store) == []


def test_nothing_is_kept_for_an_attribute_that_nothing_is_trained_for(
    caller: Caller, store: Store, choose: Callable[[Compat], None]
) -> None:
    choose(Compat(unknown_attributes=UnknownAttributes.ZERO))
    assert caller.send("suggestscore", a_suggestion(name="OBSCENE")).status_code == 200
    assert kept(store) == []


def test_feedback_needs_a_key(caller: Caller, store: Store) -> None:
    caller.key = None
    assert caller.send("suggestscore", a_suggestion()).status_code == 403
    assert kept(store) == []
