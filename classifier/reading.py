"""Single words as written -> as read, by the word lists: what `fold` asks about the few words that look disguised.

Plain Python over one word at a time, which remembers what it was asked; but for `may_be_misspelled`, which looks at
every word. Words come as the alphabet reads them: lower case, plain letters.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.alphabet import LEET_DIGITS, LEET_SIGNS
from classifier.function_words import HOME
from classifier.lexicon import LONGEST, NAMES, SHORTEST, classes, rude_words, starred_word
from classifier.slang import spellings, standard_words

HARSH = ("violence", "die", "waste", "partisan", "dismiss", "hate", "identity")  # read when misspelled, beside the rude
MOST = 40  # signs of a word that is looked at
STEM = 4  # letters of a rude word that others are made from (goblok: gobloknya)
ENDING = 3  # letters of an ending, at most (gob-loknya)
SURE = 5  # letters of a rude word that no other word has inside, at least
SIDE = 3  # letters on one side of a sign inside a word, at most, for the sign to be a letter
FEW = 3  # letters of a word, at least, for a digit among them to be one too (h1n1 stays)

READ_ELSE = {"taik": "talk"}  # by what it looks like, with l as i
# Words that two swapped letters, or a doubled one, make of rude words: found in the data sets, or known to be words.
NOT_MISSPELLED = (
    "luar arts dean edna thai hose lair nota atik coil crepe crepes carp apse bilis omron ares rase unde ikke lira alya "
    "kapri taki bobos glia cort puls setna ilar rast cnut lper paik seeks assess sesaat looser loosers losser cookin "
    "peeler pleer annal gilla jahannam berak insta trad prev afg brook woops abso hebe budge sagen toda busku certin "
    "kessel toll bolt ingg toron tengki etwas shiet blue boong mami saia veil ville christina silam deems bain kirsten "
    "ache shai sihite woow dise umak reap slip neat lived deid male lame meal"
)

# Rude words of three letters with two in each other's place, where no other word is written so.
SWAPPED = {"hoe": "heo ohe", "fag": "fga afg", "sex": "sxe esx", "cum": "cmu ucm"}

# Abbreviations and prefixes that a word follows after a dot or dash.
BEFORE_SIGNS = (
    "dr drs dra ir hj kh prof st sh mr mrs ms sr jr jl jln gg no rp rt rw kec kab kel kp tlp tel hp wa ext tgl thn bln bp bpk "
    "ibu sdr kpd yth pt cv ud dst dll dsb dkk spt www com id net org re co un on in by de ex bi up non pre pro sub tri all "
    "add ice one two six ten out off old new low top big mid all self"
)

KEY_SHIFT = 14  # leaves 18 bits of a key
FEW_KEYS = 8  # words, up to which the further key is not asked for
_MIXERS = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1], dtype=np.uint32)  # odd, as in xxHash
_LEET = str.maketrans(LEET_DIGITS | LEET_SIGNS)
_ENDING = {sign: letter for sign, letter in _LEET.items() if sign != ord("!")}  # idiot!just is no ending
_SAME = str.maketrans("l", "i")  # 1 and ! stand for either
_SIGNS = "@$!€£¡¥"
_INNER = re.compile(rf"(?<=[^\W\d_])(?:([013-9])\1*|[{_SIGNS}]+)(?=[^\W\d_])")
_FIRST = re.compile(r"^(?:[4@$](?=[bcdfghj-np-tv-z]{2}[a-z]{2})|\$+(?=[a-z]{3}))")
_LAST = re.compile(r"(?<=[^\W\d_])\$\$+$|(?<=[^\W\d_]{3})\$+$")
_SIGN = re.compile(f"[{_SIGNS}]")
_ROW = re.compile(rf"[0-9{_SIGNS}]+")
_BETWEEN = re.compile(rf"(?<=[^\W\d_])[013-9{_SIGNS}]+(?=[^\W\d_])")
# Signs at one end of a word, not those of ordinals and decades (5th, 9an), nor 5aja, which is five and no saja.
_AT_AN_END = re.compile(r"[^\W\d_]{2,}[013-9@$]{1,2}$|[013-9@$](?!th$|an$|aja$)[^\W\d_]{2,}$")
_NUMBER = re.compile(r"\d{2,}$|^\d{3,}")  # digits of a disguised word that stay digits (m4xw1n88)
_RUN = re.compile(r"([^\W\d_])\1+")
_IN_EYES = re.compile("i(?=ii)")
_QUANTITY = re.compile(r"\d+[a-z]{1,3}")  # 10rb, 3am
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_LETTERS = re.compile(r"([^\W\d_])\1*|.", re.DOTALL)


@lru_cache(maxsize=1 << 14)
def leet_read(word: str) -> str:
    """A word of letters, digits and signs with those that stand for letters read as them, sign for sign.

    A word that is listed once all its signs are letters is read so (f4g, 455hole, 7uh). Else signs and digits are read where
    letters stand on both sides (b0d0h, sh!t); one that is disguised so is read whole, but for numbers at its ends
    (m4xw1n88); and a first sign is, before two consonants (4njing, not 4tahun). One row of different digits (covid19nya),
    2, which doubles words (anak2), and two letters beside a digit (h1n1) are no disguise. An exclamation mark at the end
    is a letter of listed words alone (b4b!).
    """
    if len(word) > MOST or not (any(map(str.isalpha, word)) or "@" in word or "$$" in word):
        return word
    rows, between = len(_ROW.findall(word)), _BETWEEN.search(word)
    listed = _listed(word, rows > 1 or between is not None or _AT_AN_END.match(word) is not None)
    if listed:
        return listed
    if word[-1] == "!":
        return leet_read(word[:-1]) + "!"
    inner = any(_is_letter(word, found) for found in _INNER.finditer(word))
    letters, signs = sum(map(str.isalpha, word)), _SIGN.search(word)
    mixed = between and rows > 1 and 2 * letters >= len(word) - 1 and (letters >= FEW or signs)
    if not mixed and not (inner and letters >= (FEW if rows == 1 or len(word) <= STEM else FEW - 1)):
        return _read(_LAST, _read(_FIRST, word))
    number = {place for found in _NUMBER.finditer(word) for place in range(*found.span())}
    spelled = _as_letters(word)
    return "".join(sign if at in number else spelled[at] for at, sign in enumerate(word))


@lru_cache(maxsize=1 << 14)
def number_read(digits: str) -> str | None:
    """The rude word that a whole number spells (70101: tolol), None for nearly all numbers."""
    return _by_look()[0].get(digits.translate(_LEET).translate(_SAME))


def all_read(word: str) -> str:
    """A word with its digits and signs read as letters, if it holds a letter: for texts that are written so throughout."""
    core = word.rstrip("!")
    if not any(map(str.isalpha, core)) or _QUANTITY.fullmatch(core):
        return word
    return (_listed(core, disguised=True) or _as_letters(core)) + word[len(core) :]


def _as_letters(word: str) -> str:
    """All signs and digits of a word as letters; 1 is an l between two i, which would be read as one (pi1ih)."""
    letters = word.translate(_LEET)
    for found in _IN_EYES.finditer(letters) if "iii" in letters else ():
        at = found.start() + 1
        letters = letters[:at] + "l" + letters[at + 1 :] if word[at] != "i" else letters
    return letters


def is_listed(word: str) -> bool:
    """Whether a word is on any of the lists."""
    return word in _words()


def is_no_name(name: str) -> bool:
    """Whether what is written like a name is a rude or an everyday word with @ for its a (@nj1ng, @kan)."""
    if name[1:3] not in _after_a():
        return False
    read = leet_read(name.lower())
    return read in _words() or any(read[:length] in _rude() for length in range(STEM + 1, len(read)))


@lru_cache(maxsize=1 << 12)
def starred(word: str) -> str:
    """A word with stars in it, these read as the letters of a rude word where they stand for them (f*ck, not f*u*c*k)."""
    return word if word.replace("*", "") in rude_words() else starred_word(word)


@lru_cache(maxsize=1 << 12)
def joined(left: str, right: str) -> bool:
    """Whether a dot or dash between two parts stands inside one word.

    It does in a rude word (gob-lok, not babi-babi), and beside two or three letters that are no word, abbreviation or
    prefix (bol.ot; not dr.budi, re-elect, pulang.aku).
    """
    word = left + right
    if left in _rude() or right in _rude():
        return word in rude_words()
    ends = range(max(len(left) + 1, len(word) - ENDING), len(word) + 1)
    if any(end >= STEM and word[:end] in _rude() for end in ends):
        return True
    shorter, longer = sorted((left, right), key=len)
    return 1 < len(shorter) <= SIDE < len(longer) and not {left, right} & _apart()


@lru_cache(maxsize=1 << 12)
def cuts(letters: str) -> tuple[int, ...]:
    """Where a row of letters set apart is cut into words, so that listed words come out whole (a b i t c h: 1).

    Only around rude words, with the fewest letters outside of listed words; where any is left, only around rude words
    of SURE letters or more.
    """
    costs, before = [0], [0]
    for end in range(1, len(letters) + 1):
        cost, begin = costs[end - 1] + 1, end - 1
        for length in range(SHORTEST, min(end, LONGEST) + 1):
            if letters[end - length : end] in _words() and costs[end - length] + 1 <= cost:
                cost, begin = costs[end - length] + 1, end - length
        costs.append(cost)
        before.append(begin)
    ends, end = {len(letters)}, len(letters)
    while end:
        if end - before[end] > 1:
            ends |= {before[end], end}
        end = before[end]
    places = sorted(ends | {0})
    words = [(begin, end, letters[begin:end]) for begin, end in pairwise(places)]
    least = SHORTEST if all(word in _words() or word in _short() for _, _, word in words) else SURE
    ends = {at for begin, end, word in words if len(word) >= least and word in _rude() for at in (begin, end)}
    return tuple(sorted(ends - {0, len(letters)}))


@lru_cache(maxsize=1 << 12)
def unrepeated(word: str) -> tuple[int, ...]:
    """Places of a word's letters that are to be read, when one stands in it three times or more.

    Once each (anjiiing), but as often as in the listed word that it then is (niggggger).
    """
    listed = _by_runs().get(_RUN.sub(r"\1", word), "")
    if listed not in _rude() and _LONG_RUN.sub(r"\1", word) in _words():
        listed = ""
    wanted = [len(found.group()) for found in _LETTERS.finditer(listed)]
    kept: list[int] = []
    for run, found in enumerate(_LETTERS.finditer(word)):
        length = len(found.group())
        often = wanted[run] if wanted else 1 if length > 2 else length
        kept += range(found.start(), found.start() + min(length, often))
    return tuple(kept)


@cache
def misspelled() -> dict[str, str]:
    """Rude words with two letters in each other's place, or one doubled, and what they are read as.

    A doubled letter is marked by a space in what is read, so that both are of the same length.
    """
    found: dict[str, str] = {}
    correct = _words() | set(NOT_MISSPELLED.split())
    harsh = {word for word, number in classes().items() if NAMES[number - 1] in HARSH}
    spelled = {word for word, standard in spellings().items() if standard in rude_words()}
    for word in sorted(rude_words() | harsh | spelled):
        if len(word) >= STEM:
            for written, read in _misspellings(word):
                if written not in correct and not _LONG_RUN.search(written):
                    found.setdefault(written, read)
    return found | {written: word for word, listed in SWAPPED.items() for written in listed.split()}


def may_be_misspelled(
    codes: NDArray[np.uint32], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Which of the words codes[begins[i]:ends[i]] may be in `misspelled`, by hashes of their ends, middle and length.

    codes: code points, with one before the first word and one after the last.
    """
    outer, inner = _suspects()
    keys = _keys(codes, begins, ends)
    found = outer.take(keys >> KEY_SHIFT).nonzero()[0]
    if len(found) > FEW_KEYS:  # else it is quicker to look the words up
        found = found[inner.take(_further(keys[found], (ends - begins)[found]))]
    return found


@cache
def _suspects() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a word is misspelled, by the first bits of its key and by those of its further key."""
    words = list(misspelled())
    ends = np.cumsum([len(word) for word in words]) + 1
    codes = np.array(list(map(ord, " " + "".join(words) + " ")), dtype=np.uint32)
    begins = np.append(1, ends[:-1])
    keys = _keys(codes, begins, ends)
    outer, inner = np.zeros((2, 1 << (32 - KEY_SHIFT)), dtype=np.bool_)
    outer[keys >> KEY_SHIFT], inner[_further(keys, ends - begins)] = True, True
    return outer, inner


def _keys(codes: NDArray[np.uint32], begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number below 2 ** 32 for each word, from its first, middle and last two letters (multiplicative hashing)."""
    pairs = codes[:-1] * _MIXERS[0] + codes[1:] * _MIXERS[1]
    last = ends - 2
    keys = pairs.take(begins) + pairs.take(last) * _MIXERS[2] + pairs.take((begins + last) >> 1) * _MIXERS[3]
    return np.asarray(keys.astype(np.int64))


def _further(keys: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(((keys ^ (keys >> KEY_SHIFT) ^ lengths) * int(_MIXERS[4]) & 0xFFFFFFFF) >> KEY_SHIFT)


def _misspellings(word: str) -> Iterator[tuple[str, str]]:
    for at, (one, other) in enumerate(zip(word, word[1:] + " ", strict=True)):
        if one != other:
            yield word[: at + 1] + word[at:], word[: at + 1] + " " + word[at + 1 :]
            if other != " ":
                yield word[:at] + other + one + word[at + 2 :], word


def _is_letter(word: str, found: re.Match[str]) -> bool:
    """Whether what stands between letters can be one: digits always, signs near one end of the word."""
    return found.group()[0].isdigit() or min(found.start(), len(word) - found.end()) <= SIDE


def _listed(word: str, disguised: bool) -> str | None:
    """The listed word that a word is when all its signs are letters: a rude one, or any when it looks disguised."""
    letters = word.translate(_LEET)
    key = letters.translate(_SAME)
    rude, listed = _by_look()
    found = (listed if disguised else rude).get(key)
    if found and _fits(found, word):
        return found
    for length in range(len(key) - 1, STEM - 1, -1):
        found = rude.get(key[:length])
        if found and _fits(found, word):
            rest = word[length:]
            return found + (rest.translate(_ENDING) if any(map(str.isalpha, rest)) else rest)
    return None


def _fits(found: str, word: str) -> bool:
    """Whether the letters of a word are those of the word found for it: only signs may be read as l or i."""
    return all(letter == sign or not sign.isalpha() for letter, sign in zip(found, word, strict=False))


def _read(pattern: re.Pattern[str], word: str) -> str:
    return pattern.sub(lambda found: found.group().translate(_LEET), word)


@cache
def _rude() -> frozenset[str]:
    """Rude words and their spellings."""
    rude = rude_words()
    return rude | {word for word, standard in standard_words().items() if standard in rude and len(word) >= SHORTEST}


@cache
def _after_a() -> frozenset[str]:
    """The second and third letters of listed words that begin with an a, in all the ways they are written."""
    signs = [*map(chr, range(ord("!"), ord("{"))), *_SIGNS]
    looks: dict[str, list[str]] = {}
    for sign in signs:
        looks.setdefault(sign.lower().translate(_LEET).translate(_SAME), []).append(sign)
    pairs = {word[1:3].translate(_SAME) for word in _words() if word[0] == "a"}
    return frozenset(one + other for pair in pairs for one in looks[pair[0]] for other in looks[pair[1]])


@cache
def _words() -> frozenset[str]:
    """All listed words of three letters or more."""
    known = {*classes(), *standard_words(), *standard_words().values(), *" ".join(HOME.values()).split()}
    return _rude() | {word for word in known if len(word) >= SHORTEST and word.isalpha()}


@cache
def _short() -> frozenset[str]:
    """Everyday words of one or two letters."""
    return frozenset({"a", "i", "u", *(word for word in " ".join(HOME.values()).split() if len(word) < SHORTEST)})


@cache
def _apart() -> frozenset[str]:
    """Words and what stands before a dot or dash for itself."""
    return _words() | _short() | frozenset(BEFORE_SIGNS.split())


@cache
def _by_look() -> tuple[dict[str, str], dict[str, str]]:
    """Rude words, and all listed words, by what they look like when l is an i."""
    rude = {word.translate(_SAME): word for word in sorted(_rude(), reverse=True)}
    listed = {word.translate(_SAME): word for word in sorted(_words(), reverse=True)}
    return rude | READ_ELSE, listed | rude | READ_ELSE


@cache
def _by_runs() -> dict[str, str]:
    """Listed words by what is left of them when each letter is written once; rude ones first."""
    others = {_RUN.sub(r"\1", word): word for word in sorted(_words(), reverse=True)}
    rude = {_RUN.sub(r"\1", word): word for word in sorted(_rude(), reverse=True)}
    return {once: word for once, word in others.items() if len(once) >= SHORTEST} | rude
