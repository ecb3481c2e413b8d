"""A site's policy: small rules over signals, the strictest wins.

A rule is a generator of reasons; the next rule is the next line of RULES.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from service.domain.decision import SEVERITY, Action, Reason, Verdict


class Mode(StrEnum):
    """`pre`: hidden until approved. `post`: shown until rejected."""

    PRE = "pre"
    POST = "post"


@dataclass(frozen=True)
class Threshold:
    """The scores from which a comment is flagged and rejected; None is never."""

    flag: float | None = None
    reject: float | None = None


NEVER = Threshold()


@dataclass(frozen=True)
class Policy:
    """A site's rules, in one version."""

    version: int = 1
    mode: Mode = Mode.PRE
    thresholds: Mapping[str, Threshold] = field(default_factory=lambda: DEFAULT_THRESHOLDS)
    block_words: tuple[str, ...] = ()
    flag_words: tuple[str, ...] = ()
    allow_words: tuple[str, ...] = ()
    max_links: int = 2
    hold_first: int = 0
    trust_after: int | None = None
    flag_at_reports: int = 3
    flag_unsupported: bool = True

    @property
    def asks_history(self) -> bool:
        """Whether what an author wrote before makes a difference."""
        return self.hold_first > 0 or self.trust_after is not None


class Signals(NamedTuple):
    """All that a policy looks at. A tuple, as are verdicts and scores: they are made for each comment."""

    scores: Mapping[str, float] = MappingProxyType({})
    supported: bool = True
    blocked: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    links: int = 0
    author_approved: int = 0
    reports: int = 0
    author_banned: bool = False


DEFAULT_THRESHOLDS: Mapping[str, Threshold] = {
    "toxicity": Threshold(flag=0.26, reject=0.82),
    "severe_toxicity": Threshold(flag=0.1, reject=None),
    "identity_attack": Threshold(flag=0.28, reject=None),
    "insult": Threshold(flag=0.2, reject=0.85),
    "profanity": Threshold(flag=0.1, reject=0.77),
    "threat": Threshold(flag=None, reject=None),
    "sexually_explicit": Threshold(flag=0.1, reject=0.51),
    "spam": Threshold(flag=0.1, reject=0.81),
}
"""What a new site begins with: the shipped model's, chosen on sources left out of its training.

Flags aim at a precision of .5 (.33 for attributes in at most one of 50 comments), rejections at .95; an attribute that can't be
told that surely is only flagged. `python -m classifier thresholds` prints them with precision and recall.
"""


def by_score(policy: Policy, signals: Signals) -> Iterable[Reason]:
    """A reason for each attribute whose score reaches a threshold.

    A trusted author is only ever flagged, and so is a text in an unsupported language where the site has those flagged.
    """
    trusted = policy.trust_after is not None and signals.author_approved >= policy.trust_after
    rejects = not trusted and (signals.supported or not policy.flag_unsupported)
    for attribute, score in signals.scores.items():
        threshold = policy.thresholds.get(attribute, NEVER)
        at = threshold.reject if threshold.flag is None else threshold.flag
        if threshold.reject is not None and score >= threshold.reject and rejects:
            yield Reason("score", Action.REJECT, attribute, score, threshold.reject)
        elif at is not None and score >= at:
            yield Reason("score", Action.FLAG, attribute, score, at)


def by_language(policy: Policy, signals: Signals) -> Iterable[Reason]:
    """A reason when the text is in a language that its scores say little about."""
    if policy.flag_unsupported and not signals.supported:
        yield Reason("unsupported_language", Action.FLAG)


def by_words(_policy: Policy, signals: Signals) -> Iterable[Reason]:
    """A reason for each word of the site's lists that was found."""
    for word in signals.blocked:
        yield Reason("word", Action.REJECT, detail=word)
    for word in signals.flagged:
        yield Reason("word", Action.FLAG, detail=word)


def by_links(policy: Policy, signals: Signals) -> Iterable[Reason]:
    """A reason when there are more links than the site allows."""
    if signals.links > policy.max_links:
        yield Reason("links", Action.FLAG, detail=str(signals.links))


def by_history(policy: Policy, signals: Signals) -> Iterable[Reason]:
    """A reason while an author has fewer approved comments than the site wants to see first."""
    if signals.author_approved < policy.hold_first:
        yield Reason("new_author", Action.FLAG, detail=str(signals.author_approved))


def by_reports(policy: Policy, signals: Signals) -> Iterable[Reason]:
    """A reason when enough readers complained."""
    if policy.flag_at_reports and signals.reports >= policy.flag_at_reports:
        yield Reason("reports", Action.FLAG, detail=str(signals.reports))


def by_ban(_policy: Policy, signals: Signals) -> Iterable[Reason]:
    """A reason while a moderator has banned the author."""
    if signals.author_banned:
        yield Reason("banned_author", Action.REJECT)


RULES = (by_ban, by_score, by_language, by_words, by_links, by_history, by_reports)


def decide(policy: Policy, signals: Signals) -> Verdict:
    """What the policy makes of the signals: the strictest action that any rule asks for, and every reason."""
    reasons = tuple(reason for rule in RULES for reason in rule(policy, signals))
    action = max((reason.action for reason in reasons), key=SEVERITY.index) if reasons else Action.APPROVE
    return Verdict(action, reasons, policy.version)


def risk(scores: Mapping[str, float]) -> float:
    """The harm to be expected of a comment, from 0 up: the queue's order, worst first.

    A sum of probabilities, each weighted by what it would do to people, and apart from the thresholds: those say what to look
    at, and an attribute that is flagged early is not the worse for it.
    """
    return sum(HARM[name] * score for name, score in scores.items())


def priority(risk: float, reach: float, received: float) -> float:
    """A place in the queue, the first the highest: log2(risk x reach x waiting), in a form that does not change as time passes.

    `received` is in seconds since 1970; each URGENT_AFTER seconds of waiting count as twice the risk, so that a mild comment does
    not wait for ever behind newer, worse ones. A reach of r readers weighs 1 + log10(r): twice as many are not twice as bad.
    """
    return math.log2(max(risk, LEAST_RISK) * reach_weight(reach)) - (received - EPOCH) / URGENT_AFTER


def reach_weight(reach: float) -> float:
    """How much more a comment weighs that so many may read; 1 for one that a site says nothing of."""
    return 1 + math.log10(max(reach, 1.0))


LEAST_RISK = 0.001
"""For the logarithm: what has no risk still has a place."""

EPOCH = 1_767_225_600
"""2026 began, in seconds since 1970; any fixed time would do, and a near one keeps the numbers small."""

URGENT_AFTER = 43_200.0
"""Seconds of waiting that count as twice the risk: half a day. Our judgement."""

HARM: Mapping[str, float] = {
    "threat": 4.0,
    "severe_toxicity": 3.0,
    "identity_attack": 2.0,
    "sexually_explicit": 2.0,
    "insult": 1.0,
    "toxicity": 1.0,
    "spam": 1.0,
    "profanity": 0.5,
}
"""How much worse than an insult; our judgement, to be questioned by the desk's figures."""
