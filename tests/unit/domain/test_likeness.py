"""Near-identical texts share a number."""

import pytest

from classifier import fold
from service.domain.likeness import likeness

FIRST = "Slot gacor hari ini, daftar di https://slot.example/a?x=1 sekarang juga!!!"


@pytest.mark.parametrize(
    "other",
    [
        "slot gacor hari ini daftar di www.other.example/b sekarang juga",
        "SLOT  GACOR -- hari ini... daftar di https://x.example sekarang juga 😡",
        "Slot gacor hari ini, daftar di https://slot.example sekarang juga 88",
        "5lot g4cor hari ini, daftar di https://slot.example/ s e k a r a n g juga",
    ],
)
def test_texts_that_differ_in_signs_links_digits_and_disguise_are_alike(other: str) -> None:
    assert likeness(fold(FIRST).text) == likeness(fold(other).text)


def test_another_word_makes_another_text() -> None:
    assert likeness(fold(FIRST).text) != likeness(fold(FIRST.replace("gacor", "resmi")).text)


@pytest.mark.parametrize(
    "text", ["", "ok", "12345678 9012 !!!", "😡😡😡😡😡😡😡😡😡", "haha", "https://slot.example/aaaaaaaa"]
)
def test_a_text_with_hardly_a_letter_is_like_none(text: str) -> None:
    assert likeness(fold(text).text) is None


@pytest.mark.parametrize("text", [FIRST, "ธนาคารแห่งประเทศไทย", "\ud800 lone surrogate here", "a" * 20_000])
def test_the_number_fits_a_column_of_63_bits(text: str) -> None:
    assert 0 <= (likeness(text) or -1) < 2**63
