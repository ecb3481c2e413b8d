"""Take comments in: stored as pending, then a worker is woken."""

from collections.abc import Callable, Sequence

from service.domain.comment import Accepted, NewComment
from service.runtime import watch
from service.store import Store
from service.store.comments import Comments


def accept(comments: Sequence[NewComment], site_id: str, store: Store, wake: Callable[[], None]) -> list[Accepted]:
    """Store comments as pending and wake a worker.

    Atomic: all are stored or none. Comments that the site sent before are returned as they stand.
    Waking comes after the commit and may fail: the sweeper finds what it missed.
    """
    stopwatch = watch.Stopwatch()
    with store.begin() as tx:
        accepted = Comments(tx, site_id).add_pending(comments)
    watch.accepted(stopwatch, accepted)
    if any(comment.fresh for comment in accepted):
        wake()
    return accepted
