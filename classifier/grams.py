"""Folded texts -> buckets of hashed n-grams and word patterns, with numpy over the whole batch.

All n-grams come from one cumulative sum: with S[i] the sum of code[j] * B**j for j < i (modulo 2**64, B odd), the
polynomial hash of the signs i … i+n-1 is (S[i+n] - S[i]) * B**-i, for letters and whole words alike (rolling hash
after Karp and Rabin 1987; B has an inverse modulo 2**64).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import LETTER, SYMBOL
from classifier.fold import Batch
from classifier.lexicon import classes

BITS = 19
GRAMS = 1 << BITS  # buckets of n-grams
PATTERNS = 4096  # buckets after them, for word classes and their patterns
NONE = GRAMS + PATTERNS  # the bucket of what is not there; its weights are 0
BUCKETS = NONE + 1
CHAR_ORDERS = (4,)  # 5 and 3 beside it cost as much again and gave nothing on other platforms
WORD_ORDERS = 2
PATTERN_ORDERS = 4
NEAR, NEARBY = 4, 6  # words between the first and last of a pair, of a triple, at most

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_MASK = (1 << 64) - 1
_MIXERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
_BOUNDARY = 32

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
    """The words of a batch, each after a boundary, each text closed by another.

    codes: shape (s,). place: index into the folded buffer of each sign that is no boundary, and `at` its position.
    starts, ends: of each word in the stream. words: shape (texts + 1,), text t has words words[t] to words[t + 1].
    bounds: the same for signs of the stream.
    """

    codes: NDArray[np.uint32]
    place: Ints
    at: Ints
    starts: Ints
    ends: Ints
    words: Ints
    bounds: Ints


def stream_of(batch: Batch) -> Stream:
    """Lay out the words of a batch for hashing."""
    place = np.flatnonzero(batch.kinds >= LETTER)
    symbol = batch.kinds[place] == SYMBOL
    new = np.ones(len(place), dtype=np.bool_)
    new[1:] = (place[1:] != place[:-1] + 1) | symbol[1:] | symbol[:-1]
    first = np.flatnonzero(new)
    lengths = np.diff(first, append=len(place))
    words = np.concatenate(([0], np.searchsorted(place[first], batch.ends)))
    counts = np.diff(words)
    closing = np.cumsum(counts > 0) - 1  # texts with words before this one: each has a boundary at its end
    shift = np.arange(1, len(first) + 1) + np.repeat(closing, counts)
    at = np.arange(len(place)) + np.repeat(shift, lengths)
    starts = first + shift
    size = len(place) + len(first) + int((counts > 0).sum())
    codes = np.full(size, _BOUNDARY, dtype=np.uint32)
    codes[at] = batch.codes[place]
    signs = np.concatenate((first, [len(place)]))[words]
    bounds = signs + words + np.concatenate(([0], closing + 1))
    return Stream(codes, place, at, starts, starts + lengths, words, bounds)


def blocks_of(stream: Stream) -> tuple[Block, ...]:
    """All features of a batch: one block for each order of letters, one for words, one for patterns."""
    sums, inverses = _sums(stream)
    words = (sums[stream.ends] - sums[stream.starts]) * inverses[stream.starts]
    letters = tuple(_letter_block(stream, sums, inverses, order) for order in CHAR_ORDERS)
    return (*letters, _word_block(stream, words), pattern_block(stream, words))


def _sums(stream: Stream) -> tuple[Hashes, Hashes]:
    """The cumulative sum that all hashes come from, and the inverses that bring them to the same place."""
    powers, inverses = _powers(max(16, len(stream.codes).bit_length()))
    sums = np.zeros(len(stream.codes) + 1, dtype=np.uint64)
    np.cumsum(stream.codes * powers[: len(stream.codes)], out=sums[1:])
    return sums, inverses


def _word_hashes(stream: Stream) -> Hashes:
    sums, inverses = _sums(stream)
    return (sums[stream.ends] - sums[stream.starts]) * inverses[stream.starts]


def _letter_block(stream: Stream, sums: Hashes, inverses: Hashes, order: int) -> Block:
    """One bucket for each sign of the stream: that of the `order` signs from it on, where the text has so many."""
    size = len(stream.codes)
    buckets = np.full(size, NONE, dtype=np.int64)
    if size >= order:
        hashes = (sums[order:] - sums[:-order]) * inverses[: size - order + 1]
        buckets[: size - order + 1] = _bucket(hashes, _MIXERS[order - 3])
    ends = stream.bounds[1:]
    for step in range(1, order):
        buckets[np.maximum(ends - step, 0)[ends > step - 1]] = NONE
    return Block(buckets, stream.bounds)


def _word_block(stream: Stream, words: Hashes) -> Block:
    """Two buckets for each word: itself, and itself with the next."""
    buckets = np.full((len(words), WORD_ORDERS), NONE, dtype=np.int64)
    buckets[:, 0] = _bucket(words, _MIXERS[3])
    buckets[:-1, 1] = _bucket(words[:-1] * np.uint64(_MIXERS[0]) + words[1:], _MIXERS[4])
    last = stream.words[1:][np.diff(stream.words) > 0] - 1
    buckets[last, 1] = NONE
    return Block(buckets.ravel(), stream.words * WORD_ORDERS)


def pattern_block(stream: Stream, words: Hashes) -> Block:
    """Four buckets for each word of a class: the class, two pairs and a triple with the classed words after it."""
    found = _class_of(words)
    at = np.flatnonzero(found)
    kind = found[at]
    bounds = np.searchsorted(at, stream.words)
    text = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    buckets = np.full((len(at), PATTERN_ORDERS), NONE, dtype=np.int64)
    buckets[:, 0] = GRAMS + kind
    for step in (1, 2):
        pair = GRAMS + 64 + kind[:-step] * 32 + kind[step:]
        near = (text[step:] == text[:-step]) & (at[step:] - at[:-step] <= NEAR)
        buckets[:-step, step] = np.where(near, pair, NONE)
    triple = GRAMS + 2048 + ((kind[:-2] * 31 + kind[1:-1]) * 31 + kind[2:]) % 2048
    near = (text[2:] == text[:-2]) & (at[2:] - at[:-2] <= NEARBY)
    buckets[:-2, 3] = np.where(near, triple, NONE)
    return Block(buckets.ravel(), bounds * PATTERN_ORDERS)


def covers(stream: Stream, blocks: Sequence[Block]) -> list[tuple[Ints, Ints]]:
    """For each block, the signs of the stream [first, last) that each of its buckets was made from; 0, 0 for none."""
    size = len(stream.codes)
    found = [(np.arange(size), np.minimum(np.arange(size) + order, size)) for order in CHAR_ORDERS]
    starts, ends = stream.starts, stream.ends
    found.append((np.repeat(starts, WORD_ORDERS), np.stack((ends, np.append(ends[1:], 0)), axis=1).ravel()))
    at = np.flatnonzero(_class_of(_word_hashes(stream)))
    further = [ends[np.append(at[step:], at[-1:].repeat(step))[: len(at)]] for step in (0, 1, 2, 2)]
    found.append((np.repeat(starts[at], PATTERN_ORDERS), np.stack(further, axis=1).ravel()))
    there = [block.buckets != NONE for block in blocks]
    return [
        (np.where(mask, first, 0), np.where(mask, last, 0)) for mask, (first, last) in zip(there, found, strict=True)
    ]


def filled(block: Block) -> Ints:
    """How many features of this kind each text has."""
    upto = np.concatenate(([0], np.cumsum(block.buckets != NONE)))
    return upto[block.bounds[1:]] - upto[block.bounds[:-1]]


def _bucket(hashes: Hashes, mixer: int) -> Ints:
    mixed = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(mixer)
    return (mixed >> np.uint64(64 - BITS)).view(np.int64)


@cache
def _powers(bits: int) -> tuple[Hashes, Hashes]:
    """B**i and B**-i modulo 2**64 for i below 2**bits."""
    ones = np.ones(1 << bits, dtype=np.uint64)
    powers, inverses = ones, ones.copy()
    powers[1:], inverses[1:] = np.uint64(_BASE), np.uint64(_INVERSE)
    return np.cumprod(powers, dtype=np.uint64), np.cumprod(inverses, dtype=np.uint64)


def word_hash(word: str) -> int:
    """The same hash for one word, in plain Python."""
    return sum(ord(sign) * pow(_BASE, place, 1 << 64) for place, sign in enumerate(word)) & _MASK


@cache
def _class_table() -> tuple[Hashes, Ints]:
    """Hashes of the classed words, rising, and their classes."""
    known = {word_hash(word): number for word, number in classes().items()}
    hashes = np.array(sorted(known), dtype=np.uint64)
    return hashes, np.array([known[int(h)] for h in hashes], dtype=np.int64)


def _class_of(words: Hashes) -> Ints:
    """Class number of each word, 0 for none."""
    hashes, numbers = _class_table()
    slot = np.minimum(np.searchsorted(hashes, words), len(hashes) - 1)
    return np.where(hashes[slot] == words, numbers[slot], 0)


def segment_sums(rows: NDArray[np.generic], bounds: Sequence[int] | Ints) -> NDArray[np.int64]:
    """Sums of rows[bounds[t]:bounds[t + 1]] for each t, 0 where that is empty."""
    bounds = np.asarray(bounds)
    sums = np.zeros((len(bounds) - 1, *rows.shape[1:]), dtype=np.int64)
    filled = bounds[1:] > bounds[:-1]
    if filled.any():
        sums[filled] = np.add.reduceat(rows, bounds[:-1][filled], axis=0, dtype=np.int64)
    return sums
