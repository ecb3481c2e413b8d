"""Follow another platform: its comments as they stood at some time, told in any order and more than once."""

from collections.abc import Callable
from datetime import datetime

from service.domain.comment import Accepted, NewComment, Status
from service.moderation.accept import at_last
from service.runtime import watch
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.receipts import Receipts


def follow(
    comment: NewComment, as_of: datetime, site_id: str, store: Store, wake: Callable[[], None]
) -> list[Accepted]:
    """Store a comment as it stood at `as_of` and wake a worker; nothing when it was told of as it stood later, or its deletion.

    Atomic: what was seen and the comment are stored together.
    """

    def write(tx: Transaction) -> list[Accepted]:
        news = Receipts(tx, site_id).follow(comment.id, as_of)
        return Comments(tx, site_id).add_pending([comment]) if news else []

    stopwatch = watch.Stopwatch()
    accepted = at_last(store, write)
    watch.accepted(stopwatch, accepted)
    if any(one.fresh for one in accepted):
        wake()
    return accepted


def follow_deletion(site_comment_id: str, as_of: datetime, site_id: str, store: Store, *, by_author: bool) -> None:
    """Erase a comment that is gone there, and take in none of its earlier states from now on; not an error when we lack it.

    One that stands rejected, and that somebody else than its author took away, stays: that is what the rejection asked for, and
    the author may appeal. Atomic.
    """

    def write(tx: Transaction) -> None:
        Receipts(tx, site_id).follow(site_comment_id, as_of)
        comments = Comments(tx, site_id)
        comment = comments.by_site_id(site_comment_id)
        if comment is not None and (by_author or comment.status is not Status.REJECTED):
            comments.erase([comment.id])

    at_last(store, write)
