"""Markup is read in time that grows with its length, and what is no markup stays."""

import pytest

from service.domain.comment import MAX_TEXT
from service.integrations.akismet.markup import MAX_MARKUP, read_markup
from tests.pace import LINEAR, growth


@pytest.mark.parametrize(
    ("written", "text", "bare"),
    [
        ("a plain text", "a plain text", "a plain text"),
        ("<b>go</b>bl<i>ok</i>", "goblok", "goblok"),
        ("<p>one</p><P class='x>'>two</P>three<br/>four", "one\n'>two\nthree\nfour", "one'>twothreefour"),
        ('<a href="http://x.example/?a=1&amp;b">here</a>!', "here (http://x.example/?a=1&b) !", "here!"),
        ("<a href=x>one<a href=y>two", "one (x) two (y)", "onetwo"),
        ("<a href='http://x.example'>at <b>http://</b>x.example</a>", "at http://x.example", "at http://x.example"),
        ("<a name=x>no link</a>", "no link", "no link"),
        ("&lt;b&gt; &amp;amp; &nbsp;&#0;&#xD800;&nosuch;", "<b> &amp; \ufffd\ufffd&nosuch;", None),
        (f"&#{'0' * 5_000}65;&#{'9' * 5_000};&#x{'f' * 5_000}.", "A\ufffd\ufffd.", None),
        ("I <3 you, 1 < 2 > 0, <https://x.example>", "I <3 you, 1 < 2 > 0, <https://x.example>", None),
        ("<!-- a note --><!DOCTYPE html>text", "text", "text"),
        ("</p", "</p", "</p"),
        ("  a  \r\n\r\n\r\n\tb ", "a\nb", "a\nb"),
        ("a\x00b\ud800c", "abc", "abc"),
        ("", "", ""),
    ],
)
def test_it_is_read_as_a_reader_sees_it(written: str, text: str, bare: str | None) -> None:
    assert read_markup(written) == (text, text if bare is None else bare)


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<", "<!", "<!--", "</", "</p", "<a href=", "<a href='", "&", "&#", "&amp", "\n \n", "<b>", "<a href=x>", "<a b='"],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    assert len(read_markup(piece * (MAX_MARKUP // len(piece))).text) <= MAX_TEXT
    assert growth(read_markup, lambda size: piece * (size // len(piece)), MAX_MARKUP) < LINEAR
