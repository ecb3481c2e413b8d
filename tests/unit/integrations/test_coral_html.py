"""Coral's comments as text: what readers see is judged, whichever format a phase was set to."""

import pytest

from service.domain.comment import MAX_TEXT, is_storable
from service.integrations.coral.html import shortened, text_of
from tests.pace import LINEAR, growth


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Artikelnya bagus, terima kasih.", "Artikelnya bagus, terima kasih."),
        ("<div>Bagus &amp; <b>jelas</b></div>", "Bagus & jelas"),
        ("satu<br>dua<BR/>tiga", "satu\ndua\ntiga"),
        ("<p>satu</p>\n<p>dua</p>", "satu\ndua"),
        ("<ul><li>satu</li><li>dua</li></ul>", "satu\ndua"),
        ("bo<b></b>doh", "bodoh"),
        ('<span class="spoiler">rahasia</span>', "rahasia"),
        ('<span class="coral-rte-sarcasm">hebat</span>', "hebat"),
        ("&lt;b&gt;", "<b>"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("a&nbsp;b &eacute; &#233; &#xE9; &hellip;", "a\xa0b é é é …"),
        ("AT&T &zzzz; & &; &#; &#x;", "AT&T &zzzz; & &; &#; &#x;"),
        ("", ""),
        ("<br><div></div>", ""),
    ],
)
def test_tags_go_and_entities_are_read(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<a href="https://a.example/x" target="_blank" rel="noopener noreferrer">https://a.example/x</a>', "https://a.example/x"),
        ('<a href="http://a.example/">a.example</a> ya', "a.example ya"),
        ('lihat <a href="https://b.example">ini</a> ya', "lihat ini https://b.example  ya"),
        ('<a href="https://b.example">ini', "ini https://b.example"),
        ('<a href="https://b.example/?a=1&amp;b=2">ini</a>', "ini https://b.example/?a=1&b=2"),
        ("<a>ini</a>", "ini"),
    ],
)  # fmt: skip
def test_a_link_that_its_words_do_not_show_stands_behind_them(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    "words",
    [
        "1 < 2 dan 3 > 2",
        "I <3 you",
        "<kamu bodoh>",
        "<b kamu bodoh>",
        '<b title="kamu bodoh">',
        '<span class="kamu bodoh">',
        '<a href="kamu bodoh">',
        "<!-- kamu bodoh -->",
        "<script>kamu bodoh</script>",
        "<style>kamu bodoh",
        "<![CDATA[kamu bodoh]]>",
        "<?kamu bodoh?>",
        "</kamu bodoh>",
        "<b",
        "<a href=",
    ],
)
def test_words_that_only_look_like_a_tag_stay(words: str) -> None:
    assert text_of(words) == words


def test_what_no_database_keeps_is_not_in_a_text() -> None:
    text = text_of("bo\x00doh &#0; &#xD800; &#1114112; &#x110000;")
    assert text.startswith("bodoh ")
    assert is_storable(text)


@pytest.mark.parametrize(
    "unit",
    ["<", "<!--", "<a ", '<a href="', "<a href='x' ", "&#", "&#9", "&a", "<b>", "</", '<a class="spoiler" ', " ", "\n",
     '<a href="x">', '<b class="spoiler"' + ' class="spoiler"' * 2_000 + ">", "<a" + " " * 1_000],
)  # fmt: skip
def test_a_megabyte_of_anything_is_read_in_little_time(unit: str) -> None:
    assert growth(text_of, lambda size: unit * (size // len(unit)), 1_000_000) < LINEAR


def test_a_number_of_many_digits_is_no_entity() -> None:
    assert text_of("&#" + "9" * 5_000 + ";") == "&#" + "9" * 5_000 + ";"


def test_of_a_long_text_the_beginning_and_the_end_stay() -> None:
    assert shortened("x" * MAX_TEXT) == "x" * MAX_TEXT
    short = shortened("awal" + "x" * MAX_TEXT + "akhir")
    assert len(short) <= MAX_TEXT
    assert short.startswith("awal")
    assert short.endswith("akhir")
