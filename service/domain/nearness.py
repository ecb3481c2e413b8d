"""What a second reading is worth: how little of a change in the scores would make another decision."""

import math
from collections.abc import Iterable, Mapping

from service.domain.comment import ATTRIBUTES, is_supported
from service.domain.decision import SEVERITY, Reason
from service.domain.policy import Policy, Signals, by_score

LEAST = 0.00005
"""Half of the last digit that scores are told with: 0 and 1 have no logit."""

HIGHEST: Mapping[str, float] = dict.fromkeys(ATTRIBUTES, 1.0)

Places = tuple[tuple[str, float], ...]
"""Attributes with a threshold each, as a logit."""


def places_of(policy: Policy) -> Places:
    """Where the policy's thresholds are."""
    return tuple(
        (attribute, _logit(place))
        for attribute, threshold in policy.thresholds.items()
        for place in (threshold.flag, threshold.reject)
        if place is not None
    )


def nearness(scores: Mapping[str, float], places: Places) -> float:
    """The least distance of a score from a threshold, in logits: 0 is on it. Infinite without scores or thresholds."""
    logits = {attribute: _logit(score) for attribute, score in scores.items()}
    return min((abs(logits[name] - place) for name, place in places if name in logits), default=math.inf)


def open_to_scores(policy: Policy, signals: Signals, reasons: Iterable[Reason], language: str) -> bool:
    """Whether other scores could make it another action, given why it was decided so: a banned author stays rejected."""
    without = (SEVERITY.index(reason.action) for reason in reasons if reason.code != "score")
    worst = signals._replace(scores=HIGHEST, supported=is_supported(language))
    by_worst = (SEVERITY.index(reason.action) for reason in by_score(policy, worst))
    return max(by_worst, default=0) > max(without, default=0)


def _logit(probability: float) -> float:
    kept = min(max(probability, LEAST), 1 - LEAST)
    return math.log(kept / (1 - kept))
