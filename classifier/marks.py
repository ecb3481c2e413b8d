"""Names, links, stars and flags, read in place before anything else is: what needs the text as it was written."""

import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import ASCII, COUNTRIES, DIGIT, DROP, LETTER, SYMBOL
from classifier.reading import is_listed, is_no_name, starred

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_STARRED = re.compile(r"[^\W\d_]+(?:\*+[^\W\d_]+)+")
_NAME = re.compile(r"(?<![\w@$!])@[A-Za-z0-9_][\w.\-]*+(?![!|]\w|\$)")
NAME_SIGN, LINK_SIGN = 0xE000, 0xE001  # private use
SHORT = 4096  # signs of a buffer that is decoded whole, at most
FLAG_A = 0x1F1E6  # the first of the letters that flags are made of

Codes = NDArray[np.uint32]
Kinds = NDArray[np.uint8]
Ints = NDArray[np.int64]


def as_text(codes: Codes) -> str:
    """Code points as a string, lone surrogates replaced."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "replace")


def codes_of(text: str) -> Codes:
    """A string as code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def stretches(codes: Codes, begins: Ints, ends: Ints) -> list[str]:
    """The strings of some stretches. Of a long buffer only these are decoded, which is ten times as quick."""
    if len(codes) < SHORT or not len(begins):
        text = as_text(codes)
        return [text[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    text = as_text(codes.take(places_of(begins, ends)))
    upto = [0, *(ends - begins).cumsum().tolist()]
    return [text[begin:end] for begin, end in pairwise(upto)]


def mark_names_and_links(whole: str, codes: Codes, kinds: Kinds) -> None:
    """Names and links become one sign each, in place: the model must not learn who or where, only that."""
    names = [_NAME.match(whole, begin) for begin in _places(whole, "@")]
    spans = [name.span() for name in names if name and not is_no_name(name.group())]
    if spans:
        begins, ends = np.array(spans).T
        kinds[places_of(begins, ends)] = DROP
        codes[begins], kinds[begins] = NAME_SIGN, SYMBOL
    schemes = [sign - (5 if whole[sign - 1] in "sS" else 4) for sign in _places(whole, "://")]
    for begin in sorted([*schemes, *_places(whole, "www."), *_places(whole, "WWW.")]):
        # one inside another is replaced already; to read it all the same would take the square of a text that is one long link
        if begin >= 0 and kinds[begin] != DROP and (link := _LINK.match(whole, begin)):
            codes[begin], kinds[begin] = LINK_SIGN, SYMBOL
            kinds[begin + 1 : link.end()] = DROP


def read_stars(whole: str, codes: Codes, kinds: Kinds) -> None:
    """Stars that stand for letters of a rude word, read as those letters, in place: f*ck, anj**g."""
    read_to = 0
    for star in _places(whole, "*"):
        begin = star
        while star > read_to and begin > read_to and kinds[begin - 1] == LETTER:
            begin -= 1
        match = _STARRED.match(whole, begin)
        if star >= read_to and match:
            read_to = match.end()
            word = starred(as_text(codes[begin:read_to]))
            codes[begin:read_to] = [ord(letter) for letter in word]
            kinds[begin:read_to] = LETTER if "*" not in word else kinds[begin:read_to]


def _places(whole: str, sign: str) -> list[int]:
    """Where a sign stands. str.find and then one match are ten times as quick as a regular expression's search."""
    places = []
    place = whole.find(sign)
    while place >= 0:
        places.append(place)
        place = whole.find(sign, place + 1)
    return places


def places_of(begins: Ints, ends: Ints) -> Ints:
    """All places in the stretches from each of `begins` to before the same of `ends`, one stretch after the other."""
    lengths = ends - begins
    upto = lengths.cumsum()
    return np.asarray(np.arange(upto[-1]) + (begins - upto + lengths).repeat(lengths))


def keep_flags(written: Ints, high: Ints, codes: Codes, kinds: Kinds) -> None:
    """Flags of countries stay symbols, in place, unless they spell a listed word or stand in one."""
    at = high[(written[high] >= FLAG_A) & (written[high] < FLAG_A + 26)] if len(high) else high
    if not len(at):
        return
    for row in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1):
        word = as_text(codes[row])
        countries = all(word[place : place + 2] in COUNTRIES for place in range(0, len(word), 2))
        if countries and not is_listed(word) and not _in_word(written, kinds, int(row[0]), int(row[-1])):
            codes[row], kinds[row] = written[row], SYMBOL


def _in_word(written: Ints, kinds: Kinds, first: int, last: int) -> bool:
    """Whether flags stand between letters, or beside a letter or digit in disguise."""
    before, after = first - 1, last + 1
    while kinds[before] == DROP:
        before -= 1
    while kinds[after] == DROP:
        after += 1
    beside = [place for place in (before, after) if kinds[place] in {LETTER, DIGIT}]
    return len(beside) == 2 or any(written[place] >= ASCII or kinds[place + 1] == DROP for place in beside)
