"""What a moderator sees of a comment: its text with the words that caused its scores marked, and all that helps to decide."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from classifier import Classifier, Span
from service.domain.decision import Actor, Reason
from service.domain.policy import Policy, Threshold, risk
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.policies import Policies
from service.store.queue import Queue
from service.store.rows import CommentRow, DecisionRow

MAX_DISGUISES = 8
"""Words shown as written and as read; more would bury the comment."""

MAIN_BARS = 4
"""Scores shown on a card even when none reaches a threshold."""

OTHERS = 3
"""Comments of the same author shown on a card."""

MARKED_FROM, STRONG_FROM = 0.35, 0.7
"""Parts of the heaviest word's weight from which a word is marked, and marked strongly.

A text where every word is marked explains nothing."""

VAGUEST = "toxicity"
"""It rises with nearly every other attribute, so a word is marked for the other where both apply."""

MAX_WRITTEN = 60
"""Characters shown of a disguised word."""


@dataclass(frozen=True)
class Mark:
    """Why a stretch of text is marked: an attribute that it raised, or (None) a word of the site's list."""

    attribute: str | None
    strong: bool


@dataclass(frozen=True)
class Segment:
    """A stretch of the text, marked or not; the segments together are the text."""

    text: str
    mark: Mark | None = None


@dataclass(frozen=True)
class Disguise:
    """A word as written and as the classifier read it."""

    written: str
    read: str


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
class Card:
    """A comment as a moderator sees it.

    `reasons` are the policy's, `others` the author's last comments, `names` those of the moderators in `decisions`.
    """

    comment: CommentRow
    segments: tuple[Segment, ...]
    disguises: tuple[Disguise, ...]
    bars: tuple[Bar, ...]
    reasons: tuple[Reason, ...]
    parent: CommentRow | None
    others: tuple[CommentRow, ...]
    decisions: tuple[DecisionRow, ...]
    names: dict[str, str]

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


def cards(store: Store, classifier: Classifier, site_id: str, comments: Sequence[CommentRow]) -> list[Card]:
    """The cards of these comments, in their order."""
    with store.read() as tx:
        policy = Policies(tx, site_id).current()
        return [_card(tx, classifier, policy, comment) for comment in comments]


def _card(tx: Transaction, classifier: Classifier, policy: Policy, comment: CommentRow) -> Card:
    decisions = Decisions(tx, comment.site_id).of_comment(comment.id)
    by_policy = [decision for decision in decisions if decision.actor is Actor.POLICY]
    reasons = by_policy[-1].reasons if by_policy else ()
    bars = _bars(policy, comment)
    comments = Comments(tx, comment.site_id)
    parent = comments.by_site_id(comment.site_parent_id) if comment.site_parent_id else None
    written = comments.page(author_id=comment.author.id, limit=OTHERS + 1)
    names = Queue(tx, comment.site_id).names_of([decision.user_id for decision in decisions if decision.user_id])
    causes = _causes(reasons, bars)
    words = [reason.detail for reason in reasons if reason.code == "word" and reason.detail]
    return Card(
        comment,
        segments(comment.text, causes, words, classifier),
        disguises(comment.text, classifier),
        bars,
        reasons,
        parent,
        tuple(other for other in written if other.id != comment.id)[:OTHERS],
        tuple(decisions),
        names,
    )


def _bars(policy: Policy, comment: CommentRow) -> tuple[Bar, ...]:
    """The scores, the highest first."""
    scores = sorted((comment.scores or {}).items(), key=lambda pair: -pair[1])
    return tuple(Bar(name, score, policy.thresholds.get(name, Threshold())) for name, score in scores)


def _causes(reasons: Sequence[Reason], bars: Sequence[Bar]) -> list[str]:
    """The attributes that brought the comment here, the likeliest first."""
    named = {reason.attribute for reason in reasons if reason.attribute}
    likeliest = sorted(bars, key=lambda bar: (bar.attribute == VAGUEST, -bar.score))
    return [bar.attribute for bar in likeliest if bar.attribute in named or (not named and bar.reached)]


def segments(text: str, causes: Sequence[str], words: Sequence[str], classifier: Classifier) -> tuple[Segment, ...]:
    """The text cut where marks begin and end.

    Of each attribute that caused the flag, the words that raised it most. Where marks meet, the site's words win, then the
    first of the causes.
    """
    marks: list[Mark | None] = [None] * len(text)
    for span, mark in sorted(_heavy(text, causes, classifier), key=lambda pair: -causes.index(pair[0].attribute)):
        marks[span.begin : span.end] = [mark] * (span.end - span.begin)
    for begin, end in _places(text, words, classifier):
        marks[begin:end] = [Mark(None, strong=True)] * (end - begin)
    stretches = groupby(range(len(text)), key=lambda place: marks[place])
    return tuple(Segment("".join(text[place] for place in places), mark) for mark, places in stretches)


def _heavy(text: str, causes: Sequence[str], classifier: Classifier) -> Iterable[tuple[Span, Mark]]:
    """The words that weigh at least a part of each attribute's heaviest."""
    by_attribute: dict[str, list[Span]] = {}
    for span in classifier.explain(text, causes) if causes else ():
        by_attribute.setdefault(span.attribute, []).append(span)
    for spans in by_attribute.values():
        heaviest = max(span.weight for span in spans)
        for span in spans:
            if span.weight > 0 and span.weight >= heaviest * MARKED_FROM:
                yield span, Mark(span.attribute, strong=span.weight >= heaviest * STRONG_FROM)


def _places(text: str, words: Sequence[str], classifier: Classifier) -> Iterable[tuple[int, int]]:
    """Where the site's words stand in the text, disguised or not."""
    if not words:
        return
    folded = classifier.fold(text)
    for word in words:
        for match in re.finditer(rf"(?<!\w){re.escape(classifier.fold(word).text)}(?!\w)", folded.text):
            if match.end() > match.start():
                yield folded.offsets[match.start()], folded.offsets[match.end() - 1] + 1


def disguises(text: str, classifier: Classifier) -> tuple[Disguise, ...]:
    """Words that the classifier read otherwise than they are written, each once."""
    folded = classifier.fold(text)
    plain = set(re.findall(r"\w+", text.casefold()))
    found: dict[str, Disguise] = {}
    for match in re.finditer(r"[^\W_]{2,40}", folded.text):
        read = match.group()
        if read not in plain and not read.isdigit():
            written = text[folded.offsets[match.start()] : folded.offsets[match.end() - 1] + 1]
            found.setdefault(read, Disguise(written[:MAX_WRITTEN], read))
    return tuple(found.values())[:MAX_DISGUISES]
