"""The scorer once more, one text at a time in plain Python: what the fast one is held against."""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from math import exp, log1p, sqrt

from classifier import Classifier
from classifier.alphabet import DIGIT, SYMBOL
from classifier.fold import fold_batch
from classifier.grams import BITS, CHAR_ORDERS, GRAMS, KINDS, NEAR, NEARBY, PATTERNS, TRIPLES
from classifier.lexicon import IDENTITY, NUMBERED, TELEPHONE, classes
from classifier.scale import GRAM_FLOOR, PATTERN_FLOOR, PATTERN_PULL
from classifier.slang import standard_words
from classifier.stream import ALIKE
from classifier.words import ANY_GROUP, BAG, BRAND, PHONE, SIGNS, VOWELS, hash_of, sign_numbers, word_hash

WHOLE = (1 << 64) - 1
MIXERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)


def words_of(text: str) -> list[str]:
    """Words of a text as read: runs of letters and digits, each symbol by itself."""
    batch = fold_batch([text])
    words: list[str] = []
    open_word = False
    for code, kind in zip(batch.codes.tolist(), batch.kinds.tolist(), strict=True):
        if kind < DIGIT:
            open_word = False
        elif kind == SYMBOL or not open_word:
            words.append(chr(code))
            open_word = kind != SYMBOL
        else:
            words[-1] += chr(code)
    return words


def bucket(hashed: int, mixer: int) -> int:
    return ((hashed ^ (hashed >> 32)) * mixer & WHOLE) >> (64 - BITS)


def placed(words: list[str]) -> Iterator[tuple[int, str]]:
    """Each word with its place in the line."""
    begin = 1
    for word in words:
        yield begin, word
        begin += len(word) + 1


def gram_buckets(words: list[str]) -> list[int]:
    """Buckets of all n-grams of letters and of words."""
    line = " " + " ".join(map(signs_of, words)) + " "
    named = {(begin, begin + len(word)) for begin, word in placed(words) if class_of(word) == IDENTITY}
    found = [
        bucket(hash_of(line[at : at + n]), MIXERS[n - 3])
        for n in CHAR_ORDERS
        for at in range(len(line) - n + 1)
        if not any(at < end and begin < at + n for begin, end in named)
    ]
    read = [ANY_GROUP if class_of(w) == IDENTITY else standard_words().get(w, w) for w in words]
    hashes = [counted_hash(word) for word in read]
    found += [bucket(hashed, MIXERS[3]) for hashed in hashes]
    found += [bucket(bones_of(word), MIXERS[0]) for word in read]
    return found + [bucket((a * MIXERS[0] + b) & WHOLE, MIXERS[4]) for a, b in pairwise(hashes)]


def counted_hash(word: str) -> int:
    """Hash of a word as it is counted: with regard to order where a list knows it, it is short or all of digits."""
    digits = sum(unicodedata.category(sign)[0] == "N" for sign in word)
    listed = word == ANY_GROUP or word in classes() or word in standard_words().values()
    return (
        word_hash(word)
        if listed or len(word) < BAG or digits == len(word)
        else sum(map(number_of, signs_of(word))) & WHOLE
    )


def signs_of(word: str) -> str:
    """A word with l as i, and with digits as letters beside letters."""
    letters = any(unicodedata.category(sign)[0] != "N" for sign in word)
    return "".join(ALIKE.get(sign, sign) if letters else sign for sign in word).replace("l", "i")


def number_of(sign: str) -> int:
    """The number of a sign in a bag."""
    return int(sign_numbers()[0][ord(sign) % SIGNS])


def bones_of(word: str) -> int:
    """Hash of a word without its vowels."""
    word = signs_of(word)
    consonants = sum(number_of(sign) for sign in word if sign not in VOWELS)
    return (consonants + number_of(word[0]) * MIXERS[0]) & WHOLE


def class_of(word: str) -> int:
    """Class of a word, by the lists or by its shape; 0 for none."""
    word = standard_words().get(word, word)
    digits = sum(unicodedata.category(sign)[0] == "N" for sign in word)
    if word in classes() or not digits:
        return classes().get(word, 0)
    if len(word) - digits >= BRAND:
        return NUMBERED
    return TELEPHONE if digits >= PHONE else 0


def pattern_buckets(words: list[str]) -> list[int]:
    """Buckets of word classes and of the patterns they form."""
    kinds = [(at, kind) for at, word in enumerate(words) if (kind := class_of(word))]
    found = [GRAMS + kind for _, kind in kinds]
    for step in (1, 2):
        for (at, first), (to, second) in zip(kinds, kinds[step:], strict=False):
            if to - at <= NEAR:
                found.append(GRAMS + KINDS + first * KINDS + second)
    for (at, first), (_, second), (to, third) in zip(kinds, kinds[1:], kinds[2:], strict=False):
        if to - at <= NEARBY:
            found.append(GRAMS + TRIPLES + ((first * 31 + second) * 31 + third) % (PATTERNS - TRIPLES))
    return found


def logits(model: Classifier, text: str) -> list[float]:
    """Logits of one text, the language's last."""
    words = words_of(text)
    grams, patterns = (gram_buckets(words), pattern_buckets(words)) if words else ([], [])
    columns = [*model.weights.table.T, model.weights.language]
    found = []
    for column, step, intercept in zip(columns, model.weights.steps, model.weights.intercepts, strict=True):
        one = sum(int(column[at]) for at in grams) / sqrt(len(grams) + GRAM_FLOOR)
        other = PATTERN_PULL * sum(int(column[at]) for at in patterns) / sqrt(len(patterns) + PATTERN_FLOOR)
        found.append(float(intercept + step * (one + other)))
    return found


def probabilities(model: Classifier, text: str) -> list[float]:
    """Calibrated probabilities of one text."""
    *scores, language = logits(model, text)
    share = 1 / (1 + exp(-language))
    found = []
    for score, curves in zip(scores, model.weights.curves, strict=True):
        first, second = (
            1 / (1 + exp(-(-below * log1p(exp(-score)) + above * log1p(exp(score)) + offset)))
            for below, above, offset in curves
        )
        found.append(share * first + (1 - share) * second)
    return found
