"""Folded texts -> buckets of hashed n-grams and word patterns, with numpy over the whole batch.

All n-grams come from one cumulative sum: with S[i] the sum of code[j] * B**j for j < i (modulo 2**64, B odd), the
polynomial hash of the signs i … i+n-1 is (S[i+n] - S[i]) * B**-i, for letters and whole words alike (rolling hash
after Karp and Rabin 1987; B has an inverse modulo 2**64). `words` says what a word is counted as.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from classifier.lexicon import IDENTITY
from classifier.marks import places_of
from classifier.stream import Stream
from classifier.words import BASE, MIXER, Hashes, Ints, known_words

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
NEAR, NEARBY = 4, 6  # words between the first and last of a pair, of a triple, at most

_INVERSE = pow(BASE, -1, 1 << 64)
_MIXERS = (MIXER, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
_FIRST = np.uint64(MIXER)
_WORD_MIXERS = np.array([_MIXERS[3], _MIXERS[4], _MIXERS[0]], dtype=np.uint64)  # by order


class Block(NamedTuple):
    """Buckets of one kind of feature, text after text.

    buckets: shape (k,). bounds: shape (texts + 1,), text t has buckets[bounds[t]:bounds[t + 1]].
    """

    buckets: Ints
    bounds: Ints


def blocks_of(stream: Stream) -> tuple[Block, ...]:
    """All features of a batch: one block for each order of letters, one for words, one for patterns."""
    sums, inverses = _sums(stream)
    words, bones, kinds = known_words(stream, sums, inverses)
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
    buckets, bounds = _bucket(hashes, _WORD_MIXERS).ravel(), stream.words * WORD_ORDERS
    if len(words):
        buckets[bounds[1:] - 2] = NONE  # the last word of a text has no next; before the first text this is that of all
    return Block(buckets, bounds)


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
    at = np.flatnonzero(known_words(stream, *_sums(stream))[2])
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
    powers[1:], inverses[1:] = np.uint64(BASE), np.uint64(_INVERSE)
    return np.cumprod(powers, dtype=np.uint64), np.cumprod(inverses, dtype=np.uint64)
