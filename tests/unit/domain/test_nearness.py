"""How near scores are to another decision, and whether they could make one."""

import math

import pytest

from service.domain.decision import Action, Reason
from service.domain.nearness import nearness, open_to_scores, places_of
from service.domain.policy import Policy, Signals, Threshold, decide
from tests.factories import a_policy, some_signals

PLACES = places_of(a_policy(thresholds={"toxicity": Threshold(0.5, 0.9), "threat": Threshold(None, None)}))


@pytest.mark.parametrize(("score", "distance"), [(0.5, 0.0), (0.25, math.log(3)), (0.9, 0.0)])
def test_the_nearest_threshold_counts_in_logits(score: float, distance: float) -> None:
    assert nearness({"toxicity": score, "threat": 0.5}, PLACES) == pytest.approx(distance)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_a_score_at_either_end_is_far_and_not_endless(score: float) -> None:
    assert 5 < nearness({"toxicity": score}, PLACES) < 20


def test_without_a_threshold_or_a_score_nothing_is_near() -> None:
    assert nearness({"insult": 0.5}, PLACES) == math.inf
    assert nearness({}, PLACES) == math.inf
    assert nearness({"toxicity": 0.5}, ()) == math.inf


@pytest.mark.parametrize(
    ("policy", "signals", "language", "is_open"),
    [
        (a_policy(), some_signals(), "id", True),
        (a_policy(), some_signals(author_banned=True), "id", False),
        (a_policy(), some_signals(blocked=("togel",)), "id", False),
        # flagged already, but a score may reject it
        (a_policy(), some_signals(links=9), "id", True),
        (a_policy(), some_signals(supported=False), "other", False),
        (a_policy(flag_unsupported=False), some_signals(supported=False), "other", True),
        # a trusted author is only ever flagged
        (a_policy(trust_after=1), some_signals(author_approved=5, links=9), "id", False),
        (a_policy(trust_after=1), some_signals(author_approved=5), "id", True),
        (a_policy(thresholds={}), some_signals(), "id", False),
        (a_policy(thresholds={"spam": Threshold(0.5, None)}), some_signals(links=9), "id", False),
    ],
)
def test_only_what_scores_can_change_is_open_to_them(
    policy: Policy, signals: Signals, language: str, is_open: bool
) -> None:
    assert open_to_scores(policy, signals, decide(policy, signals).reasons, language) is is_open


def test_what_a_score_decided_another_may_undo() -> None:
    reasons = (Reason("score", Action.REJECT, "spam", 0.9, 0.8),)
    assert open_to_scores(a_policy(), Signals(), reasons, "id")
