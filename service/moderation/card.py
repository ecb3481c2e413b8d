"""What a moderator sees of a comment: its text with the words that caused its scores marked, and all that helps to decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from classifier import Classifier, Span
from service.domain.comment import Status, readers_of
from service.domain.decision import Actor, Reason
from service.domain.policy import URGENT_AFTER, Policy, Threshold, reach_weight, risk
from service.domain.reasons import site_reasons
from service.moderation.marks import Reading, Segment, reading, segments
from service.store import Store, Transaction
from service.store.around import Around, Surroundings
from service.store.policies import Policies
from service.store.rows import CommentRow, DecisionRow
from service.store.sites import Sites

MAIN_BARS = 4
"""Scores shown on a card even when none reaches a threshold."""

REMARKS = 3
"""Reports and notes shown on a card."""

VAGUEST = "toxicity"
"""It rises with nearly every other attribute, so a word is marked for the other where both apply."""

WORST = ("severe_toxicity", "threat", "identity_attack", "sexually_explicit")
WORST_FROM = 0.5
"""From such a score in one of these a text may be veiled until somebody asks to read it: the likelier kind hurts to read."""


@dataclass(frozen=True)
class Bar:
    """A score beside the site's thresholds."""

    attribute: str
    score: float
    threshold: Threshold

    @property
    def reached(self) -> bool:
        """True when the score reaches a threshold."""
        at = self.threshold.flag if self.threshold.flag is not None else self.threshold.reject
        return at is not None and self.score >= at

    @property
    def risk(self) -> float:
        """Its part in the harm that orders the queue."""
        return risk({self.attribute: self.score})


@dataclass(frozen=True)
class Place:
    """Why a comment stands where it does in the queue: risk x readers' weight x waiting's weight, see `priority`."""

    risk: float
    reach: float
    waited: timedelta

    @property
    def reach_weight(self) -> float:
        """How much more it weighs for being read by so many."""
        return reach_weight(self.reach)

    @property
    def wait_weight(self) -> float:
        """How much more it weighs for having waited."""
        return float(2 ** min(self.waited.total_seconds() / URGENT_AFTER, LONGEST_WAIT))


LONGEST_WAIT = 30
"""Doublings after which nobody reads the number: two weeks. Beyond 90 it has more digits than can be written."""


@dataclass(frozen=True)
class Card:
    """A comment as a moderator sees it.

    `reasons` are the policy's last, `causes` the attributes that brought the comment here, the likeliest first. `reading` is None
    unless the text is disguised. `ban` is the end of one that stands now.
    `labels` are the site's own for people's reasons, by their codes.
    """

    comment: CommentRow
    segments: tuple[Segment, ...]
    reading: Reading | None
    bars: tuple[Bar, ...]
    reasons: tuple[Reason, ...]
    causes: tuple[str, ...]
    around: Surroundings
    place: Place
    ban: datetime | None
    labels: Mapping[str, str]

    @property
    def worst(self) -> Bar | None:
        """The score that does most for the comment's place in the queue."""
        return max(self.bars, key=lambda bar: bar.risk, default=None)

    @property
    def main_bars(self) -> tuple[Bar, ...]:
        """The scores worth a moderator's look: the highest, and whatever reaches a threshold."""
        return tuple(bar for place, bar in enumerate(self.bars) if place < MAIN_BARS or bar.reached)

    @property
    def marked(self) -> tuple[str | None, ...]:
        """What the marks stand for, each once."""
        return tuple(dict.fromkeys(segment.mark.attribute for segment in self.segments if segment.mark))

    @property
    def last_by_people(self) -> DecisionRow | None:
        """The last decision, when it was not the policy's."""
        last = self.around.decisions[-1] if self.around.decisions else None
        return last if last and last.actor is not Actor.POLICY else None

    @property
    def readers(self) -> tuple[str, ...]:
        """Versions of the readers that made its scores; none while it has no scores."""
        return readers_of(self.comment.model_version) if self.comment.model_version else ()

    @property
    def by_both(self) -> bool:
        """Whether both readers made its scores."""
        return len(self.readers) > 1

    @property
    def in_queue(self) -> bool:
        """Whether it stands in the flagged queue, and so has a place there."""
        return self.comment.status is Status.FLAGGED


def is_worst(scores: Mapping[str, float] | None) -> bool:
    """Whether a text with these scores is of the worst kind to read."""
    return any((scores or {}).get(name, 0.0) >= WORST_FROM for name in WORST)


def cards(
    store: Store, classifier: Classifier, site_id: str, comments: Sequence[CommentRow], remarks: int = REMARKS
) -> list[Card]:
    """The cards of these comments, in their order. The number of statements is the same for one and for many.

    remarks: reports and notes shown of each, the newest.
    """
    with store.read() as tx:
        policy = Policies(tx, site_id).current()
        around = Around(tx, site_id).of(comments, remarks)
        chosen = any(one.reasons for of in around.values() for one in of.decisions if one.actor is not Actor.POLICY)
        labels = _labels(tx, site_id) if chosen else {}
    return [_card(classifier, policy, labels, comment, around[comment.id], tx.now) for comment in comments]


def _labels(tx: Transaction, site_id: str) -> dict[str, str]:
    """What the site calls people's reasons, where it has words of its own."""
    site = Sites(tx).get(site_id)
    return {reason.code: reason.label for reason in site_reasons(site.reasons if site else None) if reason.label}


def _card(
    classifier: Classifier,
    policy: Policy,
    labels: Mapping[str, str],
    comment: CommentRow,
    around: Surroundings,
    now: datetime,
) -> Card:
    by_policy = [decision for decision in around.decisions if decision.actor is Actor.POLICY]
    reasons = by_policy[-1].reasons if by_policy else ()
    bars = _bars(policy, comment)
    causes = _causes(reasons, bars)
    spans = classifier.explain(comment.text, causes) if causes else ()
    folded = classifier.fold(comment.text)
    banned_until = comment.author.banned_until
    return Card(
        comment,
        segments(comment.text, spans, causes, _listed(reasons), classifier, folded),
        reading(comment.text, folded),
        bars,
        reasons,
        causes,
        around,
        Place(comment.risk, comment.reach, max(now - comment.received_at, timedelta())),
        banned_until if banned_until and banned_until > now else None,
        labels,
    )


def remarked(card: Card, classifier: Classifier, spans: Iterable[Span]) -> Card:
    """The same card with other spans of its causes marked."""
    text = card.comment.text
    marked = segments(text, spans, card.causes, _listed(card.reasons), classifier, classifier.fold(text))
    return replace(card, segments=marked)


def _listed(reasons: Sequence[Reason]) -> list[str]:
    """The words of the site's lists that were found."""
    return [reason.detail for reason in reasons if reason.code == "word" and reason.detail]


def _bars(policy: Policy, comment: CommentRow) -> tuple[Bar, ...]:
    """The scores, the highest first."""
    scores = sorted((comment.scores or {}).items(), key=lambda pair: -pair[1])
    return tuple(Bar(name, score, policy.thresholds.get(name, Threshold())) for name, score in scores)


def _causes(reasons: Sequence[Reason], bars: Sequence[Bar]) -> tuple[str, ...]:
    """The attributes that brought the comment here, the likeliest first."""
    named = {reason.attribute for reason in reasons if reason.attribute}
    likeliest = sorted(bars, key=lambda bar: (bar.attribute == VAGUEST, -bar.score))
    return tuple(bar.attribute for bar in likeliest if bar.attribute in named or (not named and bar.reached))
