"""OpenAI's thirteen categories from our attributes. Which have no model, and so are never flagged, is said in each answer."""

from collections.abc import Callable, Mapping

from service.domain.compat import OPENAI_CATEGORIES

Attributes = Mapping[str, float]

THRESHOLD = 0.5
"""From which score a category is flagged where a site has not chosen."""


def _harassment(scores: Attributes) -> float:
    return max(scores["insult"], scores["toxicity"])


SCORED: Mapping[str, Callable[[Attributes], float]] = {
    "harassment": _harassment,
    "harassment/threatening": lambda scores: min(scores["threat"], _harassment(scores)),
    "hate": lambda scores: scores["identity_attack"],
    "hate/threatening": lambda scores: min(scores["identity_attack"], scores["threat"]),
    "sexual": lambda scores: scores["sexually_explicit"],
    "violence": lambda scores: scores["threat"],
}
"""What each category is scored by; for the others there is no model. Two attributes at once are as likely as the lesser one."""

NOT_JUDGED: dict[str, object] = {
    "flagged": False,
    "categories": dict.fromkeys(OPENAI_CATEGORIES, False),
    "category_scores": dict.fromkeys(OPENAI_CATEGORIES, 0.0),
    "category_applied_input_types": {category: [] for category in OPENAI_CATEGORIES},
}
"""The result for an item without text."""


def result(scores: Attributes, thresholds: Mapping[str, float]) -> dict[str, object]:
    """What is answered for one item. `thresholds`: a site's own, by category."""
    scored = {category: score(scores) for category, score in SCORED.items()}
    flags = {category: scored[category] >= thresholds.get(category, THRESHOLD) for category in scored}
    return {
        "flagged": any(flags.values()),
        "categories": {category: flags.get(category, False) for category in OPENAI_CATEGORIES},
        "category_scores": {category: scored.get(category, 0.0) for category in OPENAI_CATEGORIES},
        "category_applied_input_types": {
            category: ["text"] if category in scored else [] for category in OPENAI_CATEGORIES
        },
    }
