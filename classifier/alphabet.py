# ruff: noqa: RUF001 - look-alikes are what this file is about
"""What each code point is read as: one table for the whole of Unicode's first two planes.

Built once from Python's own Unicode tables (compatibility forms, names) and a short list of look-alikes from
other scripts. Nothing is built at import: `alphabet()` makes it on first use, in about 50 ms.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

# What kind of sign a code point is, once read. The order matters: everything from DIGIT up may stand in a word.
DROP, SPACE, MARK, JOINER, LEET, DIGIT, LETTER, SYMBOL = range(8)

LETTERED = np.array([kind in {LETTER, LEET} for kind in range(8)])  # by kind: is a letter, or looks like one
RUNNING = np.array([kind in {LETTER, SYMBOL} for kind in range(8)])  # says no more when it is repeated

ASCII = 0x80
# By joiner: letters on its shorter side, at most, for it to be taken for a disguise whatever the word.
REACH = np.array([{"'": 99, "*": 99, "~": 99, "^": 99, "_": 3, "+": 3}.get(chr(code), 0) for code in range(ASCII)])
TIGHT = np.array([chr(code) in "._+-" for code in range(ASCII)])  # by joiner: may stand inside a word

PLANES = 0x20000  # code points from here up are read as one unknown letter, plane 14 (tags, selectors) as nothing
UNKNOWN, TAG = PLANES, PLANES + 1

JOINERS = ".-_*'’‘`´~^+,/\\|·•‧∙"
LEET_SIGNS = {"@": "a", "$": "s", "!": "i", "€": "e", "£": "l", "¡": "i", "¥": "y"}
LEET_DIGITS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"}

# Letters of other scripts that are drawn like Latin ones. Sources: Unicode TR 39 confusables (single letters, without
# Latin ones that the names tell), letters that stand in for Latin ones read by eye, and the look-alikes of the judol
# data set (MIT). A letter's capital is read like it, unless it is listed itself.
LOOKALIKES = {
    "a": "аӓäαάɑ∂дᎪꓮ⍺ᗅ𖽀𐊠",
    "b": "вьъбβΒƅᏴꓐᏏᑲᖯꞴᗷ𐊂𐊡𐌁",
    "c": "сҫϲⲥꮯᏟꓚ⊂𐐽𑣲𑣩𐊢𐌂𐐕𐔜",
    "d": "ԁժδᎠꓓᏧᑯꓒᗞᗪ",
    "e": "еёєҽҿэεέξΕᎬꓰ℮ꬲⴹ𑢦𑢮𐊆",
    "f": "ғϝքꓝꬵᖴ𑣂𑢢𐊇𐊥𐔥",
    "g": "ɡɢցԍᏀᏳꓖƍ",
    "h": "һհнʜΗᎻꓧᏂⲎᕼ𐋏",
    "i": "іїιίıɩᎥꓲⲒꙇꭵ𑣃",
    "j": "јϳյᎫꓙᒍ",
    "k": "кқκΚᏦꓗⲔᛕ𐔘",
    "l": "ӏℓʟǀᏞꓡⅼⵏᛁ𖼨𐊊Ⳑᒪ𖼖𑢣𑢲𐐛𐔦",
    "m": "мμΜʍᎷꓟϺⲘᗰᛖ𐊰𐌑",
    "n": "пиηήΝɴոռꞅꓠⲚ𐔓",
    "o": "оοόσθօ๐ჿꓳⲟഠဝ𐓪𑣈𑣗𐐬ⵔዐଠ𐓂𑢵𐊒𐊫𐐄𐔖",
    "p": "рρΡᏢꓑϱⲣᑭ𐊕",
    "q": "ԛզգⵕ",
    "r": "гяʀᴦɹⲅꮁꭇꭈᏒꓣᎡ𐒴ᖇ𖼵",
    "s": "ѕςᏚꓢՏᏕƽꮪ𑣁𐑈𖼺𐊖𐐠",
    "t": "тτΤᎢꓔⲦ𖼊𑢼𐊗𐊱𐌕",
    "u": "џцυύսʊꓴ∪ꞟ𐓶𑣘ሀ𐓎ᑌ𖽂𑢸",
    "v": "ѵνᏙꓦᴠ𑜆ꮩ𑣀ⴸᐯꛟ𖼈𑢠𐔝",
    "w": "ԝѡшщωώψաᎳꓪᏔꮃ𑜊𑜎𑜏𑣯𑣦",
    "x": "хҳχΧꓫᕁᕽ᙭𐌢𑣬ⲬꞳⵝᚷ𐊐𐊴𐌗𐔧",
    "y": "уүγΥφўчʏɣყꓬⲨᎩᎽ𑣜𖽃𑢤𐊲",
    "z": "зӡζΖᏃꓜᴢꮓ𑣄𐋵𑣥𑢩",
}
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
# ISO 3166-1 codes of the countries with a flag: two flag letters that spell one are a flag, no word.
COUNTRIES = frozenset(
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM "
    "FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO "
    "RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV "
    "TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW".lower().split()
)

_LATIN_NAME = re.compile(
    r"^(?:LATIN (?:SMALL|CAPITAL) LETTER|LATIN LETTER SMALL CAPITAL|REGIONAL INDICATOR SYMBOL LETTER"
    r"|MODIFIER LETTER (?:SMALL|CAPITAL)|.*(?:SQUARED|CIRCLED|PARENTHESIZED|BOLD|ITALIC).* LETTER"
    r"|LATIN SUBSCRIPT SMALL LETTER) (?:BARRED |REVERSED |TURNED |LONG |OPEN )?([A-Z])(?: WITH .+)?$"
)


@dataclass(frozen=True)
class Alphabet:
    """Tables indexed by code point (clipped to PLANES + 1).

    reads: code point it is read as. second: a further letter it stands for, or 0. kinds: DROP … SYMBOL.
    foreign: whether it is a letter of another script than Latin.
    """

    reads: NDArray[np.uint32]
    second: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    foreign: NDArray[np.bool_]


def breaks(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which signs end a word: all but LEET, DIGIT and LETTER. By their order, which is ten times as quick as a table."""
    return kinds - LEET > LETTER - LEET  # below LEET this wraps around


def solid(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which signs stand in a word as they are: DIGIT and LETTER."""
    return kinds - DIGIT <= LETTER - DIGIT


def odd(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which signs may stand for a letter: LEET and DIGIT."""
    return kinds - LEET <= DIGIT - LEET


def _plain(char: str) -> str:
    """The one or two signs that a sign is read as; "" when it is not to be read at all."""
    named = _LATIN_NAME.match(unicodedata.name(char, ""))
    if named:
        return named.group(1).lower()
    plain = unicodedata.normalize("NFKD", char)
    base = "".join(c for c in plain if not unicodedata.combining(c)).casefold() or plain
    base = _lookalikes().get(base, base)
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
        return MARK if char == "!" else JOINER if char in JOINERS else LEET
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


@cache
def _lookalikes() -> dict[str, str]:
    """Readings that Unicode's own tables do not give."""
    readings = {odd: plain for plain, odds in LOOKALIKES.items() for odd in odds}
    readings = {odd.upper(): plain for odd, plain in readings.items() if len(odd.upper()) == 1} | readings
    return readings | {"’": "'", "‘": "'", "`": "'", "´": "'", "·": ".", "•": ".", "‧": ".", "∙": "."}


@cache
def alphabet() -> Alphabet:
    """The tables, built on first use and then kept: a constant, not state."""
    reads = np.arange(PLANES + 2, dtype=np.uint32)
    second = np.zeros(PLANES + 2, dtype=np.uint32)
    kinds = np.full(PLANES + 2, LETTER, dtype=np.uint8)
    kinds[TAG] = DROP
    for code in _read_code_points():
        char = chr(code)
        pair = PAIRS.get(char.lower())
        plain = pair or _lookalikes().get(char) or _plain(char)
        kind = DROP if char in NOISE or unicodedata.category(char) in ("Mn", "Me", "Cf", "Cs") else _kind(plain[0])
        reads[code], kinds[code] = ord(plain[0]), kind
        if pair:
            second[code] = ord(pair[1])
    kinds[0xE000:0xF900] = SYMBOL
    return Alphabet(reads, second, kinds, _foreign(kinds))


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
