"""What each word of a stream is counted as: hashes of it, and the class that the lists put it in.

Words that no list knows are hashed as bags of letters, a sum that two swapped letters do not change, and every word once
more without its vowels.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.lexicon import IDENTITY, NUMBERED, TELEPHONE, classes
from classifier.slang import standard_words
from classifier.stream import Stream, alike

ANY_GROUP = "\ue002"  # what every name of a group is counted as
PHONE = 9  # digits of a telephone number, at least
BAG = 4  # letters of a word, at least, whose order is not looked at
KNOWN_BITS = 16  # of a hash, that listed words are looked up by
SIGNS = 4096  # codes of signs are told apart modulo this in bags
VOWELS = "aeiou"
BRAND = 3  # letters before the digits of a site's name, at least

BASE = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
MIXER = 0xBF58476D1CE4E5B9
_FIRST = np.uint64(MIXER)

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]


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
    letters = np.random.default_rng(BASE).integers(0, 1 << 64, SIGNS, dtype=np.uint64)
    consonants = letters.copy()
    consonants[list(map(ord, VOWELS))] = 0
    return letters, consonants


def word_hash(word: str) -> int:
    """The same hash for one word, in plain Python."""
    return hash_of(alike(word))


def hash_of(signs: str) -> int:
    """The hash of signs as they are."""
    found = 0
    for sign in reversed(signs):
        found = (found * BASE + ord(sign)) & MASK
    return found


def bones_hash(signs: str) -> int:
    """The hash of the consonants among signs with the first sign apart, in plain Python."""
    letters, consonants = sign_numbers()
    at = [ord(sign) % SIGNS for sign in signs]
    return (sum(int(consonants[place]) for place in at) + int(letters[at[0]]) * MIXER) & MASK


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
def _known() -> _Known:
    kinds, standard = classes(), standard_words()
    listed = {}
    for word in {*kinds, *standard, *standard.values()}:
        read = standard.get(word, word)
        kind = kinds.get(read, 0)
        counted = alike(ANY_GROUP if kind == IDENTITY else read)
        listed[word_hash(word)] = hash_of(counted), bones_hash(counted), kind
    hashes = np.array(list(listed), dtype=np.uint64)
    mixed = _mixed(hashes)
    order = mixed.argsort()
    found = [*(listed[int(word)] for word in hashes[order]), (0, 0, 0)]
    rising = np.append(mixed[order], np.uint64(MASK))
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


def known_words(stream: Stream, sums: Hashes, inverses: Hashes) -> tuple[Hashes, Hashes, Ints]:
    """Hashes of words as they are counted, of their bones, and class number of each, 0 for none.

    Abbreviations count as the words they stand for, and names of groups all as one word: what is said of a group weighs, not
    of which. Words that no list knows are counted by their bag if they are long enough and not all digits.

    A word that no list knows has the class of its shape: a number long enough for a telephone, or letters with digits, as
    names of gambling sites are.

    sums, inverses: the cumulative sum over the stream, and what brings its differences to the same place.
    """
    words = (sums[stream.ends] - sums[stream.starts]) * inverses[stream.starts]
    known, mixed = _known(), _mixed(words)
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
    at = stream.digits.nonzero()[0]
    if not len(at):
        return stream.digits
    shapes = np.zeros(len(stream.digits), dtype=np.int64)
    digits, letters = stream.digits[at], stream.ends[at] - stream.starts[at] - stream.digits[at]
    shapes[at] = np.where(letters >= BRAND, NUMBERED, np.where(digits >= PHONE, TELEPHONE, 0))
    return shapes
