"""Indonesian words said in English, so that an encoder that learned abuse from English comments knows it in Indonesian ones.

Of the labelled comments four in five are English, and those in Indonesian are full of words that the published encoder hardly
met: slang, insults, nicknames of parties. Each word of a list is replaced by what an English comment would have in its place;
order and grammar stay. The list was written by hand for this project, for the words that the training sets have most often,
without a look at labels. Words that English comments have too are not on it.
"""

import re
from functools import cache
from pathlib import Path

from classifier.slang import standard_words

FILE = Path(__file__).parent / "indonesian.tsv"
"""A word and its gloss on each line, with a tab between them. A word that is its own gloss is left as it is, endings and all."""

ENDINGS = ("nya", "lah", "kah", "pun", "mu", "ku", "an")
"""Taken off a word that is not listed, where one is listed without it: `kontolnya` is read as `kontol`."""

SHORTEST = 4
"""Letters that are left of a word without its ending."""

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?", re.IGNORECASE)


@cache
def glosses() -> dict[str, str]:
    """What each listed word is said with."""
    return dict(line.split("\t") for line in FILE.read_text("utf-8").splitlines())


def in_english(text: str) -> str:
    """The text, as folded, with spellings made standard and listed words said in English."""
    return _WORD.sub(_said, text)


def _said(match: re.Match[str]) -> str:
    word = match.group().lower()
    standard = standard_words().get(word, word)
    known = glosses()
    if standard in known:
        return known[standard]
    for ending in ENDINGS:
        stem = standard.removesuffix(ending)
        if stem != standard and len(stem) >= SHORTEST and stem in known:
            return known[stem]
    return match.group() if standard == word else standard
