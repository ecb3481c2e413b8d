"""Comments of callers that must not be refused for their form: what can't be kept as it is, is made so that it can."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from service.domain.comment import KEPT_BY_NONE, MAX_TEXT, MAX_THREAD_KEY, Author, NewComment, Thread

MAX_KEY = 200
"""Characters of a site's own ids."""

MAX_URL = 2_048
"""Characters of an address, and of a thread's id, which often is one."""

MAX_DEPTH = 8
"""Levels of metadata that are kept."""


def fitting(comment: NewComment) -> NewComment:
    """The comment with every field as long as may be kept, and without characters that no database keeps.

    Texts are cut; a longer id becomes its hash, so that two different ones stay different; an address that is cut would be
    another, and is left out.
    """
    return replace(
        comment,
        id=_key(comment.id, MAX_KEY),
        text=_cut(comment.text, MAX_TEXT),
        author=_author(comment.author),
        thread=comment.thread and _thread(comment.thread),
        parent_id=comment.parent_id and _key(comment.parent_id, MAX_KEY),
        url=_whole(comment.url, MAX_URL),
        declared_language=_whole(comment.declared_language, 35),
        metadata={_cut(name, MAX_KEY): _plain(value, MAX_DEPTH) for name, value in comment.metadata.items()},
    )


def _author(author: Author) -> Author:
    return Author(_key(author.id, MAX_KEY), _cut(author.name, 200), _whole(author.email, 320), _whole(author.ip, 45))


def _thread(thread: Thread) -> Thread:
    title = thread.title and _cut(thread.title, 500)
    key = _key(thread.id, MAX_URL)
    short = key if len(key.encode()) <= MAX_THREAD_KEY else _hash(thread.id)
    return Thread(short, _whole(thread.url, MAX_URL), title)


def _clean(text: str) -> str:
    return KEPT_BY_NONE.sub("\ufffd", text)


def _cut(text: str, most: int) -> str:
    return _clean(text[:most])


def _key(key: str, most: int) -> str:
    return _clean(key) if len(key) <= most else _hash(key)


def _hash(key: str) -> str:
    return "sha256-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _whole(text: str | None, most: int) -> str | None:
    return None if text is None or len(text) > most else _clean(text)


def _plain(value: object, depth: int) -> object:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Mapping | list) and not depth:
        return None
    if isinstance(value, Mapping):
        return {_clean(str(name)): _plain(one, depth - 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, depth - 1) for one in value]
    return value
