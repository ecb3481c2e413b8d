"""The flagged queue: who works on what. A moderator holds a small hand of cards, so that the next one is there at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.store import Store
from service.store.queue import Counts, Holder, Queue
from service.store.rows import CommentRow

CLAIM = timedelta(minutes=5)
"""How long a claim lasts unless it is renewed; an open page renews it every minute."""

HAND = 5
"""Cards that a moderator holds: the one in sight and those ready behind it."""

MAX_HAND = 20
"""Cards that a moderator can hold by asking for the next without deciding."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hand:
    """What changes on a moderator's page.

    fresh: cards that are new to the page, the worst first. lost: cards on the page that are no longer this moderator's.
    passed: what stays passed over. until: when the claims end.
    """

    fresh: tuple[CommentRow, ...]
    lost: tuple[str, ...]
    passed: tuple[str, ...]
    until: datetime


@dataclass(frozen=True)
class Standing:
    """The numbers beside the queue."""

    counts: Counts
    decided: int


def deal(
    store: Store, site_id: str, user_id: str, *, shown: Sequence[str] = (), passed: Sequence[str] = (), size: int = HAND
) -> Hand:
    """Renew what this moderator holds and fill the hand up to `size` with the worst that nobody holds.

    Atomic: a comment is in one moderator's hand at a time. `shown` is what the page has already; `passed` is what this moderator
    skipped, which comes again once nothing else is left.
    """
    with store.begin() as tx:
        queue = Queue(tx, site_id)
        until = tx.now + CLAIM
        mine = queue.claim([*dict.fromkeys([*shown, *queue.held_by(user_id)])], user_id, until)
        room = min(size, MAX_HAND) - len(mine)
        taken = queue.claim_worst(user_id, until, room, passed) if room > 0 else []
        if not mine and not taken and passed:
            passed = ()
            taken = queue.claim_worst(user_id, until, room)
        fresh = queue.of_ids([*(id for id in mine if id not in shown), *taken])
        lost = tuple(id for id in shown if id not in mine)
        return Hand(tuple(fresh), lost, tuple(passed), until)


def put_back(
    store: Store, site_id: str, user_id: str, ids: Sequence[str], claimed_until: datetime | None = None
) -> None:
    """Give cards back to the queue, whether skipped or left behind by a page that closes (which says how old its claims are)."""
    with store.begin() as tx:
        Queue(tx, site_id).release(ids, user_id, claimed_until)


def standing(store: Store, site_id: str, user_id: str) -> Standing:
    """How much waits, and how much this moderator has decided within a day."""
    with store.read() as tx:
        queue = Queue(tx, site_id)
        return Standing(queue.counts(user_id), queue.decided_since(user_id, tx.now - DAY))


def worst(store: Store, site_id: str, limit: int = HAND) -> list[CommentRow]:
    """The worst of the queue, for those who only look: nothing is claimed."""
    with store.read() as tx:
        return Queue(tx, site_id).worst(limit)


def search(store: Store, site_id: str, words: str, limit: int = 50) -> list[CommentRow]:
    """Flagged comments that have these words in their text or their author's name."""
    with store.read() as tx:
        return Queue(tx, site_id).search(words, limit)


def holder(store: Store, site_id: str, comment_id: str) -> Holder | None:
    """Who works on this comment now."""
    with store.read() as tx:
        return Queue(tx, site_id).holder(comment_id)
