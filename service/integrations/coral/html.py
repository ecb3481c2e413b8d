"""The text of a comment as its readers see it.

A phase is set to send HTML or plain text, and a request doesn't say which. So only the tags that Coral lets people use go, with
the attributes that Coral gives them: whatever else looks like a tag is what somebody wrote, and taken away it would be a place to
hide words from us that readers see. The standard library's parser is not used: it takes quadratic time for some texts; and of its
`unescape` only for what it reads: it raises ValueError for a number of 5,000 digits.
"""

import html
import re
from collections.abc import Sequence

from service.domain.comment import MAX_TEXT

TAG = re.compile(
    r"<(?P<end>/?)(?P<name>a|b|blockquote|br|div|em|i|li|ol|p|s|span|strong|u|ul)(?P<attributes>\s[^<>]*)?/?>",
    re.IGNORECASE,
)

ATTRIBUTE = re.compile(
    r'\s*(?:href="(?P<link>[^"\s]*)"|target="_blank"|rel="(?:nofollow|noopener|noreferrer|ugc|\s)*"'
    r'|class="(?:spoiler|sarcasm|coral-[\w-]{1,40}|CoralRTE[\w-]{1,40})")',
    re.IGNORECASE,
)

BLOCKS = ("blockquote", "br", "div", "li", "ol", "p", "ul")
"""Tags at which a line ends; elsewhere a tag doesn't even end a word."""

ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)

LEFT_OUT = "\n[…]\n"

HALF = (MAX_TEXT - len(LEFT_OUT)) // 2


def text_of(body: str) -> str:
    """A comment's body without tags and with its entities read. A link that its words don't show stands behind them."""
    parts: list[str] = []
    at, link, words_from = 0, "", 0
    for tag in TAG.finditer(body):
        next_link = _link(tag["attributes"] or "")
        if next_link is None:
            continue
        parts.append(body[at : tag.start()])
        at, name = tag.end(), tag["name"].lower()
        if name in BLOCKS:
            parts.append("\n")
        elif name == "a":
            parts.append(_unseen(link, parts[words_from:]))
            link, words_from = next_link, len(parts)
    parts.append(body[at:])
    parts.append(_unseen(link, parts[words_from:]))
    text = ENTITY.sub(lambda entity: html.unescape(entity[0]), "".join(parts))
    return _lines(text.replace("\x00", ""))


def shortened(text: str) -> str:
    """A text of at most MAX_TEXT characters: of a longer one the beginning and the end."""
    return text if len(text) <= MAX_TEXT else f"{text[:HALF]}{LEFT_OUT}{text[-HALF:]}"


def _link(attributes: str) -> str | None:
    """The link among a tag's attributes, empty when there is none; None when they are not what Coral gives to tags."""
    text, at, link = attributes.strip().removesuffix("/").rstrip(), 0, ""
    while at < len(text):
        attribute = ATTRIBUTE.match(text, at)
        if attribute is None:
            return None
        at, link = attribute.end(), attribute["link"] or link
    return link


def _unseen(link: str, words: Sequence[str]) -> str:
    """A link, unless its words show it, with or without its scheme; empty for none."""
    bare = link.partition("://")[2].rstrip("/") or link
    return f" {link} " if bare not in "".join(words) else ""


def _lines(text: str) -> str:
    return "\n".join(line for one in text.split("\n") if (line := one.strip()))
