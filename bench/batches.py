"""Requests with comments that were never sent before, made ahead of the time that is measured."""

from functools import cache
from itertools import count, cycle, islice

import orjson

from bench.comments import Sent, comments
from bench.load import request

POOL = 10_000
"""Texts that are read from the files; more comments have the same ones again."""

numbers = count(1)


def batches(size: int, requests: int) -> list[list[Sent]]:
    """So many batches of a size, each comment with an id of its own."""
    texts = islice(cycle(_pool()), size * requests)
    sent = [Sent(f"sent{next(numbers):08}", one.text, one.author) for one in texts]
    return [sent[start : start + size] for start in range(0, len(sent), size)]


def prepared(url: str, key: str, size: int, requests: int) -> list[bytes]:
    """The same, as they go over the wire."""
    return [request(url, body(batch), key) for batch in batches(size, requests)]


def body(batch: list[Sent]) -> bytes:
    """What is posted: one comment alone, or several together."""
    bodies = [comment.to_json() for comment in batch]
    return orjson.dumps(bodies[0] if len(bodies) == 1 else {"comments": bodies})


@cache
def _pool() -> tuple[Sent, ...]:
    return tuple(comments([], None, POOL))
