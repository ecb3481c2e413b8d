"""The names of what is scored: theirs, and which of ours answers to each."""

from collections.abc import Iterable
from types import MappingProxyType

from service.domain.comment import ATTRIBUTES

TWIN = "_EXPERIMENTAL"
"""What a name ended in while its model was tried: the same quality."""

OURS = MappingProxyType(
    {
        **{name.upper(): name for name in ATTRIBUTES},
        **{name.upper() + TWIN: name for name in ATTRIBUTES},
        "TOXICITY_FAST": "toxicity",
        # the model's name is free text in Coral's settings
        **{name: name for name in ATTRIBUTES},
    }
)
"""Our attribute for each name."""

NEW_YORK_TIMES = frozenset(
    {
        "ATTACK_ON_AUTHOR",
        "ATTACK_ON_COMMENTER",
        "ATTACK_ON_PUBLISHER",
        "INCOHERENT",
        "INFLAMMATORY",
        "LIKELY_TO_REJECT",
        "OBSCENE",
        "OFF_TOPIC",
        "UNSUBSTANTIAL",
    }
)
BRIDGING = frozenset(
    {
        "AFFINITY_EXPERIMENTAL",
        "COMPASSION_EXPERIMENTAL",
        "CONSTRUCTIVE_EXPERIMENTAL",
        "CURIOSITY_EXPERIMENTAL",
        "NUANCE_EXPERIMENTAL",
        "PERSONAL_STORY_EXPERIMENTAL",
        "REASONING_EXPERIMENTAL",
        "RESPECT_EXPERIMENTAL",
    }
)
PERSUASION = frozenset(
    {
        "ALIENATION_EXPERIMENTAL",
        "FEARMONGERING_EXPERIMENTAL",
        "GENERALIZATION_EXPERIMENTAL",
        "MORAL_OUTRAGE_EXPERIMENTAL",
        "POWER_APPEAL_EXPERIMENTAL",
        "SCAPEGOATING_EXPERIMENTAL",
    }
)
WITHOUT_MODEL = frozenset({"FLIRTATION"}) | NEW_YORK_TIMES | BRIDGING | PERSUASION
"""What the service scored and we have no model for. OBSCENE is no PROFANITY and LIKELY_TO_REJECT no TOXICITY: none is answered by
the score of a neighbour."""


def our_name(name: str) -> str | None:
    """Our attribute for a name as it is asked for, such as `TOXICITY@6`; None when there is none."""
    return OURS.get(_unversioned(name))


def first_unknown(names: Iterable[str], *, neutral: bool) -> str | None:
    """The first of the names that can't be answered. neutral: what the service knew and we don't is answered all the same.

    A name that the service never had is always unknown: a misspelt one must not turn a site's moderation off.
    """
    for name in names:
        if our_name(name) is None and not (neutral and _unversioned(name) in WITHOUT_MODEL):
            return name
    return None


def _unversioned(name: str) -> str:
    return name.partition("@")[0]
