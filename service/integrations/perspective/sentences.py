"""The parts of a text that are scored one by one, and where they stand in UTF-16."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

END = re.compile(
    r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’»)\]]*+(?=\s)|[。！？]++|[\r\n]++"  # noqa: RUF001  full-width ends are what is looked for
)
"""Where a sentence may end. Looked for from the first of a run of ends alone, and never again within it: a text of nothing but
dots would take as many steps as the square of its length."""

MAX_SENTENCES = 200
"""In one answer: a text of 20 kB may have 7,000, and an answer as many scores for each attribute."""

SILENT = frozenset("CNPZ")
"""Categories of characters (Unicode's) that are of no language: controls, digits, punctuation, spaces."""


def says_something(text: str) -> bool:
    """False when there is nothing but digits, punctuation and spaces: of no language, and nothing to score."""
    return any(unicodedata.category(sign)[0] not in SILENT for sign in text)


def sentences_of(text: str, words_of: Callable[[str], Sequence[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Begin and end of each sentence, in code points, without the spaces around it; one at least.

    None ends within a word as the classifier reads it (`words_of`), so a word with dots between its letters stays whole, and a
    link too. Of a text with more than MAX_SENTENCES, several come as one.
    """
    ends = [found.end() for found in END.finditer(text)]
    if ends:
        ends = _outside(ends, sorted(set(words_of(text))))
    bounds = [0, *ends[:: len(ends) // MAX_SENTENCES + 1], len(text)]
    return [trimmed for begin, end in pairwise(bounds) if (trimmed := _trimmed(text, begin, end))] or [(0, len(text))]


def in_utf16(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Places of a text, in order and without overlap, from code points to UTF-16 code units."""
    at, units = 0, 0
    for begin, end in places:
        start = units + _units(text[at:begin])
        at, units = end, start + _units(text[begin:end])
        yield start, units


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _outside(ends: Sequence[int], words: Sequence[tuple[int, int]]) -> list[int]:
    """The ends that are within no word; words in order."""
    begins = [begin for begin, _end in words]
    kept = []
    for end in ends:
        before = bisect_left(begins, end) - 1
        if before < 0 or words[before][1] <= end:
            kept.append(end)
    return kept


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int] | None:
    part = text[begin:end]
    left = len(part) - len(part.lstrip())
    stripped = len(part.strip())
    return (begin + left, begin + left + stripped) if stripped else None
