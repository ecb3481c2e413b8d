"""Which attributes have a score, and what is said of the others."""

from collections.abc import Callable

import pytest

from service.domain.comment import ATTRIBUTES
from service.domain.compat import Compat, UnknownAttributes
from service.integrations.perspective.attributes import WITHOUT_MODEL
from tests.integration.integrations.perspective.conftest import Caller

TEXT = "You are a stupid idiot."
PRODUCTION = ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"]
ANSWERED = [*PRODUCTION, *(f"{name}_EXPERIMENTAL" for name in PRODUCTION), "SEXUALLY_EXPLICIT", "SPAM", *ATTRIBUTES]
KNOWN_TO_THE_SERVICE = [
    "FLIRTATION",
    "OBSCENE",
    "LIKELY_TO_REJECT",
    "NUANCE_EXPERIMENTAL",
    "MORAL_OUTRAGE_EXPERIMENTAL",
]


def test_what_there_is_a_model_for_is_scored(caller: Caller) -> None:
    scores = caller.analyze(TEXT, *ANSWERED)["attributeScores"]
    assert list(scores) == ANSWERED
    assert all(0 < told["summaryScore"]["value"] < 1 for told in scores.values())


@pytest.mark.parametrize("name", sorted(WITHOUT_MODEL))
def test_what_there_is_no_model_for_is_unknown(caller: Caller, name: str) -> None:
    error = caller.analyze(TEXT, "TOXICITY", name)["error"]
    assert (error["code"], error["message"]) == (400, f"Unknown requested attribute: {name}")


@pytest.mark.parametrize("name", [*sorted(WITHOUT_MODEL), "OBSCENE@2"])
def test_a_site_may_want_a_neutral_0_for_it(caller: Caller, choose: Callable[[Compat], None], name: str) -> None:
    choose(Compat(unknown_attributes=UnknownAttributes.ZERO))
    scores = caller.analyze(TEXT, "TOXICITY", name, spanAnnotations=True)["attributeScores"]
    neutral = {"value": 0, "type": "PROBABILITY"}
    assert scores[name] == {"spanScores": [{"begin": 0, "end": 23, "score": neutral}], "summaryScore": neutral}
    assert scores["TOXICITY"]["summaryScore"]["value"] > 0.5


def test_a_neutral_0_is_below_a_threshold(caller: Caller, choose: Callable[[Compat], None]) -> None:
    choose(Compat(unknown_attributes=UnknownAttributes.ZERO))
    assert caller.analyze(TEXT, requestedAttributes={"OBSCENE": {"scoreThreshold": 0.01}})["attributeScores"] == {}


def test_a_misspelt_name_stays_unknown_or_nothing_would_be_moderated(
    caller: Caller, choose: Callable[[Compat], None]
) -> None:
    choose(Compat(unknown_attributes=UnknownAttributes.ZERO))
    assert caller.analyze(TEXT, "TOXCITY")["error"]["message"] == "Unknown requested attribute: TOXCITY"
