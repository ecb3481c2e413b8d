"""A submission: what is to be checked, or was, in our words."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

import orjson

from service.domain.comment import Author, NewComment, Thread
from service.integrations.akismet.fields import Sent
from service.integrations.akismet.markup import MAX_MARKUP, Reading, read_markup

SOURCE = "akismet"

MAX_AUTHOR = 200
MAX_EMAIL = 320
MAX_URL = 2_048
MAX_KEY = 2_000
"""Bytes of a page's address that may stand for the page: PostgreSQL's index holds no more than 2,704."""

KEPT = ("comment_type", "comment_author_url", "blog", "blog_lang", "recheck_reason", "user_role")
"""Fields that moderators see beside the comment. What else comes, such as the server's environment, is not kept."""

MAX_KEPT = 200
"""Characters of each."""

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

SPACE = re.compile(r"\s+")

MOST_MARKS = 30
"""Marks on one letter that are told apart: no language has as many (https://unicode.org/reports/tr15/#Stream_Safe_Text_Format)."""


class Submission:
    """What one request says about a comment."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent
        self.name = sent.text("comment_author", MAX_AUTHOR)
        self.email = sent.text("comment_author_email", MAX_EMAIL).lower()
        self.permalink = sent.text("permalink", MAX_URL)

    @property
    def text(self) -> str:
        """What is judged: the content, or all that was written where there is none, as at a signup."""
        rest = (self.name, self._sent.text("comment_author_url", MAX_URL), self.email)
        return self._content.text or "\n".join(filter(None, rest))

    @property
    def site_comment_id(self) -> str:
        """The same for a check and for what is submitted about it later, as far as both say the same."""
        return f"{SOURCE}-{_digest(self._words, self._author_words, self.email, self.permalink)}"

    @property
    def label_key(self) -> str:
        """What one text of one author is labelled by, on whatever page."""
        return _digest(self._words, self._author_words)

    @property
    def is_test(self) -> bool:
        """Whether nothing may be kept of it."""
        return self._sent.is_on("is_test")

    @property
    def trapped(self) -> bool:
        """Whether a field is filled that only programs see."""
        return self._sent.trapped()

    @property
    def roles(self) -> set[str]:
        """What the author is at the site; WordPress lists several by commas."""
        return {role.strip().lower() for role in self._sent.text("user_role", MAX_KEPT).split(",")}

    def comment(self, site_id: str, guid: str) -> NewComment:
        """The comment as it is stored; `guid` names the check."""
        return NewComment(
            id=self.site_comment_id,
            text=self.text,
            author=self._author(site_id),
            thread=self._thread(),
            created_at=self._written_at(),
            metadata=self._metadata(guid),
        )

    @cached_property
    def _content(self) -> Reading:
        return read_markup(self._sent.text("comment_content", MAX_MARKUP))

    @property
    def _words(self) -> str:
        return _alike(self._content.bare)

    @property
    def _author_words(self) -> str:
        return _alike(self.name)

    def _author(self, site_id: str) -> Author:
        """By e-mail, name or address, the first that there is.

        An address is not shown as an id. Who says nothing at all is nobody whom a policy could come to trust, or ban: each of
        their comments has an author of its own.
        """
        ip = _address(self._sent.text("user_ip", 45))
        if self.email:
            key = f"email:{self.email}"
        elif self.name:
            key = f"name:{self._author_words}"
        elif ip:
            key = f"ip:{_digest(site_id, ip)[:32]}"
        else:
            key = f"nobody:{self.label_key[:32]}"
        return Author(key, self.name, self.email or None, ip)

    def _thread(self) -> Thread | None:
        if not self.permalink:
            return None
        key = self.permalink if len(self.permalink.encode()) <= MAX_KEY else f"long:{_digest(self.permalink)}"
        return Thread(key, self.permalink if _is_http(self.permalink) else None)

    def _written_at(self) -> datetime | None:
        """When it was written, in UTC; None when that can't be read."""
        try:
            at = datetime.fromisoformat(self._sent.text("comment_date_gmt", 40))
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return at if EARLIEST <= at <= LATEST else None

    def _metadata(self, guid: str) -> dict[str, object]:
        # Discourse says content_type
        kind = {"comment_type": self._sent.text("content_type", MAX_KEPT)}
        told = kind | {name: text for name in KEPT if (text := self._sent.text(name, MAX_KEPT))}
        kept: dict[str, object] = {"guid": guid, **{name: text for name, text in told.items() if text}}
        if tags := self._sent.tags():
            kept["comment_context"] = tags
        if self.trapped:
            kept["honeypot"] = True
        return kept


def _alike(text: str) -> str:
    """The same for texts that differ in spaces, case and forms of letters alone, as they do after another program's hands."""
    return SPACE.sub("", unicodedata.normalize("NFKC", "".join(_few_marks(text))).casefold())


def _few_marks(text: str) -> Iterator[str]:
    """The text with at most MOST_MARKS marks on each letter: putting them in order takes the square of their number."""
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MOST_MARKS:
            yield sign


def _digest(*parts: str) -> str:
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _is_http(text: str) -> bool:
    try:
        return urlsplit(text).scheme in ("http", "https")
    except ValueError:
        return False
