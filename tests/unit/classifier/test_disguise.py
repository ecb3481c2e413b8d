"""Disguises fall on rude words, the same for the same seed, and leave the rest of a comment alone."""

import unicodedata

import numpy as np
import pytest

from classifier import fold
from classifier.disguise import DISGUISES, FURTHER, UNSEEN, Disguise

COMMENT = "dasar goblok lu, lihat @budi_goblok di https://contoh.id/goblok #goblok ya"
ALL = DISGUISES | UNSEEN | FURTHER


def disguised(disguise: Disguise, text: str, seed: int = 1) -> str:
    return disguise(text, np.random.default_rng(seed))


def test_there_are_ten_and_two_unseen() -> None:
    assert (len(DISGUISES), len(UNSEEN)) == (10, 2)


@pytest.mark.parametrize("disguise", ALL.values(), ids=ALL)
def test_the_same_seed_gives_the_same_text(disguise: Disguise) -> None:
    assert disguised(disguise, COMMENT) == disguised(disguise, COMMENT)


@pytest.mark.parametrize("disguise", ALL.values(), ids=ALL)
def test_only_the_rude_word_is_written_otherwise(disguise: Disguise) -> None:
    found = disguised(disguise, COMMENT)
    assert found.startswith("dasar ")
    assert found.endswith(" lu, lihat @budi_goblok di https://contoh.id/goblok #goblok ya")
    assert found != COMMENT


@pytest.mark.parametrize("disguise", ALL.values(), ids=ALL)
def test_without_a_rude_word_all_words_are_disguised(disguise: Disguise) -> None:
    plain = "lengserkan rezim tersebut"
    assert not set(plain.split()) & set(disguised(disguise, plain).split())


@pytest.mark.parametrize("disguise", ALL.values(), ids=ALL)
@pytest.mark.parametrize("text", ["", "a", "😀", "12.500", "ya", "\ud800", "Ünïcödé ßtraße", "kkk", "sss zzz"])
def test_any_text_can_be_disguised(disguise: Disguise, text: str) -> None:
    assert isinstance(disguised(disguise, text), str)


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize("word", ["goblok", "anjing", "bangsat", "idiot", "bastard", "motherfucker"])
def test_what_falls_on_a_rude_word_is_undone(name: str, word: str) -> None:
    found = [disguised(DISGUISES[name], f"kamu {word} ya", seed) for seed in range(40)]
    assert len(set(found)) > 1 or name == "spaced"
    wrong = [(text, fold(text).text) for text in found if fold(text).text.split() != ["kamu", word, "ya"]]
    assert wrong == []


def test_a_style_changes_no_letter() -> None:
    for seed in range(20):
        assert unicodedata.normalize("NFKC", disguised(DISGUISES["styled"], "goblok", seed)).lower() == "goblok"
