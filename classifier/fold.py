"""Text as written -> text as read, with offsets back: disguises are undone before anything is scored.

Works on a whole batch in one buffer of code points, with numpy, since Python's regular expressions cost more than
the scoring itself (71 µs a comment against 10). The steps, in order: names and links become one sign each;
every code point is read through `alphabet` (styled letters, look-alikes, case; invisible signs go); letters set apart
are joined (`b.o.d.o.h`, `f u c k`); digits and signs inside words are read as letters (`4nj1ng`, `a$$`), and
whole numbers that spell a rude word as it (`70101`); a letter three times or more is read once (`anjiiing`);
rude words and names of groups with two letters in each other's place are read as meant (`bodho`). Clean text
(`covid19`, `rp50.000`, `anak-anak`) passes unchanged. What a single word means is asked of
`reading`, and only about the few words that hold something odd.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import (
    ASCII,
    BREAKS,
    DIGIT,
    DROP,
    JOINER,
    LEET,
    LETTER,
    LETTERED,
    ODD,
    REACH,
    RUNNING,
    SOLID,
    SPACE,
    TAG,
    TIGHT,
    UNKNOWN,
    Alphabet,
    alphabet,
)
from classifier.lexicon import LONGEST
from classifier.marks import Codes, Ints, Kinds, as_text, keep_flags, mark_names_and_links, read_stars
from classifier.reading import (
    STEM,
    all_read,
    cuts,
    is_listed,
    joined,
    leet_read,
    may_be_misspelled,
    misspelled,
    number_read,
    unrepeated,
)

_GAP = "\n\n"  # between texts: two signs, so that nothing is joined across
TAGS = 0xE0000  # the first of the signs that are never read
MANY, HALF = 4, 0.5  # words of letters and digits, and share in disguise, from which a text is written so throughout
SPELLED = 6  # signs between single letters, from which a text has signs in its words throughout
_NOWHERE = np.zeros(0, dtype=np.int64)

Mask = NDArray[np.bool_]
Numbers = Callable[[Ints], Ints]


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
        upto = (self.kinds == LETTER).cumsum()[self.ends - 1]
        upto[1:] -= upto[:-1].copy()
        return np.asarray(upto, dtype=np.int64)


def fold(text: str) -> Folded:
    """Read one text. Never raises for a str; the result may hold no lone surrogates."""
    batch = fold_batch([text])
    offsets = batch.origin - len(_GAP)
    kept = (offsets >= 0) & (offsets < len(text))
    return Folded(as_text(batch.codes[kept]), tuple(offsets[kept].tolist()))


def fold_batch(texts: Sequence[str]) -> Batch:
    """Read many texts at once; see the module's docstring for the steps."""
    table = alphabet()
    whole = _GAP + _GAP.join(texts) + _GAP
    written = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + len(_GAP)
    begins = np.cumsum(lengths) - lengths + len(_GAP)
    high = _NOWHERE if whole.isascii() else (written >= ASCII).nonzero()[0]
    if len(high):
        written[high] = np.where(written[high] >= TAGS, TAG, np.minimum(written[high], UNKNOWN))
    codes, kinds = table.reads.take(written), table.kinds.take(written)
    mark_names_and_links(whole, codes, kinds)
    read_stars(whole, codes, kinds)
    keep_flags(written, high, codes, kinds)
    codes, kinds, origin = _spelled_out(table, written, high, codes, kinds)
    if "!" in whole or len(high):
        _read_bangs(codes, kinds)
    codes, kinds, origin = _without(_separators(codes, kinds, _numbers(begins, origin)), codes, kinds, origin)
    _read_leet(codes, kinds, _numbers(begins, origin))
    codes, kinds, origin = _without(_repeats(codes, kinds), codes, kinds, origin)
    codes, kinds, origin = _without(_misspelled(codes, kinds), codes, kinds, origin)
    ends = np.searchsorted(origin, begins + lengths)
    return Batch(codes, kinds, origin, ends, begins, _foreign(table, written, high, begins))


def _numbers(begins: Ints, origin: Ints) -> Numbers:
    """Numbers of the texts that signs of a buffer stand in."""
    return lambda at: np.searchsorted(begins, origin[at], side="right") - 1


def _foreign(table: Alphabet, written: Ints, high: Ints, begins: Ints) -> Ints:
    """Letters of other scripts in each text."""
    if not len(high):
        return np.zeros(len(begins), dtype=np.int64)
    at = high[table.foreign[written[high]]]
    return np.bincount(np.searchsorted(begins, at, side="right") - 1, minlength=len(begins))


def _spelled_out(table: Alphabet, written: Ints, high: Ints, codes: Codes, kinds: Kinds) -> tuple[Codes, Kinds, Ints]:
    """Without the signs that are not read, and with both letters of a ligature."""
    pairs = high[table.second[written[high]] != 0] if len(high) else high
    if len(pairs):
        codes, kinds = np.insert(codes, pairs + 1, table.second[written[pairs]]), np.insert(kinds, pairs + 1, LETTER)
    kept = (kinds != DROP).nonzero()[0]
    origin = kept - np.searchsorted(pairs + 1 + np.arange(len(pairs)), kept, side="right") if len(pairs) else kept
    return (codes, kinds, origin) if len(kept) == len(codes) else (codes.take(kept), kinds.take(kept), origin)


def _without(gone: Ints, codes: Codes, kinds: Kinds, origin: Ints) -> tuple[Codes, Kinds, Ints]:
    if not len(gone):
        return codes, kinds, origin
    kept = np.ones(len(codes), dtype=np.bool_)
    kept[gone] = False
    return codes[kept], kinds[kept], origin[kept]


def _separators(codes: Codes, kinds: Kinds, texts: Numbers) -> Ints:
    """Places of the signs that only set letters of one word apart.

    Between breaks (all that is no letter or digit) stand stretches of letters. A break goes when the stretches on
    both sides are single letters of a row of three or more; or when it is an apostrophe or a star between letters;
    or an underscore with a short stretch on one side; or a dot or dash inside a word, see reading.joined (anj.ing; not
    anak-anak, not selesai.Kemudian), or any in a text with many rows of such signs.
    """
    breaks = BREAKS.take(kinds).nonzero()[0]
    lengths = np.diff(breaks) - 1  # of the stretch after each break but the last
    between = breaks[1:-1]
    row = _rows(kinds, breaks, lengths)
    joiners = kinds.take(between) == JOINER
    gone = np.zeros(len(between), dtype=np.bool_)
    if row is not None:
        ends = _word_ends(codes, kinds, between, row)
        gone = row & ~np.isin(between, ends)
        joiners &= ~row | (codes[between] == ord("'"))
    at = joiners.nonzero()[0]
    if len(at):
        signs = between[at]
        gone[at] |= _inside_word(codes, kinds, signs, lengths[at], lengths[at + 1])
        if row is not None:
            spelled = np.bincount(texts(between[row & (kinds.take(between) == JOINER)]))
            lettered = (
                (kinds.take(signs - 1) == LETTER) & (kinds.take(signs + 1) == LETTER) & TIGHT.take(codes.take(signs))
            )
            gone[at] |= lettered & np.isin(texts(signs), (spelled >= SPELLED).nonzero()[0])
    return between[gone]


def _rows(kinds: Kinds, breaks: Ints, lengths: Ints) -> Mask | None:
    """Which breaks but the first and last stand in a row of three single letters or more; None when none does."""
    single = lengths == 1
    if not (single[1:] & single[:-1]).any():
        return None
    inner = kinds[breaks[:-1] + single]  # the kind of the one sign of a single stretch
    letter = single & (inner == LETTER)
    spoken = letter.copy()
    spoken[1:-1] |= single[1:-1] & ((inner[1:-1] == DIGIT) | (inner[1:-1] == LEET)) & letter[:-2] & letter[2:]
    pair = spoken[:-1] & spoken[1:]
    row = np.zeros_like(pair)
    row[1:] |= pair[1:] & pair[:-1]
    row[:-1] |= pair[:-1] & pair[1:]
    return row if row.any() else None


def _word_ends(codes: Codes, kinds: Kinds, between: Ints, row: Mask) -> list[int]:
    """Of the signs between letters set apart, those that stand between two words.

    Spaces, where most are other signs, and the other way round (i.t.u b.o.d.o.h), but where there are many of both
    (b.o d o.h); one after the last letter of a contraction (don't f u c k); and those beside listed words (a b i t c h).
    """
    apart = np.diff(row.nonzero()[0]) > 1
    ends: list[int] = []
    for part in np.split(between[row], apart.nonzero()[0] + 1):
        spaces = kinds[part] == SPACE
        spaced = 2 * int(spaces.sum()) > len(part)
        others = (spaces != spaced).nonzero()[0]
        if len(others) and len(part) < LONGEST and ord("'") not in codes[part]:
            letters = _letters_beside(codes, part)
            if is_listed(letters) or 3 * len(others) >= len(part):
                ends += part[np.array(cuts(letters), dtype=np.int64) - 1].tolist()
                continue
        ends += part[others].tolist()
        for number, piece in enumerate(np.split(part, others)):
            word = piece[1:] if number else piece
            if len(word) and codes[word[0] - 2] == ord("'"):
                ends.append(int(word[0]))
                word = word[1:]
            letters = _letters_beside(codes, word) if spaced else ""
            ends += [int(word[cut - 1]) for cut in cuts(letters)]
    return ends


def _letters_beside(codes: Codes, signs: Ints) -> str:
    """The single letters that stand between signs, and at both ends."""
    return as_text(codes[np.append(signs - 1, signs[-1:] + 1)])


def _inside_word(codes: Codes, kinds: Kinds, signs: Ints, left: Ints, right: Ints) -> Mask:
    """Which of the joiners at `signs` stand inside a word, given the lengths of the stretches beside them."""
    lettered = (kinds.take(signs - 1) == LETTER) & (kinds.take(signs + 1) == LETTER)
    inside = lettered & (np.minimum(left, right) <= REACH.take(codes.take(signs)))
    asked = (lettered & ~inside & (left + right <= LONGEST) & (TIGHT.take(codes.take(signs)))).nonzero()[0]
    if len(asked):
        text = as_text(codes)
        for at in asked.tolist():
            begin, sign, end = signs[at] - left[at], signs[at], signs[at] + right[at] + 1
            inside[at] = joined(text[begin:sign], text[sign + 1 : end])
    return np.asarray(inside)


def _read_bangs(codes: Codes, kinds: Kinds) -> None:
    """Exclamation marks with a letter or digit after them may stand for a letter (sh!t): marked so, in place."""
    at = (codes == ord("!")).nonzero()[0]
    if len(at):
        after = kinds[at + 1]
        kinds[at[(after >= LEET) & (after <= DIGIT)]] = LEET


def _words_at(kinds: Kinds, at: Ints) -> list[tuple[int, int]]:
    """Beginning and end of each word of letters, digits and signs that has a sign at one of the places `at`."""
    breaks = BREAKS.take(kinds).nonzero()[0]
    word = np.searchsorted(breaks, at)
    return list(dict.fromkeys(zip((breaks[word - 1] + 1).tolist(), breaks[word].tolist(), strict=True)))


def _read_leet(codes: Codes, kinds: Kinds, texts: Numbers) -> None:
    """Digits and signs in words of letters, read as the letters they stand for, in place; see reading.leet_read."""
    at = ODD.take(kinds).nonzero()[0]
    if not len(at):
        return
    _read_numbers(codes, kinds, at)
    before, after = kinds.take(at - 1), kinds.take(at + 1)
    at = at[LETTERED.take(before) | LETTERED.take(after)]
    if not len(at):
        return
    text = as_text(codes)
    places = [(begin, end + (text[end] == "!")) for begin, end in _words_at(kinds, at)]  # b4b!
    reads = [leet_read(text[begin:end]) for begin, end in places]
    changed = np.array([read != text[begin:end] for read, (begin, end) in zip(reads, places, strict=True)])
    if not changed.any():
        return
    number = texts(np.array([begin for begin, _ in places]))
    share = np.bincount(number, changed) / np.maximum(np.bincount(number), MANY)
    for (begin, end), read, much in zip(places, reads, share[number].tolist(), strict=True):
        letters = np.fromiter(map(ord, read if much <= HALF else all_read(read)), dtype=np.uint32, count=len(read))
        kinds[begin:end][letters != codes[begin:end]] = LETTER
        codes[begin:end] = letters


def _read_numbers(codes: Codes, kinds: Kinds, at: Ints) -> None:
    """Whole numbers that spell a rude word, read as it, in place. at: places of digits and signs that may be letters."""
    edges = np.concatenate(([0], (at[1:] - at[:-1] > 1).nonzero()[0] + 1, [len(at)]))
    long = (edges[1:] - edges[:-1] >= STEM).nonzero()[0]
    if not len(long):
        return
    begins, ends = at[edges[long]], at[edges[long + 1] - 1] + 1
    alone = BREAKS.take(kinds.take(begins - 1)) & BREAKS.take(kinds.take(ends))
    for begin, end in zip(begins[alone].tolist(), ends[alone].tolist(), strict=True):
        read = number_read(as_text(codes[begin:end]))
        if read:
            codes[begin:end] = list(map(ord, read))
            kinds[begin:end] = LETTER


def _repeats(codes: Codes, kinds: Kinds) -> Ints:
    """All but the first of a letter or symbol that stands three times or more in a row; see reading.unrepeated."""
    again = codes[1:] == codes[:-1]
    at = (again[1:] & again[:-1]).nonzero()[0]
    at = at[RUNNING.take(kinds.take(at))]
    if not len(at):
        return _NOWHERE
    gone = np.zeros(len(codes), dtype=np.bool_)
    gone[at + 1] = gone[at + 2] = True
    at = at[kinds.take(at) == LETTER]
    if len(at):
        text = as_text(codes)
        for begin, end in _words_at(kinds, at):
            gone[begin:end] = True
            gone[begin + np.array(unrepeated(text[begin:end]))] = False
    return np.asarray(gone.nonzero()[0], dtype=np.int64)


def _misspelled(codes: Codes, kinds: Kinds) -> Ints:
    """Rude words with two letters swapped or one doubled, spelled as they are listed, in place; places of second letters."""
    worded = SOLID.take(kinds)
    edges = (worded[1:] != worded[:-1]).nonzero()[0] + 1
    begins, ends = edges[::2], edges[1::2]
    found = may_be_misspelled(codes, begins, ends).nonzero()[0]
    if not len(found):
        return found
    text = as_text(codes)
    gone = []
    for begin, end in zip(begins[found].tolist(), ends[found].tolist(), strict=True):
        read = misspelled().get(text[begin:end])
        if read:
            codes[begin:end] = list(map(ord, read))
            gone += [begin + read.index(" ")] if " " in read else []
    return np.array(gone, dtype=np.int64)
