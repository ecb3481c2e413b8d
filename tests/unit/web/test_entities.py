"""Entities are read as the standard library reads them, which breaks at some."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.entities import unescaped
from tests.pace import LINEAR, growth

PIECES = ("&#", "&#x", "&#X", "&amp", ";", "0", "000", "1", "65", "9", "a", "F", "1234567", "12345678", "g", " ")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_it_reads_what_html_reads(text: str) -> None:
    assert unescaped(text) == html.unescape(text)


@pytest.mark.parametrize(
    ("entity", "character"),
    [
        (f"&#{'1' * 5_000};", "\ufffd"),
        (f"&#{'0' * 5_000};", "\ufffd"),
        (f"&#{'0' * 5_000}65;", "A"),
        (f"&#x{'0' * 5_000}41", "A"),
        (f"&#X{'f' * 5_000}", "\ufffd"),
    ],
)
def test_a_number_of_any_length_is_read(entity: str, character: str) -> None:
    assert unescaped(f"{entity} b") == f"{character} b"


@pytest.mark.parametrize("piece", ["&#", "&#0", "&#x0", "&#x", "0", "&", "&#1"])
def test_no_text_takes_long(piece: str) -> None:
    assert growth(unescaped, lambda size: "&#0" + piece * (size // len(piece)), 100_000) < LINEAR
