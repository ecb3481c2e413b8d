"""Indonesian words are said in English before the encoder reads them, and English stays as it is."""

import re
from pathlib import Path

import pytest

from classifier.reader.glosses import FILE, glosses, in_english
from classifier.reader.pieces import as_read
from classifier.slang import standard_words
from tests.pace import LINEAR, growth

SENTENCES = Path(__file__).parents[4] / "classifier/sentences"


def words_of(path: Path) -> list[str]:
    return re.findall(r"[a-z]+", path.read_text("utf-8").lower())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dasar goblok, mampus lo!", "damn stupid, drop dead you!"),
        ("DASAR Goblok", "damn stupid"),
        ("usir cina dari negeri ini", "kick out chinese from country this"),
        ("gblk, kenapa?! 2 anjing...", "stupid, why?! 2 damn dog..."),
        ("kontolnya", "his dick"),
        ("monyetnya", "monkey"),
        ("", ""),
        ("  a\tb\nc  ", "  a\tb\nc  "),
        ("ꦲꦏ꧀ꦱꦫ 😀 @user http://url", "ꦲꦏ꧀ꦱꦫ 😀 @user http://url"),
        ("Dan and Sara, a lesbian couple, left.", "Dan and Sara, a lesbian couple, left."),
    ],
)
def test_listed_words_are_said_in_english(text: str, said: str) -> None:
    assert in_english(text) == said


def test_the_reader_reads_what_a_disguise_hides_in_english() -> None:
    assert as_read(["d4sar g.0.b.l.o.k"], glossed=True) == as_read(["dasar goblok"], glossed=True) == ["damn stupid"]
    assert as_read(["d4sar g.0.b.l.o.k"], glossed=False) == ["dasar goblok"]


def test_english_stays_and_indonesian_does_not() -> None:
    english = [word for path in SENTENCES.glob("en*.txt") for word in words_of(path)]
    indonesian = [word for path in SENTENCES.glob("id*.txt") for word in words_of(path)]
    assert changed(english) < 0.005
    assert changed(indonesian) > 0.5


def changed(words: list[str]) -> float:
    """The share of the words that are read as other words."""
    return sum(in_english(word) != word for word in words) / len(words)


def test_the_list_is_in_order_and_says_each_word_once() -> None:
    lines = FILE.read_text("utf-8").splitlines()
    assert len(lines) > 4_000
    assert lines == sorted(set(lines), key=lambda line: line.split("\t"))
    assert len(glosses()) == len(lines)
    for line in lines:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)?\t[a-z'-]+( [a-z'-]+){0,2}", line), line


def test_no_listed_word_is_a_spelling_of_another() -> None:
    assert not glosses().keys() & standard_words().keys()


@pytest.mark.parametrize("unit", ["a", "a-", "goblok ", "nya", "-"])
def test_a_text_of_any_kind_takes_time_by_its_length(unit: str) -> None:
    assert growth(in_english, lambda size: unit * (size // len(unit)), 200_000) < LINEAR


def test_a_short_word_keeps_its_ending() -> None:
    assert {"babi", "ada"} <= glosses().keys()
    assert in_english("babinya") == in_english("babi")
    assert in_english("adapun") == "adapun", "three letters would be left"
