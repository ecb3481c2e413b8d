# ruff: noqa: RUF001 - look-alikes are what this file is about
"""What each code point is read as: one table for the whole of Unicode's first two planes.

Built once from Python's own Unicode tables (compatibility forms, names) and a short list of look-alikes from
other scripts. Nothing is built at import: `alphabet()` makes it on first use, in about 30 ms.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

# What kind of sign a code point is, once read. The order matters: everything from LETTER up may stand in a word.
DROP, SPACE, MARK, JOINER, LEET, LETTER, DIGIT, SYMBOL = range(8)

PLANES = 0x20000  # code points from here up are read as one unknown letter, plane 14 (tags, selectors) as nothing
UNKNOWN, TAG = PLANES, PLANES + 1

JOINERS = ".-_*'’‘`´~^+,/\\|·•‧∙"
LEET_SIGNS = {"@": "a", "$": "s", "!": "i", "€": "e", "£": "l", "¡": "i", "¥": "y"}
LEET_DIGITS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"}

# Letters of other scripts that are drawn like Latin ones. Sources: Unicode TR 39 confusables, read by eye, and
# the look-alikes of the judol data set (MIT).
LOOKALIKES = (
    ("аӓвьсԁеёєһіїјкқӏмнпорԛгѕтџцуххҳуүѵѡзӡԍѓғ", "aabbcdeeehiijkklmhnopqrstuuyxxxyyvwzzgrf"),
    ("αάβγδεέζηήθικλμνξοόπρσςτυύφχψωώ", "aabydeeznnoiklmveoonposstuuoxyww"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"),
    ("օսհոցզյքլ", "ouhngqjpl"),
    ("ᎪᏴᏟᎠᎬᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ", "abcdehijklmprstvwz"),
    ("ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "abcdefghijklmnoprstuvwxyz"),
    ("ıɩℓɑɡɢʀꞅƅɴʟʏʜ∂∪⊂", "iilaggrrbnlyhduc"),
)
PAIRS = {
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "ĳ": "ij",
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "fi",
    "ﬄ": "fl",
    "ﬆ": "st",
    "ﬅ": "st",
}
NOISE = "≋░▒▓█҉"

_LATIN_NAME = re.compile(
    r"^(?:LATIN (?:SMALL|CAPITAL) LETTER|LATIN LETTER SMALL CAPITAL|REGIONAL INDICATOR SYMBOL LETTER"
    r"|MODIFIER LETTER (?:SMALL|CAPITAL)|.*(?:SQUARED|CIRCLED|PARENTHESIZED|BOLD|ITALIC).* LETTER"
    r"|LATIN SUBSCRIPT SMALL LETTER) (?:BARRED |REVERSED |TURNED |LONG |OPEN )?([A-Z])(?: WITH .+)?$"
)


@dataclass(frozen=True)
class Alphabet:
    """Tables indexed by code point (clipped to PLANES + 1).

    reads: code point it is read as. second: a further letter it stands for, or 0. kinds: DROP … SYMBOL.
    foreign: whether it is a letter of another script than Latin. vowels and leets are indexed by ASCII code.
    """

    reads: NDArray[np.uint32]
    second: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    foreign: NDArray[np.bool_]
    leet: NDArray[np.uint32]


def _plain(char: str) -> str:
    """The one or two signs that a sign is read as; "" when it is not to be read at all."""
    named = _LATIN_NAME.match(unicodedata.name(char, ""))
    if named:
        return named.group(1).lower()
    plain = unicodedata.normalize("NFKD", char)
    base = "".join(c for c in plain if not unicodedata.combining(c)).casefold() or plain
    if len(base) > 1:
        letters = [c for c in base if c.isalnum()]
        base = letters[0] if letters else " "
    return base


def _kind(char: str) -> int:
    """Kind of a sign as read."""
    category = unicodedata.category(char)
    if char.isspace() or category in {"Zs", "Zl", "Zp", "Cc"}:
        return SPACE
    if category in {"Mn", "Me", "Cf", "Cs", "Co"}:
        return DROP
    if char in JOINERS or char in LEET_SIGNS:
        return JOINER if char in JOINERS else LEET
    by_class = {"L": LETTER, "M": LETTER, "N": DIGIT}
    return SYMBOL if category == "So" else by_class.get(category[0], MARK)


def _read_code_points() -> list[int]:
    """Code points worth looking up: the rest (Han, Hangul, private use …) is read as written."""
    blocks = (
        (0, 0x3400),
        (0xA000, 0xAC00),
        (0xD800, 0xE000),
        (0xF900, 0x10000),
        (0x1D400, 0x1D800),
        (0x1E000, 0x20000),
    )
    return [code for begin, end in blocks for code in range(begin, end)]


def _overrides() -> dict[str, str]:
    """Readings that Unicode's own tables do not give."""
    readings = {odd: plain for odds, plains in LOOKALIKES for odd, plain in zip(odds, plains, strict=False)}
    readings |= {odd.upper(): plain for odd, plain in readings.items() if len(odd.upper()) == 1}
    return readings | {"’": "'", "‘": "'", "`": "'", "´": "'", "·": ".", "•": ".", "‧": ".", "∙": "."}


@cache
def alphabet() -> Alphabet:
    """The tables, built on first use and then kept: a constant, not state."""
    reads = np.arange(PLANES + 2, dtype=np.uint32)
    second = np.zeros(PLANES + 2, dtype=np.uint32)
    kinds = np.full(PLANES + 2, LETTER, dtype=np.uint8)
    kinds[TAG] = DROP
    overrides = _overrides()
    for code in _read_code_points():
        char = chr(code)
        pair = PAIRS.get(char.lower())
        plain = pair or overrides.get(char) or _plain(char)
        kind = DROP if char in NOISE or unicodedata.category(char) in ("Mn", "Me", "Cf", "Cs") else _kind(plain[0])
        reads[code], kinds[code] = ord(plain[0]), kind
        if pair:
            second[code] = ord(pair[1])
    kinds[0xE000:0xF900] = SYMBOL
    return Alphabet(reads, second, kinds, _foreign(kinds), _leet())


def _foreign(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Letters of other scripts, judged by their blocks."""
    foreign = np.zeros(PLANES + 2, dtype=np.bool_)
    for begin, end in (
        (0x370, 0x1D00),
        (0x2C80, 0xA640),
        (0xA800, 0xD800),
        (0xF900, 0xFB00),
        (0xFB1D, 0xFE00),
        (PLANES, PLANES + 1),
    ):
        foreign[begin:end] = kinds[begin:end] == LETTER
    return foreign


def _leet() -> NDArray[np.uint32]:
    """Letter that a digit or sign may stand for, indexed by code point below 0x2100; 0 for none."""
    leet = np.zeros(0x2100, dtype=np.uint32)
    for sign, letter in (LEET_SIGNS | LEET_DIGITS).items():
        leet[ord(sign)] = ord(letter)
    return leet
