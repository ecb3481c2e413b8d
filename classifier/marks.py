"""Names, links, stars and flags, read in place before anything else is: what needs the text as it was written."""

import re

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import ASCII, COUNTRIES, DIGIT, DROP, LETTER, SYMBOL
from classifier.reading import is_listed, is_no_name, starred

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_STARRED = re.compile(r"[^\W\d_]+(?:\*+[^\W\d_]+)+")
_LINK_SIGNS = (("://", 5), ("://", 4), ("www.", 0), ("WWW.", 0))  # what every link holds, and how far in
_NAME = re.compile(r"(?<![\w@$!])@[A-Za-z0-9_][\w.\-]*+(?![!|]\w|\$)")
NAME_SIGN, LINK_SIGN = 0xE000, 0xE001  # private use
FLAG_A = 0x1F1E6  # the first of the letters that flags are made of

Codes = NDArray[np.uint32]
Kinds = NDArray[np.uint8]
Ints = NDArray[np.int64]


def as_text(codes: Codes) -> str:
    """Code points as a string, lone surrogates replaced."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "replace")


def mark_names_and_links(whole: str, codes: Codes, kinds: Kinds) -> None:
    """Names and links become one sign each, in place: the model must not learn who or where, only that."""
    for begin in _places(whole, "@"):
        match = _NAME.match(whole, begin)
        if match and not is_no_name(match.group()):
            _replace(match.span(), NAME_SIGN, codes, kinds)
    for sign, inward in _LINK_SIGNS:
        for begin in _places(whole, sign):
            match = _LINK.match(whole, begin - inward)
            if match:
                _replace(match.span(), LINK_SIGN, codes, kinds)


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


def _replace(span: tuple[int, int], sign: int, codes: Codes, kinds: Kinds) -> None:
    begin, end = span
    if kinds[begin] != DROP:  # else it stands inside another, already replaced
        codes[begin], kinds[begin] = sign, SYMBOL
        kinds[begin + 1 : end] = DROP


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
