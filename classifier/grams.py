"""Folded texts -> buckets of hashed n-grams and word patterns, with numpy over the whole batch.

All n-grams come from one cumulative sum: with S[i] the sum of code[j] * B**j for j < i (modulo 2**64, B odd), the
polynomial hash of the signs i … i+n-1 is (S[i+n] - S[i]) * B**-i, for letters and whole words alike (rolling hash
after Karp and Rabin 1987; B has an inverse modulo 2**64). Words that no list knows are hashed as bags of letters, a sum
that two swapped letters do not change; and every word once more without its vowels. Digits in words are hashed as letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import DIGIT, SYMBOL
from classifier.fold import GAP, Batch
from classifier.lexicon import IDENTITY, NUMBERED, TELEPHONE, classes
from classifier.marks import places_of
from classifier.slang import standard_words

BITS = 19
GRAMS = 1 << BITS  # buckets of n-grams
PATTERNS = 8192  # buckets after them, for word classes and their patterns
KINDS = 64  # classes of words, at most
TRIPLES = KINDS + KINDS * KINDS  # first of the patterns' buckets for three classes; before them stand classes and pairs
NONE = GRAMS + PATTERNS  # the bucket of what is not there; its weights are 0
BUCKETS = NONE + 1
CHAR_ORDERS = (4,)  # 5 and 3 beside it cost as much again and gave nothing on other platforms
WORD_ORDERS = 3  # a word, with the next, without its vowels
PATTERN_ORDERS = 4
ANY_GROUP = "\ue002"  # what every name of a group is counted as
PHONE = 9  # digits of a telephone number, at least
BAG = 4  # letters of a word, at least, whose order is not looked at
KNOWN_BITS = 16  # of a hash, that listed words are looked up by
SIGNS = 4096  # codes of signs are told apart modulo this in bags
ALIKE = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"}  # in words with letters
ELL, EYE = "l", "i"  # the first is read as the second, since 1 and ! stand for either
VOWELS = "aeiou"
BRAND = 3  # letters before the digits of a site's name, at least
NEAR, NEARBY = 4, 6  # words between the first and last of a pair, of a triple, at most

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_MASK = (1 << 64) - 1
_MIXERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
_FIRST = np.uint64(_MIXERS[0])
_WORD_MIXERS = np.array([_MIXERS[3], _MIXERS[4], _MIXERS[0]], dtype=np.uint64)  # by order
_BOUNDARY = 32
_LETTERS = str.maketrans(ALIKE)
_DIGITS = np.array([ord(ALIKE.get(digit, digit)) for digit in "0123456789"], dtype=np.uint32)

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Buckets of one kind of feature, text after text.

    buckets: shape (k,). bounds: shape (texts + 1,), text t has buckets[bounds[t]:bounds[t + 1]].
    """

    buckets: Ints
    bounds: Ints


@dataclass(frozen=True)
class Stream:
    """The words of a batch with one boundary between any two, one before the first and one after the last.

    codes: shape (s,). worded: which of them are no boundary. places: of each its index into the folded buffer, where -1 is a
    boundary too: the buffer ends with a gap. starts, ends: of each word in the stream. words: shape (texts + 1,), text t has
    words words[t] to words[t + 1]. bounds: the same for signs of the stream, the boundary before the first word among them.
    digits: how many each word holds.
    """

    codes: NDArray[np.uint32]
    worded: NDArray[np.bool_]
    places: Ints
    starts: Ints
    ends: Ints
    words: Ints
    bounds: Ints
    digits: Ints


def stream_of(batch: Batch) -> Stream:
    """Lay out the words of a batch for hashing."""
    worded = batch.kinds >= DIGIT
    kept = worded.copy()
    kept[1:] |= worded[:-1]
    kept[GAP - 1] = True  # the boundary before the first word
    places = kept.nonzero()[0]
    symbols = (batch.kinds == SYMBOL).nonzero()[0]
    if len(symbols):  # each is a word of its own
        places = _with_boundaries(places, worded, symbols)
    kinds = batch.kinds.take(places)
    codes, worded = batch.codes.take(places), kinds >= DIGIT
    codes[~worded] = _BOUNDARY
    edges = (worded[1:] != worded[:-1]).nonzero()[0] + 1
    starts, ends = edges[::2], edges[1::2]
    words = np.zeros(len(batch.ends) + 1, dtype=np.int64)
    words[1:] = places.take(starts).searchsorted(batch.ends)
    before = np.zeros(len(starts) + 1, dtype=np.int64)
    before[:-1], before[-1:] = starts - 1, ends[-1:] if len(ends) else 0
    digit = (kinds == DIGIT).nonzero()[0]
    word = starts.searchsorted(digit, side="right") - 1
    digits = np.bincount(word, minlength=len(starts))
    _read_alike(codes, digit[digits[word] < (ends - starts)[word]])
    return Stream(codes, worded, places, starts, ends, words, before.take(words), digits)


def _with_boundaries(places: Ints, worded: NDArray[np.bool_], symbols: Ints) -> Ints:
    """The places of a stream with -1, a boundary, wherever a symbol stands beside a word or another symbol."""
    before = worded[symbols - 1]
    before[1:] &= symbols[1:] - symbols[:-1] > 1  # else the boundary stands after the symbol before
    between = np.concatenate((symbols[before], symbols[worded[symbols + 1]] + 1))
    between.sort()
    at = places.searchsorted(between) + np.arange(len(between))
    found = np.full(len(places) + len(at), -1, dtype=np.int64)
    old = np.ones(len(found), dtype=np.bool_)  # np.insert does the same at five times the cost of a call
    old[at] = False
    found[old] = places
    return found


def _read_alike(codes: NDArray[np.uint32], digits: Ints) -> None:
    """Signs that are hashed as others, in place: l everywhere, and digits at these places in words with letters."""
    codes[codes == ord(ELL)] = ord(EYE)
    digits = digits[codes[digits] <= ord("9")]
    codes[digits] = _DIGITS[codes[digits] - ord("0")]


def alike(word: str) -> str:
    """The signs that a word is hashed as."""
    read = word.replace(ELL, EYE)
    return read if read.isdigit() else read.translate(_LETTERS)


def blocks_of(stream: Stream) -> tuple[Block, ...]:
    """All features of a batch: one block for each order of letters, one for words, one for patterns."""
    sums, inverses = _sums(stream)
    words, bones, kinds = known_words(stream, (sums[stream.ends] - sums[stream.starts]) * inverses[stream.starts])
    named = (kinds == IDENTITY).nonzero()[0]
    letters = tuple(
        _letter_block(stream, sums, inverses, order, _reaching(stream, named, order)) for order in CHAR_ORDERS
    )
    return (*letters, _word_block(stream, words, bones), pattern_block(stream, kinds))


def _sums(stream: Stream) -> tuple[Hashes, Hashes]:
    """The cumulative sum that all hashes come from, and the inverses that bring them to the same place."""
    powers, inverses = _powers(max(16, len(stream.codes).bit_length()))
    sums = np.zeros(len(stream.codes) + 1, dtype=np.uint64)
    sums[1:] = (stream.codes * powers[: len(stream.codes)]).cumsum()  # into `out` it takes twice as long
    return sums, inverses


def _bags(stream: Stream) -> tuple[Hashes, Hashes]:
    """Of each word the sum of its signs, in any order, and that of its consonants with the first sign apart."""
    letters, consonants = sign_numbers()
    signs = (stream.codes & (SIGNS - 1)).astype(np.int64)
    before, last = stream.starts - 1, stream.ends - 1  # a boundary stands before every word
    all_signs, only_consonants = letters.take(signs).cumsum(), consonants.take(signs).cumsum()
    bones = only_consonants[last] - only_consonants[before] + letters.take(signs[stream.starts]) * _FIRST
    return all_signs[last] - all_signs[before], bones


@cache
def sign_numbers() -> tuple[Hashes, Hashes]:
    """A random number for each sign; and again with 0 for vowels."""
    letters = np.random.default_rng(_BASE).integers(0, 1 << 64, SIGNS, dtype=np.uint64)
    consonants = letters.copy()
    consonants[list(map(ord, VOWELS))] = 0
    return letters, consonants


def _reaching(stream: Stream, words: Ints, order: int) -> Ints:
    """Signs of the stream from which `order` signs reach into one of the words."""
    if not len(words):
        return words
    return places_of(np.maximum(stream.starts[words] - order + 1, 0), stream.ends[words])


def _letter_block(stream: Stream, sums: Hashes, inverses: Hashes, order: int, named: Ints) -> Block:
    """One bucket for each sign of the stream: that of the `order` signs from it on, where the text has so many.

    None at `named`: which group a word names is not to be learned.
    """
    buckets = np.full(len(stream.codes) - 1, NONE, dtype=np.int64)  # none begins at the last boundary
    if len(stream.codes) >= order:
        hashes = (sums[order:] - sums[:-order]) * inverses[: len(stream.codes) - order + 1]
        buckets[: len(hashes)] = _bucket(hashes, np.uint64(_MIXERS[order - 3]))
        for step in range(1, order - 1):
            buckets[stream.bounds[1:] - step] = NONE  # would reach into the next text
    buckets[named] = NONE
    return Block(buckets, stream.bounds)


def _word_block(stream: Stream, words: Hashes, bones: Hashes) -> Block:
    """Three buckets for each word: itself, itself with the next, and without its vowels."""
    hashes = np.empty((len(words), WORD_ORDERS), dtype=np.uint64)
    hashes[:, 0], hashes[:, 2] = words, bones
    hashes[:-1, 1] = words[:-1] * _FIRST + words[1:]
    hashes[-1:, 1] = 0
    buckets = _bucket(hashes, _WORD_MIXERS)
    if len(words):
        buckets[stream.words[1:] - 1, 1] = NONE  # before the first text this is the last word, which has no next
    return Block(buckets.ravel(), stream.words * WORD_ORDERS)


def pattern_block(stream: Stream, found: Ints) -> Block:
    """Four buckets for each word of a class: the class, two pairs and a triple with the classed words after it."""
    at = found.nonzero()[0]
    kind = found[at]
    bounds = at.searchsorted(stream.words)
    buckets = np.full((len(at), PATTERN_ORDERS), NONE, dtype=np.int64)
    if len(at):
        buckets[:, 0] = GRAMS + kind
        first = kind * KINDS + (GRAMS + KINDS)
        for step in (1, 2):
            near = at[step:] - at[:-step] <= NEAR
            buckets[:-step, step] = np.where(near, first[:-step] + kind[step:], NONE)
        triple = GRAMS + TRIPLES + ((kind[:-2] * 31 + kind[1:-1]) * 31 + kind[2:]) % (PATTERNS - TRIPLES)
        buckets[:-2, 3] = np.where(at[2:] - at[:-2] <= NEARBY, triple, NONE)
        if len(bounds) > 2 and len(at) > 1:
            last = bounds[1:] - 1  # reaches into the next text; before the first one this is the last of all
            buckets[last, 1:] = NONE
            buckets[last - 1, 2:] = NONE
    return Block(buckets.ravel(), bounds * PATTERN_ORDERS)


def covers(stream: Stream, blocks: Sequence[Block]) -> list[tuple[Ints, Ints]]:
    """For each block, the signs of the stream [first, last) that each of its buckets was made from; 0, 0 for none."""
    signs = np.arange(len(stream.codes) - 1)
    found = [(signs, np.minimum(signs + order, len(stream.codes))) for order in CHAR_ORDERS]
    starts, ends = stream.starts, stream.ends
    found.append((np.repeat(starts, WORD_ORDERS), np.stack((ends, np.append(ends[1:], 0), ends), axis=1).ravel()))
    sums, inverses = _sums(stream)
    at = np.flatnonzero(known_words(stream, (sums[ends] - sums[starts]) * inverses[starts])[2])
    further = [ends[np.append(at[step:], at[-1:].repeat(step))[: len(at)]] for step in (0, 1, 2, 2)]
    found.append((np.repeat(starts[at], PATTERN_ORDERS), np.stack(further, axis=1).ravel()))
    there = [block.buckets != NONE for block in blocks]
    return [
        (np.where(mask, first, 0), np.where(mask, last, 0)) for mask, (first, last) in zip(there, found, strict=True)
    ]


def _bucket(hashes: Hashes, mixers: np.uint64 | Hashes) -> Ints:
    mixed = (hashes ^ (hashes >> np.uint64(32))) * mixers
    return np.asarray((mixed >> np.uint64(64 - BITS)).view(np.int64))


@cache
def _powers(bits: int) -> tuple[Hashes, Hashes]:
    """B**i and B**-i modulo 2**64 for i below 2**bits."""
    ones = np.ones(1 << bits, dtype=np.uint64)
    powers, inverses = ones, ones.copy()
    powers[1:], inverses[1:] = np.uint64(_BASE), np.uint64(_INVERSE)
    return np.cumprod(powers, dtype=np.uint64), np.cumprod(inverses, dtype=np.uint64)


def word_hash(word: str) -> int:
    """The same hash for one word, in plain Python."""
    return hash_of(alike(word))


def hash_of(signs: str) -> int:
    """The hash of signs as they are."""
    return sum(ord(sign) * pow(_BASE, place, 1 << 64) for place, sign in enumerate(signs)) & _MASK


def bones_hash(word: str) -> int:
    """The hash of one word without its vowels, in plain Python."""
    letters, consonants = sign_numbers()
    at = [ord(sign) % SIGNS for sign in alike(word)]
    return (sum(int(consonants[place]) for place in at) + int(letters[at[0]]) * _MIXERS[0]) & _MASK


@dataclass(frozen=True)
class _Known:
    """The words that the lists know, by their mixed hash, rising.

    first: for each beginning of a hash of KNOWN_BITS, the first place in the others whose hash has it or a greater one. longest:
    how many have the same beginning, at most. counted, bones: hashes that a word is counted as, whole and without its vowels.
    kinds: its class. The last word stands for none.
    """

    hashes: Hashes
    first: NDArray[np.int16]
    longest: int
    counted: Hashes
    bones: Hashes
    kinds: Ints

    def places(self, mixed: Hashes) -> Ints:
        """What a binary search gives, for hashes not above the last; ten times as quick."""
        place = self.first.take((mixed >> np.uint64(64 - KNOWN_BITS)).view(np.int64)).astype(np.int64)
        for _ in range(self.longest):
            place += self.hashes.take(place) < mixed
        return place


@cache
def _known_words() -> _Known:
    kinds, standard = classes(), standard_words()
    known = {}
    for word in {*kinds, *standard, *standard.values()}:
        read = standard.get(word, word)
        kind = kinds.get(read, 0)
        counted = ANY_GROUP if kind == IDENTITY else read
        known[word_hash(word)] = word_hash(counted), bones_hash(counted), kind
    hashes = np.array(list(known), dtype=np.uint64)
    mixed = _mixed(hashes)
    order = mixed.argsort()
    found = [*(known[int(word)] for word in hashes[order]), (0, 0, 0)]
    rising = np.append(mixed[order], np.uint64(_MASK))
    beginnings = rising[:-1] >> np.uint64(64 - KNOWN_BITS)
    return _Known(
        rising,
        beginnings.searchsorted(np.arange(1 << KNOWN_BITS, dtype=np.uint64)).astype(np.int16),
        int(np.unique(beginnings, return_counts=True)[1].max()),
        np.array([counted for counted, _, _ in found], dtype=np.uint64),
        np.array([bones for _, bones, _ in found], dtype=np.uint64),
        np.array([kind for _, _, kind in found], dtype=np.int64),
    )


def _mixed(hashes: Hashes) -> Hashes:
    """Hashes whose first bits are spread evenly, no two the same that were not: those of short words are small numbers."""
    return (hashes ^ (hashes >> np.uint64(32))) * _FIRST


def known_words(stream: Stream, words: Hashes) -> tuple[Hashes, Hashes, Ints]:
    """Hashes of words as they are counted, of their bones, and class number of each, 0 for none.

    Abbreviations count as the words they stand for, and names of groups all as one word: what is said of a group weighs, not
    of which. Words that no list knows are counted by their bag if they are long enough and not all digits.

    A word that no list knows has the class of its shape: a number long enough for a telephone, or letters with digits, as
    names of gambling sites are.
    """
    known, mixed = _known_words(), _mixed(words)
    place = known.places(mixed)
    found = known.hashes.take(place) == mixed
    bags, bones = _bags(stream)
    lengths = stream.ends - stream.starts
    others = np.where((lengths >= BAG) & (stream.digits < lengths), bags, words)
    return (
        np.where(found, known.counted.take(place), others),
        np.where(found, known.bones.take(place), bones),
        np.where(found, known.kinds.take(place), _shapes(stream)),
    )


def _shapes(stream: Stream) -> Ints:
    """Class of each word's shape, 0 for words of letters."""
    shapes = np.zeros(len(stream.digits), dtype=np.int64)
    at = stream.digits.nonzero()[0]
    if not len(at):
        return shapes
    digits, letters = stream.digits[at], stream.ends[at] - stream.starts[at] - stream.digits[at]
    shapes[at] = np.where(letters >= BRAND, NUMBERED, np.where(digits >= PHONE, TELEPHONE, 0))
    return shapes
