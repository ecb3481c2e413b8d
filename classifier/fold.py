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

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import (
    ASCII,
    DIGIT,
    DROP,
    JOINER,
    LEET,
    LETTER,
    LETTERED,
    REACH,
    RUNNING,
    SPACE,
    TAG,
    TIGHT,
    UNKNOWN,
    Alphabet,
    alphabet,
    breaks,
    odd,
    solid,
)
from classifier.lexicon import LONGEST
from classifier.marks import (
    Codes,
    Ints,
    Kinds,
    as_text,
    codes_of,
    keep_flags,
    mark_names_and_links,
    read_stars,
    stretches,
)
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

GAP = 2  # signs between texts and at both ends: so many that nothing is joined across
_BETWEEN = "\n" * GAP
TAGS = 0xE0000  # the first of the signs that are never read
MANY, HALF = 4, 0.5  # words of letters and digits, and share in disguise, from which a text is written so throughout
SPELLED = 6  # signs between single letters, from which a text has signs in its words throughout
_NOWHERE = np.zeros(0, dtype=np.int64)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Folded:
    """A text as read.

    text: what is scored; a name or link is one private-use sign. offsets: for each code point of `text`, the index
    of the code point of the original it stands for, counted from 0, rising.
    """

    text: str
    offsets: tuple[int, ...]


class Batch(NamedTuple):
    """Many folded texts in one buffer.

    codes, kinds: code points as read and their kinds. ends: where each text's part of the buffer ends (it begins
    where the one before ends). foreign: letters of other scripts in each text. spelled: index into the joined originals of
    each sign that was read at first; gone: places of those that each later step took out.
    """

    codes: Codes
    kinds: Kinds
    ends: Ints
    foreign: Ints
    spelled: Ints
    gone: tuple[Ints, ...]

    def origin(self) -> Ints:
        """For each sign of the buffer its index into the joined originals: only explanations ask."""
        origin = self.spelled
        for places in self.gone:
            origin = np.delete(origin, places)
        return origin

    def letters(self) -> Ints:
        """Number of letters in each text, as read."""
        upto = (self.kinds == LETTER).cumsum()[self.ends - 1]
        upto[1:] -= upto[:-1].copy()
        return np.asarray(upto, dtype=np.int64)


def fold(text: str) -> Folded:
    """Read one text. Never raises for a str; the result may hold no lone surrogates."""
    batch = fold_batch([text])
    offsets = batch.origin() - GAP
    kept = (offsets >= 0) & (offsets < len(text))
    return Folded(as_text(batch.codes[kept]), tuple(offsets[kept].tolist()))


def read_batch(texts: Sequence[str]) -> list[str]:
    """Many texts as read, without the spaces around them: a tenth of the cost of one by one."""
    batch = fold_batch(texts)
    whole, ends = as_text(batch.codes), batch.ends.tolist()
    return [whole[begin:end].strip() for begin, end in pairwise([0, *ends])]


def fold_batch(texts: Sequence[str]) -> Batch:
    """Read many texts at once; see the module's docstring for the steps."""
    table = alphabet()
    whole = _BETWEEN + _BETWEEN.join(texts) + _BETWEEN
    written = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + GAP
    begins = lengths.cumsum() - lengths + GAP
    high = _NOWHERE if whole.isascii() else (written >= ASCII).nonzero()[0]
    if len(high):
        written[high] = np.where(written[high] >= TAGS, TAG, np.minimum(written[high], UNKNOWN))
    codes, kinds = table.reads.take(written), table.kinds.take(written)
    mark_names_and_links(whole, codes, kinds)
    read_stars(whole, codes, kinds)
    keep_flags(written, high, codes, kinds)
    codes, kinds, spelled = _spelled_out(table, written, high, codes, kinds)
    if "!" in whole or len(high):
        _read_bangs(codes, kinds)
    ends = spelled.searchsorted(begins + lengths)
    codes, kinds, ends, apart = _without(_separators(codes, kinds, ends), codes, kinds, ends)
    _read_leet(codes, kinds, ends)
    codes, kinds, ends, again = _without(_repeats(codes, kinds), codes, kinds, ends)
    codes, kinds, ends, doubled = _without(_misspelled(codes, kinds), codes, kinds, ends)
    return Batch(codes, kinds, ends, _foreign(table, written, high, begins), spelled, (apart, again, doubled))


def _texts(ends: Ints, places: Ints) -> Ints:
    """Numbers of the texts that signs of the buffer stand in."""
    return np.asarray(ends.searchsorted(places, side="right"))


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


def _without(gone: Ints, codes: Codes, kinds: Kinds, ends: Ints) -> tuple[Codes, Kinds, Ints, Ints]:
    """The buffer and the ends of its texts without the signs at the rising places `gone`; and these."""
    if not len(gone):
        return codes, kinds, ends, gone
    kept = np.ones(len(codes), dtype=np.bool_)
    kept[gone] = False
    return codes[kept], kinds[kept], ends - gone.searchsorted(ends), gone


def _separators(codes: Codes, kinds: Kinds, ends: Ints) -> Ints:
    """Places of the signs that only set letters of one word apart.

    Between breaks (all that is no letter or digit) stand stretches of letters. A break goes when the stretches on
    both sides are single letters of a row of three or more; or when it is an apostrophe or a star between letters;
    or an underscore with a short stretch on one side; or a dot or dash inside a word, see reading.joined (anj.ing; not
    anak-anak, not selesai.Kemudian), or any in a text with many rows of such signs.
    """
    places = breaks(kinds).nonzero()[0]
    lengths = places[1:] - places[:-1] - 1  # of the stretch after each break but the last
    between = places[1:-1]
    row = _rows(kinds, places, lengths)
    joiners = kinds.take(between) == JOINER
    gone = np.zeros(len(between), dtype=np.bool_)
    if row is not None:
        gone = row.copy()
        gone[between.searchsorted(_word_ends(codes, kinds, between, row))] = False
        joiners &= ~row | (codes[between] == ord("'"))
    at = joiners.nonzero()[0]
    if len(at):
        signs = between[at]
        gone[at] |= _inside_word(codes, kinds, signs, lengths[at], lengths[at + 1])
        if row is not None:
            spelled = np.bincount(_texts(ends, between[row & (kinds.take(between) == JOINER)]), minlength=len(ends))
            if spelled.max() >= SPELLED:
                lettered = (kinds.take(signs - 1) == LETTER) & (kinds.take(signs + 1) == LETTER)
                gone[at] |= lettered & TIGHT.take(codes.take(signs)) & (spelled[_texts(ends, signs)] >= SPELLED)
    return between[gone]


def _rows(kinds: Kinds, places: Ints, lengths: Ints) -> Mask | None:
    """Which breaks but the first and last stand in a row of three single letters or more; None when none does."""
    single = lengths == 1
    if not np.count_nonzero(single[1:] & single[:-1]):
        return None
    inner = kinds[places[:-1] + single]  # the kind of the one sign of a single stretch
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
    at = row.nonzero()[0]
    signs = between[at]
    places, spaces = signs.tolist(), (kinds[signs] == SPACE).tolist()
    edges = [0, *((at[1:] - at[:-1] > 1).nonzero()[0] + 1).tolist(), len(at)]
    ends = []
    for first, last in pairwise(edges):
        begin = places[first] - GAP
        text = as_text(codes[begin : places[last - 1] + GAP])
        inside = [place - begin for place in places[first:last]]
        ends += [begin + end for end in _ends_in(text, inside, spaces[first:last])]
    return ends


def _ends_in(text: str, row: list[int], spaces: list[bool]) -> list[int]:
    """The same for one row of signs. text: from two signs before the row to one after it. spaces: which of them are."""
    spaced = 2 * sum(spaces) > len(row)
    others = [number for number, space in enumerate(spaces) if space != spaced]
    if others and len(row) < LONGEST and all(text[sign] != "'" for sign in row):
        letters = _letters_beside(text, row)
        if is_listed(letters) or 3 * len(others) >= len(row):
            return [row[cut - 1] for cut in cuts(letters)]
    ends = [row[number] for number in others]
    for first, last in pairwise([-1, *others, len(row)]):
        word = row[first + 1 : last]
        if word and text[word[0] - 2] == "'":
            ends.append(word[0])
            word = word[1:]
        ends += [word[cut - 1] for cut in cuts(_letters_beside(text, word))] if spaced else []
    return ends


def _letters_beside(text: str, signs: list[int]) -> str:
    """The single letters that stand between signs, and at both ends."""
    return "".join(text[sign - 1] for sign in signs) + text[signs[-1] + 1] if signs else ""


def _inside_word(codes: Codes, kinds: Kinds, signs: Ints, left: Ints, right: Ints) -> Mask:
    """Which of the joiners at `signs` stand inside a word, given the lengths of the stretches beside them."""
    lettered = (kinds.take(signs - 1) == LETTER) & (kinds.take(signs + 1) == LETTER)
    if not np.count_nonzero(lettered):
        return np.asarray(lettered)
    inside = lettered & (np.minimum(left, right) <= REACH.take(codes.take(signs)))
    asked = (lettered & ~inside & (left + right <= LONGEST) & TIGHT.take(codes.take(signs))).nonzero()[0]
    if len(asked):
        left, right, signs = left[asked], right[asked], signs[asked]
        parts = zip(stretches(codes, signs - left, signs + right + 1), left.tolist(), strict=True)
        inside[asked] = [joined(part[:sign], part[sign + 1 :]) for part, sign in parts]
    return np.asarray(inside)


def _read_bangs(codes: Codes, kinds: Kinds) -> None:
    """Exclamation marks with a letter or digit after them may stand for a letter (sh!t): marked so, in place."""
    at = (codes == ord("!")).nonzero()[0]
    if len(at):
        after = kinds[at + 1]
        kinds[at[(after >= LEET) & (after <= LETTER)]] = LEET


def _words_at(kinds: Kinds, at: Ints) -> tuple[Ints, Ints]:
    """Beginnings and ends of the words of letters, digits and signs that have a sign at one of the rising places `at`."""
    ends = breaks(kinds).nonzero()[0]
    word = ends.searchsorted(at)
    new = np.ones(len(word), dtype=np.bool_)
    new[1:] = word[1:] != word[:-1]
    word = word[new]
    return ends.take(word - 1) + 1, ends.take(word)


def _read_leet(codes: Codes, kinds: Kinds, ends: Ints) -> None:
    """Digits and signs in words of letters, read as the letters they stand for, in place; see reading.leet_read."""
    at = odd(kinds).nonzero()[0]
    if not len(at):
        return
    _read_numbers(codes, kinds, at)
    before, after = kinds.take(at - 1), kinds.take(at + 1)
    at = at[LETTERED.take(before) | LETTERED.take(after)]
    if not len(at):
        return
    begins, lasts = _words_at(kinds, at)
    lasts += codes.take(lasts) == ord("!")  # b4b!
    words = stretches(codes, begins, lasts)
    reads = [leet_read(word) for word in words]
    changed = [read != word for read, word in zip(reads, words, strict=True)]
    if not any(changed):
        return
    number = _texts(ends, begins)
    share = np.bincount(number, changed) / np.maximum(np.bincount(number), MANY)
    for place in (changed | (share[number] > HALF)).nonzero()[0].tolist():
        begin, end, read = int(begins[place]), int(lasts[place]), reads[place]
        letters = codes_of(read if share[number[place]] <= HALF else all_read(read))
        kinds[begin:end][letters != codes[begin:end]] = LETTER
        codes[begin:end] = letters


def _read_numbers(codes: Codes, kinds: Kinds, at: Ints) -> None:
    """Whole numbers that spell a rude word, read as it, in place. at: places of digits and signs that may be letters."""
    edges = np.concatenate(([0], (at[1:] - at[:-1] > 1).nonzero()[0] + 1, [len(at)]))
    long = (edges[1:] - edges[:-1] >= STEM).nonzero()[0]
    if not len(long):
        return
    begins, ends = at[edges[long]], at[edges[long + 1] - 1] + 1
    alone = breaks(kinds.take(begins - 1)) & breaks(kinds.take(ends))
    for begin, end in zip(begins[alone].tolist(), ends[alone].tolist(), strict=True):
        read = number_read(as_text(codes[begin:end]))
        if read:
            codes[begin:end] = codes_of(read)
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
        begins, ends = _words_at(kinds, at)
        for begin, word in zip(begins.tolist(), stretches(codes, begins, ends), strict=True):
            gone[begin : begin + len(word)] = True
            gone[begin + np.array(unrepeated(word))] = False
    return np.asarray(gone.nonzero()[0], dtype=np.int64)


def _misspelled(codes: Codes, kinds: Kinds) -> Ints:
    """Rude words with two letters swapped or one doubled, spelled as they are listed, in place; places of second letters."""
    worded = solid(kinds)
    edges = (worded[1:] != worded[:-1]).nonzero()[0] + 1
    begins, ends = edges[::2], edges[1::2]
    found = may_be_misspelled(codes, begins, ends)
    if not len(found):
        return found
    begins, listed, gone = begins[found], misspelled(), []
    for begin, word in zip(begins.tolist(), stretches(codes, begins, ends[found]), strict=True):
        read = listed.get(word)
        if read:
            codes[begin : begin + len(word)] = codes_of(read)
            gone += [begin + read.index(" ")] if " " in read else []
    return np.array(gone, dtype=np.int64)
