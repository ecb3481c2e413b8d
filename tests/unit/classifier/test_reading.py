"""Single words: what the lists make of them, and what they must leave alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import fold
from classifier.lexicon import rude_words
from classifier.reading import all_read, cuts, is_no_name, joined, leet_read, misspelled, starred, unrepeated

WORDS = st.text(alphabet="abcgiklnost0134579@$!2", max_size=45)


@settings(max_examples=500, deadline=None)
@given(WORDS)
def test_leet_is_read_sign_for_sign(word: str) -> None:
    assert len(leet_read(word)) == len(all_read(word)) == len(word)


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="absu1 x!", max_size=30))
def test_repeats_keep_the_first_of_each_row(word: str) -> None:
    kept = unrepeated(word)
    assert list(kept) == sorted(set(kept))
    assert [at for at in range(len(word)) if at == 0 or word[at] != word[at - 1]] == [
        at for at in kept if at == 0 or word[at] != word[at - 1]
    ]


@pytest.mark.parametrize("word", ["sum11111", "bb111", "1111", ""])
def test_digits_are_no_repeated_letters(word: str) -> None:
    assert len(unrepeated(word)) == len(word)


@pytest.mark.parametrize("word", ["massage@mail", "m16a1", "100kg", "3am", "taik2nya", "idiot!just"])
def test_a_word_with_signs_that_is_no_disguise_stays(word: str) -> None:
    assert leet_read(word) == word


def test_letters_are_never_read_as_other_letters() -> None:
    assert leet_read("ie7") == "ie7"
    assert leet_read("ta1k") == "talk"


@pytest.mark.parametrize(
    ("letters", "found"), [("abitch", (1,)), ("goblokbanget", (6,)), ("waspada", ()), ("massage", ()), ("cocktail", ())]
)
def test_letters_are_cut_around_rude_words_alone(letters: str, found: tuple[int, ...]) -> None:
    assert cuts(letters) == found


@pytest.mark.parametrize(
    ("left", "right", "together"),
    [
        ("gob", "lok", True),
        ("a", "njing", True),
        ("anj", "ingnya", True),
        ("babi", "babi", False),
        ("homo", "sapiens", False),
        ("fucker", "sikh", False),
        ("re", "elect", False),
        ("dr", "budiman", False),
    ],
)
def test_parts_are_joined_to_rude_words(left: str, right: str, together: bool) -> None:
    assert joined(left, right) is together


def test_a_star_is_a_letter_or_stands_between_letters() -> None:
    assert starred("f*ck") == "fuck"
    assert starred("f*u*c*k") == "f*u*c*k"


def test_a_name_may_begin_like_a_rude_word() -> None:
    assert is_no_name("@nj1ng")
    assert not is_no_name("@njar_w")
    assert not is_no_name("@nita")


def test_no_listed_word_counts_as_misspelled() -> None:
    assert not misspelled().keys() & rude_words()
    assert "luar" not in misspelled()


def test_misspelled_words_are_as_long_as_what_they_are_read_as() -> None:
    assert all(len(written) == len(read) for written, read in misspelled().items())


@pytest.mark.parametrize("word", sorted(word for word in rude_words() if word.isalpha() and len(word) > 3)[::25])
def test_every_misspelling_of_a_word_is_read(word: str) -> None:
    for written, read in misspelled().items():
        if read.replace(" ", "") == word:
            assert fold(written).text == word
