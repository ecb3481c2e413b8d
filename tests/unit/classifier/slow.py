"""The scorer once more, one text at a time in plain Python: what the fast one is held against."""

from itertools import pairwise
from math import exp, sqrt

from classifier import Classifier
from classifier.alphabet import LETTER, SYMBOL
from classifier.fold import fold_batch
from classifier.grams import BITS, CHAR_ORDERS, GRAMS, NEAR, NEARBY, word_hash
from classifier.lexicon import classes
from classifier.scale import GRAM_FLOOR, PATTERN_FLOOR, PATTERN_PULL

WHOLE = (1 << 64) - 1
MIXERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)


def words_of(text: str) -> list[str]:
    """Words of a text as read: runs of letters and digits, each symbol by itself."""
    batch = fold_batch([text])
    words: list[str] = []
    open_word = False
    for code, kind in zip(batch.codes.tolist(), batch.kinds.tolist(), strict=True):
        if kind < LETTER:
            open_word = False
        elif kind == SYMBOL or not open_word:
            words.append(chr(code))
            open_word = kind != SYMBOL
        else:
            words[-1] += chr(code)
    return words


def bucket(hashed: int, mixer: int) -> int:
    return ((hashed ^ (hashed >> 32)) * mixer & WHOLE) >> (64 - BITS)


def gram_buckets(words: list[str]) -> list[int]:
    """Buckets of all n-grams of letters and of words."""
    line = " " + " ".join(words) + " "
    found = [
        bucket(word_hash(line[at : at + n]), MIXERS[n - 3]) for n in CHAR_ORDERS for at in range(len(line) - n + 1)
    ]
    hashes = [word_hash(word) for word in words]
    found += [bucket(hashed, MIXERS[3]) for hashed in hashes]
    return found + [bucket((a * MIXERS[0] + b) & WHOLE, MIXERS[4]) for a, b in pairwise(hashes)]


def pattern_buckets(words: list[str]) -> list[int]:
    """Buckets of word classes and of the patterns they form."""
    known = classes()
    kinds = [(at, known[word]) for at, word in enumerate(words) if word in known]
    found = [GRAMS + kind for _, kind in kinds]
    for step in (1, 2):
        for (at, first), (to, second) in zip(kinds, kinds[step:], strict=False):
            if to - at <= NEAR:
                found.append(GRAMS + 64 + first * 32 + second)
    for (at, first), (_, second), (to, third) in zip(kinds, kinds[1:], kinds[2:], strict=False):
        if to - at <= NEARBY:
            found.append(GRAMS + 2048 + ((first * 31 + second) * 31 + third) % 2048)
    return found


def logits(model: Classifier, text: str) -> list[float]:
    """Logits of one text, the language's last."""
    words = words_of(text)
    grams, patterns = (gram_buckets(words), pattern_buckets(words)) if words else ([], [])
    table = model.weights.table
    found = []
    for column, (step, intercept) in enumerate(zip(model.weights.steps, model.weights.intercepts, strict=True)):
        one = sum(int(table[at, column]) for at in grams) / sqrt(len(grams) + GRAM_FLOOR)
        other = PATTERN_PULL * sum(int(table[at, column]) for at in patterns) / sqrt(len(patterns) + PATTERN_FLOOR)
        found.append(float(intercept + step * (one + other)))
    return found


def probabilities(model: Classifier, text: str) -> list[float]:
    """Calibrated probabilities of one text."""
    *scores, language = logits(model, text)
    share = 1 / (1 + exp(-language))
    found = []
    for score, slopes, offsets in zip(scores, model.weights.slopes, model.weights.offsets, strict=True):
        first, second = (
            1 / (1 + exp(-(slope * score + offset))) for slope, offset in zip(slopes, offsets, strict=True)
        )
        found.append(share * first + (1 - share) * second)
    return found
