"""Take comments in: stored as pending, then a worker is woken."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from service.domain.comment import Accepted, NewComment
from service.domain.errors import Overtaken
from service.runtime import watch
from service.store import Store, Transaction
from service.store.comments import Comments

Written = TypeVar("Written")

TRIES = 5
"""Retention deletes a site's authors some times a second, so that a second time in a row is rare."""


def accept(comments: Sequence[NewComment], site_id: str, store: Store, wake: Callable[[], None]) -> list[Accepted]:
    """Store comments as pending and wake a worker.

    Atomic: all are stored or none. Comments that the site sent before are returned as they stand.
    Waking comes after the commit and may fail: the sweeper finds what it missed.
    """
    stopwatch = watch.Stopwatch()
    accepted = at_last(store, lambda tx: Comments(tx, site_id).add_pending(comments))
    watch.accepted(stopwatch, accepted)
    if any(comment.fresh for comment in accepted):
        wake()
    return accepted


def at_last(store: Store, write: Callable[[Transaction], Written]) -> Written:
    """Write in a transaction, and once more in another when it was overtaken.

    Raises: Overtaken, when it was every time.
    """
    for _ in range(TRIES - 1):
        try:
            with store.begin() as tx:
                return write(tx)
        except Overtaken:
            continue
    with store.begin() as tx:
        return write(tx)
