"""Text as written -> text as read, with offsets back: disguises are undone before anything is scored.

Works on a whole batch in one buffer of code points, with numpy, since Python's regular expressions cost more than
the scoring itself (71 µs a comment against 10). The steps, in order: names and links become one sign each;
every code point is read through `alphabet` (styled letters, look-alikes, case; invisible signs go); letters set apart
are joined (`b.o.d.o.h`, `f u c k`); digits and signs inside words are read as letters (`4nj1ng`, `a$$`); a letter
three times or more is read once (`anjiiing`). Clean text (`covid19`, `rp50.000`, `anak-anak`) passes unchanged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import DIGIT, DROP, JOINER, LEET, LETTER, PLANES, SYMBOL, TAG, UNKNOWN, Alphabet, alphabet
from classifier.lexicon import LONGEST, rude_words, starred_word

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_STARRED = re.compile(r"[^\W\d_]+(?:\*+[^\W\d_]+)+")
_LINK_SIGNS = (("://", 5), ("://", 4), ("www.", 0), ("WWW.", 0))  # what every link holds, and how far in
_NAME = re.compile(r"(?<![\w@])@[A-Za-z0-9_][\w.\-]*+(?![!$|]\w)")
# '@' stands for the a of these: the rest of the word, as written after the sign
_NOT_A_NAME = re.compile(
    r"@(?:nj(?:[i1]ng|[i1]r|ay)\w*|su|ss|ssh[o0]les?|rseh[o0]le|nal|n[j7]g|njrit|sshat)$", re.IGNORECASE
)
_GAP = "\n\n"  # between texts: two signs, so that nothing is joined across
NAME_SIGN, LINK_SIGN = 0xE000, 0xE001
SHORT = 3  # letters on one side of a sign inside a word, at most, for it to be taken as a disguise

_LATIN = np.zeros(128, dtype=np.bool_)
_LATIN[ord("a") : ord("z") + 1] = True
_CONSONANT = _LATIN.copy()
_CONSONANT[[ord(vowel) for vowel in "aeiou"]] = False

Codes = NDArray[np.uint32]
Kinds = NDArray[np.uint8]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Folded:
    """A text as read.

    text: what is scored; a name or link is one private-use sign. offsets: for each code point of `text`, the index
    of the code point of the original it stands for, counted from 0, rising.
    """

    text: str
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """Many folded texts in one buffer.

    codes, kinds: code points as read and their kinds. origin: index into the joined originals.
    ends: where each text's part of the buffer ends (it begins where the one before ends). begins: where each
    original begins in the joined originals. foreign: letters of other scripts in each text.
    """

    codes: Codes
    kinds: Kinds
    origin: Ints
    ends: Ints
    begins: Ints
    foreign: Ints

    def letters(self) -> Ints:
        """Number of letters in each text, as read."""
        upto = np.concatenate(([0], np.cumsum(self.kinds == LETTER)))
        return np.diff(upto[self.ends], prepend=0)


def fold(text: str) -> Folded:
    """Read one text. Never raises for a str; the result may hold no lone surrogates."""
    batch = fold_batch([text])
    offsets = batch.origin - len(_GAP)
    kept = (offsets >= 0) & (offsets < len(text))
    read = batch.codes[kept].astype("<u4").tobytes().decode("utf-32-le", "replace")
    return Folded(read, tuple(offsets[kept].tolist()))


def fold_batch(texts: Sequence[str]) -> Batch:
    """Read many texts at once; see the module's docstring for the steps."""
    table = alphabet()
    joined = _GAP + _GAP.join(texts) + _GAP
    written = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + len(_GAP)
    begins = np.cumsum(lengths) - lengths + len(_GAP)
    index = written if written.max() < PLANES else _clipped(written)
    codes, kinds = table.reads[index], table.kinds[index]
    foreign = (
        np.add.reduceat(table.foreign[index], begins, dtype=np.int64) if index.max() >= 0x370 else np.zeros_like(begins)
    )
    _mark_names_and_links(joined, codes, kinds)
    _read_stars(joined, codes, kinds)
    codes, kinds, origin = _spelled_out(table, index, codes, kinds)
    codes, kinds, origin = _kept(~_separators(codes, kinds), codes, kinds, origin)
    codes, kinds = _leet_read(table, codes, kinds)
    codes, kinds, origin = _kept(~_repeats(codes, kinds), codes, kinds, origin)
    ends = np.searchsorted(origin, begins + lengths)
    return Batch(codes, kinds, origin, ends, begins, foreign)


def _clipped(written: Codes) -> Codes:
    return np.where(written >= 0xE0000, np.uint32(TAG), np.minimum(written, np.uint32(UNKNOWN)))


def _mark_names_and_links(joined: str, codes: Codes, kinds: Kinds) -> None:
    """Names and links become one sign each, in place: the model must not learn who or where, only that."""
    for begin in _places(joined, "@"):
        match = _NAME.match(joined, begin)
        if match and not _NOT_A_NAME.match(match.group()):
            _replace(match.span(), NAME_SIGN, codes, kinds)
    for sign, inward in _LINK_SIGNS:
        for begin in _places(joined, sign):
            match = _LINK.match(joined, begin - inward)
            if match:
                _replace(match.span(), LINK_SIGN, codes, kinds)


def _read_stars(joined: str, codes: Codes, kinds: Kinds) -> None:
    """Stars that stand for letters of a rude word, read as those letters, in place: f*ck, anj**g."""
    read_to = 0
    for star in _places(joined, "*"):
        begin = star
        while star > read_to and begin > read_to and kinds[begin - 1] == LETTER:
            begin -= 1
        match = _STARRED.match(joined, begin)
        if star >= read_to and match:
            read_to = match.end()
            word = starred_word("".join(map(chr, codes[begin:read_to])))
            codes[begin:read_to] = [ord(letter) for letter in word]
            kinds[begin:read_to] = LETTER if "*" not in word else kinds[begin:read_to]


def _places(joined: str, sign: str) -> Iterator[int]:
    """Where a sign stands. str.find and then one match are ten times as quick as a regular expression's search."""
    place = joined.find(sign)
    while place >= 0:
        yield place
        place = joined.find(sign, place + 1)


def _replace(span: tuple[int, int], sign: int, codes: Codes, kinds: Kinds) -> None:
    begin, end = span
    if kinds[begin] != DROP:  # else it stands inside another, already replaced
        codes[begin], kinds[begin] = sign, SYMBOL
        kinds[begin + 1 : end] = DROP


def _spelled_out(table: Alphabet, index: Codes, codes: Codes, kinds: Kinds) -> tuple[Codes, Kinds, Ints]:
    """Without the signs that are not read, and with both letters of a ligature."""
    origin = np.arange(len(codes))
    if index.max() < 0x80:
        return _kept(kinds != DROP, codes, kinds, origin)
    second = table.second[index]
    if second.any():
        times = 1 + (second != 0)
        origin, codes, kinds = np.repeat(origin, times), np.repeat(codes, times), np.repeat(kinds, times)
        second = np.repeat(second, times)
        further = np.flatnonzero(origin[1:] == origin[:-1]) + 1
        codes[further] = second[further]
    return _kept(kinds != DROP, codes, kinds, origin)


def _kept(mask: Mask, codes: Codes, kinds: Kinds, origin: Ints) -> tuple[Codes, Kinds, Ints]:
    if mask.all():
        return codes, kinds, origin
    return codes[mask], kinds[mask], origin[mask]


def _separators(codes: Codes, kinds: Kinds) -> Mask:
    """Which signs only set letters of one word apart.

    Between breaks (all that is no letter or digit) stand stretches of letters. A break goes when the stretches on
    both sides are single letters of a row of three or more; or when it is an apostrophe or a star between letters;
    or a dot, dash or underscore between letters with a short stretch on one side (anj.ing; not anak-anak,
    not selesai.Kemudian).
    """
    mask = np.zeros(len(codes), dtype=np.bool_)
    breaks = np.flatnonzero(kinds <= JOINER)
    lengths = np.diff(breaks) - 1  # of the stretch after each break but the last
    if len(lengths) < 2:
        return mask
    single = lengths == 1
    inner = kinds[breaks[:-1] + single]  # the kind of the one sign of a single stretch
    letter = single & (inner == LETTER)
    spoken = letter.copy()
    spoken[1:-1] |= single[1:-1] & ((inner[1:-1] == DIGIT) | (inner[1:-1] == LEET)) & letter[:-2] & letter[2:]
    pair = spoken[:-1] & spoken[1:]
    row = pair.copy()
    row[1:] &= pair[:-1] | np.append(pair[2:], False)
    row[0] &= pair[1] if len(pair) > 1 else False
    between = breaks[1:-1]
    mask[between[row]] = True
    at = np.flatnonzero(kinds[between] == JOINER)
    if len(at):
        signs = between[at]
        mask[signs] |= _inside_word(codes, kinds, signs, lengths[at], lengths[at + 1])
    return mask


def _inside_word(codes: Codes, kinds: Kinds, signs: Ints, left: Ints, right: Ints) -> Mask:
    """Which of the joiners at `signs` stand inside a word, given the lengths of the stretches beside them."""
    lettered = (kinds[signs - 1] == LETTER) & (kinds[signs + 1] == LETTER) & (left > 0) & (right > 0)
    sign = codes[signs]
    shorter = np.minimum(left, right)
    always = (sign == ord("'")) | (sign == ord("*")) | (sign == ord("~")) | (sign == ord("^"))
    dotted = ((sign == ord(".")) | (sign == ord("_")) | (sign == ord("+"))) & (shorter <= SHORT)
    dashed = (sign == ord("-")) & (shorter < SHORT)
    return np.asarray(lettered & (always | dotted | dashed))


def _leet_read(table: Alphabet, codes: Codes, kinds: Kinds) -> tuple[Codes, Kinds]:
    """Digits and signs inside a word of letters, read as the letters they stand for.

    Only where letters stand on both sides (b0d0h, sh!t), in a word of three letters or more, and never in a row of
    different digits (covid19nya); at the beginning of a word only together with another disguise, or before two
    consonants (4njing, not 4tahun); `$` also at the end of a word (a$$). Never 2: it doubles words (anak2).
    """
    at = np.flatnonzero((kinds == LEET) | (kinds == DIGIT))
    at = at[(at > 0) & (codes[at] < len(table.leet))]
    letters = table.leet[codes[at]]
    at, letters = at[letters > 0], letters[letters > 0]
    if not len(at):
        return codes, kinds
    breaks = np.flatnonzero((kinds <= JOINER) | (kinds == SYMBOL))
    word = np.searchsorted(breaks, at)
    begin, end = breaks[word - 1] + 1, breaks[word]
    count = np.cumsum(kinds == LETTER)
    in_word = count[end - 1] - count[begin - 1]
    before, after, same = _row_around(codes, at)
    starts, stops = before < begin, after >= end
    letter_before, letter_after = kinds[before] == LETTER, kinds[np.minimum(after, len(kinds) - 1)] == LETTER
    signs = kinds[at] == LEET
    shorter = np.minimum(at - begin, end - 1 - at)
    inside = letter_before & letter_after & ~starts & ~stops & same & (in_word >= np.where(signs, 1, 3))
    inside &= ~signs | (shorter <= SHORT)
    dollar = codes[at] == ord("$")
    ending = dollar & same & stops & letter_before & ~starts & ((after - before > 2) | (in_word >= 3))
    disguised = np.zeros(len(codes) + 1, dtype=np.bool_)
    disguised[begin[inside]] = True
    with_another = disguised[begin]
    leading = starts & letter_after & (in_word >= 3) & (with_another | dollar | _two_consonants(codes, after))
    read = inside | ending | leading | _spells_rude_word(codes, at, letters, begin, end, in_word)
    codes, kinds = codes.copy(), kinds.copy()
    codes[at[read]], kinds[at[read]] = letters[read], LETTER
    return codes, kinds


def _spells_rude_word(codes: Codes, at: Ints, letters: Codes, begin: Ints, end: Ints, in_word: Ints) -> Mask:
    """Which signs stand in a word that is a known rude word once all its signs are read as letters (1d10t, f4g)."""
    found = np.zeros(len(at), dtype=np.bool_)
    mixed = np.flatnonzero((in_word > 0) & (end - begin <= LONGEST))
    for word in dict.fromkeys(zip(begin[mixed].tolist(), end[mixed].tolist(), strict=True)):
        inside = (at >= word[0]) & (at < word[1])
        read = codes[word[0] : word[1]].copy()
        read[at[inside] - word[0]] = letters[inside]
        found |= inside & ("".join(map(chr, read)) in rude_words())
    return found


def _row_around(codes: Codes, at: Ints) -> tuple[Ints, Ints, Mask]:
    """Of each sign at `at`: the index before and after its row of signs, and whether they are all the same."""
    step = np.diff(at) != 1
    first = np.flatnonzero(np.concatenate(([True], step)))
    row = np.cumsum(np.concatenate(([False], step)))
    last = np.append(first[1:], len(at)) - 1
    differs = np.append(0, np.cumsum(codes[at[1:]] != codes[at[:-1]]))
    same = differs[last] == differs[first]
    return at[first][row] - 1, at[last][row] + 1, same[row]


def _two_consonants(codes: Codes, after: Ints) -> Mask:
    """Whether the two signs from `after` are consonants with more letters to come (4njing; not 4th, 4tahun)."""
    limit = len(codes) - 1
    first, second, third, fourth = (np.minimum(codes[np.minimum(after + step, limit)], 127) for step in range(4))
    return np.asarray(_CONSONANT[first] & _CONSONANT[second] & _LATIN[third] & _LATIN[fourth])


def _repeats(codes: Codes, kinds: Kinds) -> Mask:
    """All but the first of a letter or symbol that stands three times or more in a row."""
    again = np.zeros(len(codes) + 1, dtype=np.bool_)
    again[1:-1] = (codes[1:] == codes[:-1]) & ((kinds[1:] == LETTER) | (kinds[1:] == SYMBOL))
    beside = again[2:] | again[:-2]
    mask = again[:-1].copy()
    mask[1:] &= beside[: len(mask) - 1]
    return mask
