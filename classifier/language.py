"""Indonesian, English, another language, or too little to tell.

The column of weights is trained (in `train`) on the languages that the data sets state: Indonesian with some
Javanese and Sundanese against English. It knows no third language: there its logit is small, and `function_words`
tell the language. Both are read from the n-grams and words that everything else is read from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.fold import Batch, fold_batch
from classifier.function_words import HOME, OTHER
from classifier.grams import BUCKETS, WORD_ORDERS, Block, blocks_of
from classifier.stream import stream_of
from classifier.sums import segment_sums

SURE = 1.0  # logit, either way, below which a language is not named: odds of about 3 to 1
FEW_LETTERS = 3  # of another script, below which a text in it is too short to be told
FEW_WORDS = 4  # below which a text in Latin letters is too short to be told from Indonesian and English
OF_THE_SCRIPT = 2.5  # logit, either way, from which letters of another script are a disguise
CODES = ("und", "id", "en", "other")

# What a word counts for a language: one of its own, one that it shares with Indonesian or English, one of theirs.
OWN, SHARED, OF_HOME = 2, 1, -2
ACCENTED, ACCENTS = 2, 2  # what a letter with an accent counts for any other language, and how many count
LEAST_LETTERS = 3  # of a text, for anything to be told: ok and ya are written everywhere
LOGIT = 0.9  # what one of the logit counts against every other language
ENOUGH = 0.5  # all these together for another language; like the others set by tests/unit/classifier/languages.txt

_ACCENT = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u01a0\u01a1\u01af\u01b0\u0218-\u021b\u1ea0-\u1ef9]")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Clues:
    """What is known of a batch beside the logits.

    All but the last of shape (texts,). foreign, accents: letters of scripts other than Latin and letters with an accent,
    as written. letters: all letters, as read. words: the block of words of `grams.blocks_of`.
    """

    foreign: Ints
    accents: Ints
    letters: Ints
    words: Block

    @classmethod
    def of(cls, texts: Sequence[str], batch: Batch, words: Block) -> "Clues":
        """The clues of texts, given as a folded batch and its block of words too."""
        marked = (0 if text.isascii() else len(_ACCENT.findall(text)) for text in texts)
        return cls(batch.foreign, np.fromiter(marked, np.int64, len(texts)), batch.letters(), words)


def codes_of(logits: NDArray[np.float64], clues: Clues) -> list[str]:
    """Code of each text's language: id, en, other for one that is not supported, or und where too little tells.

    logits: above 0 for Indonesian, below for English, shape (texts,).
    """
    code = np.where(clues.letters < LEAST_LETTERS, 0, (logits > SURE) + 2 * (logits < -SURE))
    sure = np.abs(logits)
    other = _in_other_words(ENOUGH + LOGIT * sure - ACCENTED * np.minimum(clues.accents, ACCENTS), clues.words)
    script = clues.foreign * 2 > clues.letters
    if script.any():
        other |= script & (clues.foreign >= FEW_LETTERS) & (sure < OF_THE_SCRIPT)
    code[other] = CODES.index("other")
    return [CODES[place] for place in code.tolist()]


def _in_other_words(least: NDArray[np.float64], block: Block) -> NDArray[np.bool_]:
    """Which texts are in another language: those whose words count at least so much for one.

    The first sum is one that no language can exceed, so the texts it leaves out, which are nearly all of those in
    Indonesian or English, need no sum for each language.
    """
    kinds, most, weights = _table()
    words = kinds[block.buckets[::WORD_ORDERS]]
    bounds = block.bounds // WORD_ORDERS
    lengths = np.diff(bounds)
    other = (segment_sums(most[words], bounds) >= least) & (lengths >= FEW_WORDS)
    if other.any():
        sums = segment_sums(weights[words[np.repeat(other, lengths)]], np.append(0, np.cumsum(lengths[other])))
        other[other] = sums.max(axis=1) >= least[other]
    return other


@cache
def _table() -> tuple[NDArray[np.int16], NDArray[np.int8], NDArray[np.int8]]:
    """Kinds of words by bucket, shape (BUCKETS,), 0 for those not listed.

    And by kind: what a word counts at most for any language, and what it counts for each, shape (kinds, languages).
    """
    home = _buckets(" ".join(HOME.values()))
    others = [_buckets(words) for words in OTHER.values()]
    buckets = sorted(home.union(*others))
    kinds = np.zeros(BUCKETS, dtype=np.int16)
    kinds[buckets] = np.arange(1, len(buckets) + 1)
    weights = np.zeros((len(buckets) + 1, len(others)), dtype=np.int8)
    weights[kinds[list(home)]] = OF_HOME
    for language, words in enumerate(others):
        weights[kinds[list(words - home)], language] = OWN
        weights[kinds[list(words & home)], language] = SHARED
    return kinds, weights.max(axis=1), weights


def _buckets(words: str) -> set[int]:
    """Buckets of words, each read as a text of its own."""
    block = blocks_of(stream_of(fold_batch(words.split())))[-2]
    return set(block.buckets[block.bounds[:-1]].tolist())
