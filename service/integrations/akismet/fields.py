"""What a client sent: forms in any charset, and JSON from Coral. Fields that nobody asks for stay bytes and go no further."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.exceptions import BadRequest

from service.domain.comment import KEPT_BY_NONE

MAX_BODY = 1024 * 1024
"""Bytes: WordPress sends its whole environment and all fields of the form along."""

MAX_FIELDS = 4_000
"""Fields that are looked at; PHP takes in a form of 1,000, which WordPress sends twice beside its environment."""

MAX_NAME = 200
"""Characters of a field's name."""

MAX_TAGS = 10
MAX_TAG = 60

CHARSETS: Mapping[str, str] = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii"), "utf-8"),
    # what is called Latin-1 is Windows' superset of it nearly everywhere (https://encoding.spec.whatwg.org/#names-and-labels)
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252"), "cp1252"),
    **{f"iso-8859-{number}": f"iso8859-{number}" for number in (*range(2, 12), 13, 14, 15, 16)},
    **{f"windows-125{number}": f"cp125{number}" for number in (0, 1, 3, 4, 5, 6, 7, 8)},
    **dict.fromkeys(("koi8-r", "koi8-u", "big5", "gb18030"), ""),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis"), "cp932"),
    "euc-jp": "euc_jp",
    "euc-kr": "euc_kr",
    "tis-620": "tis-620",
}
"""Codecs by the names that come; "" is the same name. Only these are looked for: Python would remember every name it is asked."""


class Sent:
    """The fields of a request by their names, not yet decoded; `charset` as the header names it, "" when it names none."""

    def __init__(self, fields: Mapping[str, bytes], tags: tuple[bytes, ...] = (), charset: str = "") -> None:
        self._fields = fields
        self._tags = tags
        self._charset = charset

    def text(self, name: str, longest: int) -> str:
        """A field's text without spaces around it, cut to `longest` characters; "" when it's not there."""
        return self._decoded(self._fields.get(name, b"")).strip()[:longest]

    def tags(self) -> list[str]:
        """What the client says that the page is about."""
        return [text for tag in self._tags if (text := self._decoded(tag).strip()[:MAX_TAG])]

    def is_on(self, name: str) -> bool:
        """Whether a field says yes."""
        return self.text(name, 10).lower() in ("1", "true", "yes", "on")

    def trapped(self) -> bool:
        """Whether the honeypot is filled: a field that people don't see. WordPress sends it as one of the form's."""
        name = self.text("honeypot_field_name", MAX_NAME)
        return bool(name) and any(self.text(field, 1) for field in (name, f"POST_{name}"))

    def _decoded(self, value: bytes) -> str:
        """UTF-8 unless the header says otherwise, or it is none and the blog's charset can be.

        Many clients say the blog's charset and send UTF-8 all the same.
        """
        codec = _codec(self._charset)
        if codec is None:
            try:
                return KEPT_BY_NONE.sub("", value.decode())
            except UnicodeDecodeError:
                named = self._fields.get("blog_charset", b"").decode("ascii", "replace")
                codec = _codec(named) or "utf-8"
        return KEPT_BY_NONE.sub("", value.decode(codec, "replace"))


def read(request: Request) -> Sent:
    """The fields of a request. Raises: HTTPException, for a body that is too large or no JSON where it says so."""
    if request.is_json:
        return _of_json(request.get_json())
    if request.mimetype == "multipart/form-data":
        return _sent([(name, value.encode()) for name, value in request.form.items(multi=True)])
    charset = request.mimetype_params.get("charset", "")
    return _sent(_pairs(request.get_data()), charset)


def _pairs(body: bytes) -> list[tuple[str, bytes]]:
    """A form's fields; of the values only the percent signs are undone, since their charset may be another field."""
    pairs = []
    for pair in body.split(b"&", MAX_FIELDS)[:MAX_FIELDS]:
        name, _, value = pair.partition(b"=")
        pairs.append((_unquoted(name).decode("latin-1"), _unquoted(value)))
    return pairs


def _unquoted(written: bytes) -> bytes:
    return unquote_to_bytes(written.replace(b"+", b" "))


def _sent(pairs: Iterable[tuple[str, bytes]], charset: str = "") -> Sent:
    """Of a field that is there twice the last one counts, as PHP has it; the page's tags are all kept."""
    fields: dict[str, bytes] = {}
    tags: list[bytes] = []
    for name, value in pairs:
        fields[name] = value
        if name.partition("[")[0] == "comment_context" and len(tags) < MAX_TAGS:
            tags.append(value)
    return Sent(fields, tuple(tags), charset)


def _of_json(body: object) -> Sent:
    if not isinstance(body, dict):
        raise BadRequest("the body is no JSON object")
    pairs = []
    for name, value in body.items():
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str | int | float):
                text = str(one).lower() if isinstance(one, bool) else str(one)
                pairs.append((name, text.encode()))
    return _sent(pairs, "utf-8")


def _codec(charset: str) -> str | None:
    """Python's name of a charset; None when it isn't one that is written on the web."""
    name = charset.strip().lower()
    return CHARSETS[name] or name if name in CHARSETS else None
