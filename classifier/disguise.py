# ruff: noqa: RUF001, RUF002 - look-alikes are what this file is about
"""What a hostile author does to rude words so that a filter misses them: what `fold` is judged by.

A disguise falls on the rude words of a comment that the word lists know; where they know none, on every word of it.
Names, links, tags and words with digits stay as they are, as an author leaves them. All are seeded: the same generator
gives the same text.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TypeVar

from numpy.random import Generator

from classifier.lexicon import rude_words
from classifier.slang import standard_words

Disguise = Callable[[str, Generator], str]
Item = TypeVar("Item")

LEFT = 3  # signs of a word without its vowels, at least: who could read h for hoe?
STEM = 4  # letters of a rude word that others are made from (goblok: gobloknya)

_TOKEN = re.compile(r"\S+")
_LEFT_ALONE = re.compile(r"[@#/&\d]|www\.")
_WORD = re.compile(r"[^\W\d_]{3,}")

_STYLES = (0x1D400, 0x1D468, 0x1D4D0, 0x1D56C, 0x1D5A0, 0x1D5D4, 0x1D608, 0x1D63C, 0x1D670)
_FRAMES = (0x24B6, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6)  # circled, squared, filled circles and squares, flags
_KEYCAPS = {"o": "0️⃣", "i": "1️⃣", "e": "3️⃣", "s": "5️⃣"}
_EMOJI = {"a": "🅰️", "b": "🅱️", "o": "🅾️", "p": "🅿️", "m": "Ⓜ️", "i": "ℹ️"}
_HOMOGLYPHS = {
    "a": "аɑα",
    "b": "Ьƅ",
    "c": "сϲ",
    "d": "ԁ",
    "e": "еҽ",
    "g": "ɡց",
    "h": "һհ",
    "i": "іι",
    "j": "ј",
    "k": "кκ",
    "l": "ӏⅼ",
    "m": "мⅿ",
    "n": "пո",
    "o": "оοօ",
    "p": "рρ",
    "r": "гᴦ",
    "s": "ѕ",
    "t": "тτ",
    "u": "υս",
    "v": "ѵν",
    "w": "ԝѡ",
    "x": "хⅹ",
    "y": "уү",
    "z": "ᴢ",
}
_LEET = {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7"}
_ACCENTED = {
    "a": "áàâäãåāăą",
    "c": "ćçčĉ",
    "d": "ďđ",
    "e": "éèêëēęě",
    "g": "ĝğġģ",
    "h": "ĥħ",
    "i": "íìîïĩīį",
    "j": "ĵ",
    "k": "ķ",
    "l": "ĺļľł",
    "n": "ñńņň",
    "o": "óòôöõøō",
    "r": "ŕŗř",
    "s": "śŝşš",
    "t": "ţťŧ",
    "u": "úùûüũūů",
    "w": "ŵ",
    "y": "ýÿŷ",
    "z": "źżž",
}
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2063"
_MARKS = tuple(map(chr, range(0x300, 0x370)))
_SIGNS = ".-_*"


def styled(word: str, rng: Generator) -> str:
    """Mathematical or fullwidth letters, one style a word: 𝗯𝗼𝗱𝗼𝗵, ｂｏｄｏｈ."""
    style = _below(len(_STYLES) + 1, rng)
    if style == len(_STYLES):
        return _each(word, lambda letter: chr(0xFEE0 + ord(letter)))
    small = 26 * _below(2, rng)
    return _each(word.lower(), lambda letter: chr(_STYLES[style] + small + ord(letter) - ord("a")))


def enclosed(word: str, rng: Generator) -> str:
    """Letters in circles or squares, one kind a word: ⓑⓞⓓⓞⓗ."""
    frame = _pick(_FRAMES, rng)
    return _each(word.lower(), lambda letter: chr(frame + ord(letter) - ord("a")))


def emoji_letters(word: str, rng: Generator) -> str:
    """Keycaps or emoji that show a letter, and flag letters for those that have none: 🅱️0️⃣🇩0️⃣🇭."""
    named = _pick((_KEYCAPS, _EMOJI), rng)
    return _each(word.lower(), lambda letter: named.get(letter, chr(0x1F1E6 + ord(letter) - ord("a"))))


def look_alikes(word: str, rng: Generator) -> str:
    """Half of the letters, one at least, of another script: bоdоh with Cyrillic о."""
    return _some(word, rng, _HOMOGLYPHS, 0.5)


def zero_width(word: str, rng: Generator) -> str:
    """An invisible sign between any two letters, or between some."""
    return _between(word, rng, _INVISIBLE, 0.5)


def marked(word: str, rng: Generator) -> str:
    """One to three combining marks over and under most letters: b̶o̸d̷o̵h̴."""
    return "".join(
        letter + "".join(_pick(_MARKS, rng) for _ in range(1 + _below(3, rng))) if rng.random() < 0.7 else letter
        for letter in word
    )


def leet(word: str, rng: Generator) -> str:
    """Most letters that a digit or sign resembles are written so: b0d0h, @nj1ng, a$$."""
    return _some(word, rng, _LEET, 0.7)


def spaced(word: str, _rng: Generator) -> str:
    """A space between all letters: b o d o h."""
    return " ".join(word)


def separated(word: str, rng: Generator) -> str:
    """One sign between all letters, or once inside the word: b.o.d.o.h, bod-oh."""
    sign = _pick(_SIGNS, rng)
    if _below(2, rng):
        return sign.join(word)
    place = 1 + _below(len(word) - 1, rng)
    return word[:place] + sign + word[place:]


def repeated(word: str, rng: Generator) -> str:
    """One or two letters written three to six times: boddddoh."""
    places = {_below(len(word), rng) for _ in range(1 + _below(2, rng))}
    return "".join(letter * (3 + _below(4, rng) if at in places else 1) for at, letter in enumerate(word))


def swapped(word: str, rng: Generator) -> str:
    """Two letters beside each other in each other's place: bodho."""
    places = [at for at in range(len(word) - 1) if word[at] != word[at + 1]]
    if not places:
        return word
    at = _pick(places, rng)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def mixed(word: str, rng: Generator) -> str:
    """Each letter in a disguise of its own, or in none: of another script, a digit, styled, marked, hidden signs after it."""
    tricks = (look_alikes, leet, styled, marked, _hidden, _as_it_is)
    return "".join(_pick(tricks, rng)(letter, rng) for letter in word)


def accented(word: str, rng: Generator) -> str:
    """Letters with an accent of their own, which is one sign with them: gôblõk."""
    return _some(word, rng, _ACCENTED, 0.7)


def ragged(word: str, rng: Generator) -> str:
    """A sign or space of its own between any two letters: b.o-d o_h."""
    return word[0] + "".join(_pick(_SIGNS + " ", rng) + letter for letter in word[1:])


def vowels_dropped(word: str, _rng: Generator) -> str:
    """Without vowels but the first sign, where three signs are left at least: fck, gblk."""
    left = word[0] + "".join(letter for letter in word[1:] if letter.lower() not in "aeiou")
    return left if len(left) >= LEFT else word


def _hidden(letter: str, rng: Generator) -> str:
    return letter + _pick(_INVISIBLE, rng)


def _as_it_is(letter: str, _rng: Generator) -> str:
    return letter


def _on_words(disguise: Disguise, text: str, rng: Generator) -> str:
    """The text with its rude words disguised, or all its words when the lists know none of them.

    Words that are spaced one after another are set apart by more than one space: else nobody can read them.
    """
    only_rude = any(_is_rude(word) for token in _TOKEN.findall(text) for word in _words(token))

    def written(found: re.Match[str]) -> str:
        word = found.group()
        if only_rude:
            return disguise(word, rng) if _is_rude(word) else word
        return f" {disguise(word, rng)} " if disguise in {spaced, ragged} else disguise(word, rng)

    def token_written(found: re.Match[str]) -> str:
        token = found.group()
        return token if _LEFT_ALONE.search(token) else _WORD.sub(written, token)

    return _TOKEN.sub(token_written, text)


def _named(*disguises: Disguise) -> dict[str, Disguise]:
    """Each by its name, falling on the words of a text."""
    return {disguise.__name__.replace("_", " "): partial(_on_words, disguise) for disguise in disguises}


DISGUISES = _named(styled, enclosed, emoji_letters, look_alikes, zero_width, marked, leet, spaced, separated, repeated)
# written after the rules against disguises; no rule was made for them
UNSEEN = _named(mixed, accented)
# what the rules undo in part: invented to see what they do not, and for some of it no letter is left to read
FURTHER = _named(ragged, swapped, vowels_dropped)


def _words(token: str) -> list[str]:
    return [] if _LEFT_ALONE.search(token) else _WORD.findall(token)


@lru_cache(maxsize=1 << 16)
def _is_rude(word: str) -> bool:
    """Whether a word is listed, is a spelling of a listed one, or begins with one that is long enough."""
    plain = word.lower()
    rude = rude_words()
    if plain in rude or standard_words().get(plain) in rude:
        return True
    return any(plain[:length] in rude for length in range(STEM, len(plain)))


def _each(word: str, written: Callable[[str], str]) -> str:
    return "".join(written(letter) if letter.isascii() and letter.isalpha() else letter for letter in word)


def _some(word: str, rng: Generator, others: dict[str, str], share: float) -> str:
    """About a share of the letters that can be replaced, one at least, replaced."""
    places = [at for at, letter in enumerate(word.lower()) if letter in others]
    if not places:
        return word
    chosen = {_pick(places, rng), *(at for at in places if rng.random() < share)}
    return "".join(_pick(others[letter.lower()], rng) if at in chosen else letter for at, letter in enumerate(word))


def _between(word: str, rng: Generator, signs: str, share: float) -> str:
    """A sign after one letter, and after about a share of the others but the last."""
    sure = _below(len(word) - 1, rng)
    return "".join(
        letter + _pick(signs, rng) if at == sure or (at < len(word) - 1 and rng.random() < share) else letter
        for at, letter in enumerate(word)
    )


def _pick(items: Sequence[Item], rng: Generator) -> Item:
    return items[_below(len(items), rng)]


def _below(limit: int, rng: Generator) -> int:
    """A whole number from 0 to below the limit; Generator.integers takes ten times as long."""
    return int(rng.random() * limit)
