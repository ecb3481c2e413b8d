"""A text with its marks: the words that raised its scores, and the words that are not what they look like."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from classifier import Classifier, Folded, Span

MAX_DISGUISES = 8
"""Words shown as written and as read; more would bury the comment."""

MARKED_FROM, STRONG_FROM = 0.35, 0.7
"""Parts of the heaviest word's weight from which a word is marked, and marked strongly.

A text where every word is marked explains nothing."""

MOST_MARKED = 60
"""Words marked for an attribute, the heaviest: a text of thousands of rude words must not weigh ten times its length."""

MAX_WRITTEN = 60
"""Characters shown of a disguised word, or of a name or link in a text as read."""

MAX_READ = 2_000
"""Characters of a text as read: whoever reads on has the text itself."""

NAME_OR_LINK = ("\ue000", "\ue001")
"""The signs that stand for a name and for a link in a text as read."""

Kind = TypeVar("Kind")


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
class Piece:
    """A stretch of a text, the same or not as written and as read."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Reading:
    """A disguised text as the classifier read it: the words that it read otherwise, each once, and the text from its beginning.

    written, read: the same words in the same order, cut where they begin and cease to differ. whole: nothing was left off.
    """

    disguises: tuple[Disguise, ...]
    written: tuple[Piece, ...]
    read: tuple[Piece, ...]
    whole: bool


def segments(
    text: str,
    spans: Iterable[Span],
    causes: Sequence[str],
    words: Sequence[str],
    classifier: Classifier,
    folded: Folded,
) -> tuple[Segment, ...]:
    """The text cut where marks begin and end.

    spans: its words by their part in each of `causes`, the attributes that caused the flag; those that raised it most are marked.
    Where marks meet, the site's words win, then the first of the causes.
    """
    marks: list[Mark | None] = [None] * len(text)
    for span, mark in sorted(_heavy(spans), key=lambda pair: -causes.index(pair[0].attribute)):
        marks[span.begin : span.end] = [mark] * (span.end - span.begin)
    for begin, end in _places(words, classifier, folded):
        marks[begin:end] = [Mark(None, strong=True)] * (end - begin)
    return tuple(Segment(piece, mark) for piece, mark in _stretches(text, marks))


def reading(text: str, folded: Folded) -> Reading | None:
    """The text as read; None when no word was read otherwise than it is written."""
    found: dict[str, Disguise] = {}
    written, read = [False] * len(text), [False] * len(folded.text)
    for match in re.finditer(r"[^\W_]{2,40}", folded.text):
        word, (first, last) = match.group(), match.span()
        begin, end = folded.offsets[first], _end_of(text, folded.offsets[last - 1] + 1)
        if word.isdigit() or word == text[begin:end].casefold():
            continue
        found.setdefault(word, Disguise(text[begin:end][:MAX_WRITTEN], word))
        written[begin:end] = [True] * (end - begin)
        read[first:last] = [True] * (last - first)
    if not found:
        return None
    disguises, whole = tuple(found.values())[:MAX_DISGUISES], max(len(text), len(folded.text)) <= MAX_READ
    return Reading(disguises, _pieces(list(text), written), _pieces(_spelled(text, folded), read), whole)


def _end_of(text: str, end: int) -> int:
    """Where a word ends as written: with its last letter's repetitions, which are not read."""
    while end < len(text) and text[end] == text[end - 1]:
        end += 1
    return end


def _pieces(signs: Sequence[str], differs: Sequence[bool]) -> tuple[Piece, ...]:
    return tuple(Piece(piece, differ) for piece, differ in _stretches(signs[:MAX_READ], differs))


def _spelled(text: str, folded: Folded) -> list[str]:
    """What each sign as read stands for: itself, or the name or link as it is written."""
    ends = [*folded.offsets[1:], len(text)]
    return [
        text[begin:end].strip()[:MAX_WRITTEN] if sign in NAME_OR_LINK else sign
        for sign, begin, end in zip(folded.text, folded.offsets, ends, strict=True)
    ]


def _stretches(signs: Sequence[str], kinds: Sequence[Kind]) -> Iterable[tuple[str, Kind]]:
    """The signs cut where their kind changes."""
    edges = [0, *(place for place in range(1, len(signs)) if kinds[place] != kinds[place - 1]), len(signs)]
    return (("".join(signs[begin:end]), kinds[begin]) for begin, end in pairwise(edges) if begin < end)


def _heavy(spans: Iterable[Span]) -> Iterable[tuple[Span, Mark]]:
    """The words that weigh at least a part of each attribute's heaviest."""
    by_attribute: dict[str, list[Span]] = {}
    for span in spans:
        by_attribute.setdefault(span.attribute, []).append(span)
    for of_attribute in by_attribute.values():
        heaviest = max(span.weight for span in of_attribute)
        for span in sorted(of_attribute, key=lambda span: -span.weight)[:MOST_MARKED]:
            if span.weight > 0 and span.weight >= heaviest * MARKED_FROM:
                yield span, Mark(span.attribute, strong=span.weight >= heaviest * STRONG_FROM)


def _places(words: Sequence[str], classifier: Classifier, folded: Folded) -> Iterable[tuple[int, int]]:
    """Where the site's words stand in the text, disguised or not."""
    for word in words:
        for match in re.finditer(rf"(?<!\w){re.escape(classifier.fold(word).text)}(?!\w)", folded.text):
            if match.end() > match.start():
                yield folded.offsets[match.start()], folded.offsets[match.end() - 1] + 1
