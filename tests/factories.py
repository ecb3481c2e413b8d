"""Sensible things, so that a test shows only what it is about."""

from itertools import count
from typing import Any

from service.domain.comment import ATTRIBUTES, Author, NewComment, Thread
from service.domain.policy import Policy, Signals

numbers = count(1)


def a_comment(**fields: Any) -> NewComment:
    """A comment as a site sends it."""
    number = next(numbers)
    usual = {
        "id": f"c{number}",
        "text": f"Terima kasih atas beritanya, sangat membantu. ({number})",
        "author": Author("u1", "Ayu"),
        "thread": Thread("story-1", "https://news.example/story-1", "A story"),
    }
    return NewComment(**{**usual, **fields})


def a_sent_comment(**fields: Any) -> dict[str, Any]:
    """The same as JSON for the API."""
    number = next(numbers)
    usual = {
        "id": f"c{number}",
        "text": f"Terima kasih atas beritanya, sangat membantu. ({number})",
        "author": {"id": "u1", "name": "Ayu"},
        "thread": {"id": "story-1", "url": "https://news.example/story-1", "title": "A story"},
    }
    return {**usual, **fields}


def a_policy(**fields: Any) -> Policy:
    """The default policy but for what is given."""
    return Policy(**fields)


def some_signals(**fields: Any) -> Signals:
    """Signals of a harmless comment but for what is given."""
    return Signals(**{"scores": dict.fromkeys(ATTRIBUTES, 0.01), **fields})
