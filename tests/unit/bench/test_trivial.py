"""The scorer that does not look stores as much as the shipped one, and its policy asks for nothing."""

import pytest

import classifier
from bench.trivial import EMPTY_POLICY, trivial
from service.domain.decision import Action
from service.domain.policy_json import from_json
from service.moderation.judge import Submission, judge

TEXTS = ["anjing, tolol lu", "https://a.example https://b.example https://c.example", "", "Vous êtes bête"]


@pytest.mark.parametrize("text", TEXTS)
def test_every_comment_is_approved_without_a_reason(text: str) -> None:
    judged = judge([Submission(text, from_json(EMPTY_POLICY, 1))], trivial())[0]
    assert judged.verdict.action is Action.APPROVE
    assert judged.verdict.reasons == ()


def test_there_are_as_many_scores_as_the_shipped_model_gives() -> None:
    judged = judge([Submission("halo", from_json(EMPTY_POLICY, 1))], trivial())[0]
    assert judged.scores.by_attribute.keys() == set(classifier.load().attributes)
    assert set(judged.scores.by_attribute.values()) == {0.0}


def test_many_at_once_are_as_many() -> None:
    scores, languages = trivial().predict(TEXTS)
    assert scores.shape == (4, len(classifier.load().attributes))
    assert languages == ["en"] * 4
