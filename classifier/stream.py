"""The words of a folded batch, laid out for hashing."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import DIGIT, SYMBOL
from classifier.fold import GAP, Batch

ALIKE = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"}  # in words with letters
ELL, EYE = "l", "i"  # the first is read as the second, since 1 and ! stand for either
_BOUNDARY = ord(" ")

_LETTERS = str.maketrans(ALIKE)
_DIGITS = np.array([ord(ALIKE.get(digit, digit)) for digit in "0123456789"], dtype=np.uint32)

Ints = NDArray[np.int64]


class Stream(NamedTuple):
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
    np.putmask(codes, ~worded, _BOUNDARY)
    edges = (worded[1:] != worded[:-1]).nonzero()[0] + 1
    starts, ends = edges[::2], edges[1::2]
    words = np.zeros(len(batch.ends) + 1, dtype=np.int64)
    words[1:] = places.take(starts).searchsorted(batch.ends)
    before = np.zeros(len(starts) + 1, dtype=np.int64)
    before[:-1], before[-1:] = starts - 1, ends[-1:] if len(ends) else 0
    np.putmask(codes, codes == ord(ELL), ord(EYE))
    digits = _read_digits(codes, (kinds == DIGIT).nonzero()[0], starts, ends)
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


def _read_digits(codes: NDArray[np.uint32], at: Ints, starts: Ints, ends: Ints) -> Ints:
    """How many digits each word holds; those in words with letters are read as these, in place. at: where digits stand."""
    if not len(at):
        return np.zeros(len(starts), dtype=np.int64)
    word = starts.searchsorted(at, side="right") - 1
    digits = np.bincount(word, minlength=len(starts))
    at = at[(digits[word] < (ends - starts)[word]) & (codes[at] <= ord("9"))]
    codes[at] = _DIGITS[codes[at] - ord("0")]
    return digits


def alike(word: str) -> str:
    """The signs that a word is hashed as."""
    read = word.replace(ELL, EYE)
    return read if read.isdigit() else read.translate(_LETTERS)
