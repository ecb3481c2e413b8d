"""A comment's markup, read as plain text.

Not by `html.parser`: of a text that is all unclosed tags it takes a minute for 40 kB (Python 3.11), and whoever comments chooses
the text. One expression that never looks at a character twice does for reading; nothing here is ever shown as HTML.
"""

import re
from typing import NamedTuple

from service.domain.comment import KEPT_BY_NONE, MAX_TEXT
from service.web.entities import unescaped

MAX_MARKUP = 4 * MAX_TEXT
"""Characters of markup that are read: more than a page's full text has as HTML."""

TAG = re.compile(r"<(?:/?+([a-zA-Z][a-zA-Z0-9]{0,20}+)(?:[\s/][^<>]*+)?+|![^<>]*+)>")

HREF = re.compile(r"\bhref\s*+=\s*+[\"']?([^\"'\s<>]{1,2000})", re.IGNORECASE)

BREAKS = re.compile(
    r"address|article|aside|blockquote|br|center|d[dlt]|div|figure|footer|form|h[1-6r]|header|li|[ou]l|p|pre|section|table|t[dhr]"
)
"""Elements that stand apart from the text around them; all others are inside words as likely as between them."""

SPACES = re.compile(r"[^\S\n]+")

LINES = re.compile(r"\s*\n\s*")


class Reading(NamedTuple):
    """A text with the addresses of its links, as it is judged and shown, and without them: alike however it was marked up."""

    text: str
    bare: str


def read_markup(written: str) -> Reading:
    """What a reader sees of HTML, its entities decoded; what is no tag stays as it is. At most MAX_TEXT characters."""
    shown, bare, link, place = [], [], _Link(), 0
    written = written[:MAX_MARKUP]
    for tag in TAG.finditer(written):
        words = unescaped(written[place : tag.start()])
        place, name = tag.end(), (tag[1] or "").lower()
        shown.append(words)
        bare.append(words)
        link.words.append(words)
        if BREAKS.fullmatch(name):
            shown.append("\n")
        elif name == "a":
            shown.append(link.address())
            link = _Link(_href(tag[0]))
    words = unescaped(written[place:])
    link.words.append(words)
    return Reading(_tidy("".join((*shown, words, link.address()))), _tidy("".join((*bare, words))))


class _Link:
    """A link that is being read: where it leads, and its words so far."""

    def __init__(self, href: str = "") -> None:
        self.href = href
        self.words: list[str] = []

    def address(self) -> str:
        """What is said of it after its words: nothing, when these say it."""
        return f" ({self.href}) " if self.href and self.href not in "".join(self.words) else ""


def _href(tag: str) -> str:
    found = HREF.search(tag)
    return unescaped(found[1]) if found else ""


def _tidy(text: str) -> str:
    """Storable, without runs of spaces and empty lines."""
    return LINES.sub("\n", SPACES.sub(" ", KEPT_BY_NONE.sub("", text))).strip()[:MAX_TEXT]
