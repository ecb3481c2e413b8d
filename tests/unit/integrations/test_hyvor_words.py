"""The words of Hyvor Talk's HTML, and the addresses of links behind other words."""

import pytest

from service.domain.comment import MAX_TEXT
from service.integrations.platforms.hyvor import MOST_LINKS, words_of
from tests.pace import LINEAR, growth


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>satu</p><p>dua</p>", "satu\ndua"),
        ("<a href='https://a.example'>https://a.example</a>", "https://a.example"),
        ("<a href='https://a.example'>ini</a>", "ini\nhttps://a.example"),
        (f"a&#{'1' * 5_000};b", "a\ufffdb"),
        (f"<a href='x&#{'1' * 5_000};'>ini</a>", "ini\nx\ufffd"),
    ],
)
def test_they_are_read_as_readers_see_them(markup: str, words: str) -> None:
    assert words_of(markup) == words


def test_of_very_many_links_none_is_left_out() -> None:
    addresses = [f"https://a.example/{place}" for place in range(MOST_LINKS + 10)]
    assert words_of("".join(f"<a href='{one}'>x</a>" for one in addresses)).splitlines()[1:] == addresses


@pytest.mark.parametrize("words", [MAX_TEXT - 1, 200_000])
@pytest.mark.parametrize("link", ["<a href={}>", "<a href=yyyyyyyyyyyy{}>"])
def test_no_text_takes_long(words: int, link: str) -> None:
    def markup(size: int) -> str:
        return "".join(link.format(place) for place in range(size)) + "y" * (words * size // 20_000)

    assert growth(words_of, markup, 20_000) < LINEAR
