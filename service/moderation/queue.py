"""The queues: who works on what. A moderator holds a small hand of cards, so that the next one is there at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.domain.errors import Invalid
from service.domain.view import CLAIMED, QueueName, View
from service.store import Store
from service.store.lists import Lists, Story
from service.store.queue import Counts, Holder, Queue
from service.store.rows import CommentRow
from service.store.viewed import is_read_along, is_sieved

CLAIM = timedelta(minutes=5)
"""How long a claim lasts unless it is renewed; an open page renews it every minute."""

HAND = 5
"""Cards that a moderator holds: the one in sight and those ready behind it."""

MAX_HAND = 20
"""Cards that a moderator can hold by asking for the next without deciding."""

AHEAD = 50
"""Cards that are looked for before it is our turn: enough for ten moderators who open the same view at once."""

TRIES = 3
"""How often a view is looked through for one hand, when others take all that was found."""

DAY = timedelta(days=1)

FLAGGED = View()
"""What the desk opens with: all that is flagged, the worst first."""


@dataclass(frozen=True)
class Hand:
    """What changes on a moderator's page.

    fresh: cards that are new to the page, in the view's order. lost: cards on the page that are no longer this moderator's.
    passed: what stays passed over. until: when the claims end. alike: how many more flagged comments each fresh card stands for,
    being nearly the same; at most COUNT_TO.
    """

    fresh: tuple[CommentRow, ...]
    lost: tuple[str, ...]
    passed: tuple[str, ...]
    until: datetime
    alike: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """The numbers beside the queue."""

    counts: Counts
    decided: int


def deal(
    store: Store,
    site_id: str,
    user_id: str,
    *,
    view: View = FLAGGED,
    shown: Sequence[str] = (),
    passed: Sequence[str] = (),
    size: int = HAND,
) -> Hand:
    """Renew what this moderator holds of a view and fill the hand up to `size` with the first of it that nobody holds.

    Atomic: a comment is in one moderator's hand at a time, and so are all that are nearly the same: of these one card is dealt.
    `shown` is what the page has already; `passed` is what this moderator skipped, which comes again once nothing else is left.

    Raises: Invalid, for a view of a queue that is only looked at.
    """
    if view.queue not in CLAIMED:
        raise Invalid(f"queue: nothing is dealt of {view.queue}")
    if not is_sieved(view):
        return _dealt(store, site_id, user_id, view, shown, passed, size, None)
    for _ in range(TRIES):
        ahead = _look_ahead(store, site_id, user_id, view, shown, passed)
        hand = _dealt(store, site_id, user_id, view, shown, passed, size, ahead)
        held = len(shown) - len(hand.lost) + len(hand.fresh)
        if held >= min(size, MAX_HAND) or len(ahead.ids) < AHEAD:
            break  # else others were quicker, and there is more behind what they took
    return hand


@dataclass(frozen=True)
class _Ahead:
    """What a view would deal, read before it is our turn: what this moderator holds of it, and the first that nobody does.

    again: the same with what was passed over, when there is nothing else.
    """

    held: Sequence[str]
    ids: Sequence[str]
    again: Sequence[str]


def _look_ahead(
    store: Store, site_id: str, user_id: str, view: View, shown: Sequence[str], passed: Sequence[str]
) -> _Ahead:
    """Read a view in which many comments may have to be tried, while nobody has to wait for that."""
    with store.read(by_index=is_read_along(view)) as tx:
        queue = Queue(tx, site_id)
        ids = queue.first(AHEAD, [*passed, *shown], view)
        again = queue.first(AHEAD, shown, view) if passed and not ids else []
        return _Ahead(queue.held_by(user_id, view), ids, again)


def _dealt(
    store: Store,
    site_id: str,
    user_id: str,
    view: View,
    shown: Sequence[str],
    passed: Sequence[str],
    size: int,
    ahead: _Ahead | None,
) -> Hand:
    """`deal`, of what was seen ahead, if anything was."""
    with store.begin(by_index=is_read_along(view)) as tx:
        queue = Queue(tx, site_id)
        queue.take_turn()
        until = tx.now + CLAIM
        held = queue.held_by(user_id, view) if ahead is None else ahead.held
        mine = queue.claim([*dict.fromkeys([*shown, *held])], user_id, until, view.queue)
        room = min(size, MAX_HAND) - len(mine)

        def taken_of(passed: Sequence[str], found: Sequence[str]) -> list[str]:
            if ahead is None:
                return queue.claim_worst(user_id, until, room, passed, view)
            return queue.claim_some(found, user_id, until, room, view.queue)

        taken = taken_of(passed, ahead.ids if ahead else ())
        if passed and not (mine or taken or (ahead and ahead.ids)):
            passed, taken = (), taken_of((), ahead.again if ahead else ())
        fresh = queue.of_ids([*(id for id in mine if id not in shown), *taken])
        lost = tuple(id for id in shown if id not in mine)
        return Hand(tuple(fresh), lost, tuple(passed), until, queue.alike(fresh, user_id))


def alike(store: Store, site_id: str, user_id: str, rows: Sequence[CommentRow]) -> Mapping[str, int]:
    """How many more flagged comments each of these stands for, as a hand tells of its fresh cards; at most COUNT_TO."""
    with store.read(by_index=True) as tx:
        return Queue(tx, site_id).alike(rows, user_id)


def put_back(
    store: Store, site_id: str, user_id: str, ids: Sequence[str], claimed_until: datetime | None = None
) -> None:
    """Give cards back to the queue, whether skipped or left behind by a page that closes (which says how old its claims are)."""
    with store.begin() as tx:
        Queue(tx, site_id).release(ids, user_id, claimed_until)


def standing(store: Store, site_id: str, user_id: str, view: View = FLAGGED) -> Standing:
    """How much waits in the view's queue, and how much this moderator has decided within a day."""
    with store.read(by_index=True) as tx:
        queue = Queue(tx, site_id)
        return Standing(queue.counts(user_id, view), queue.decided_since(user_id, tx.now - DAY))


def worst(store: Store, site_id: str, limit: int = HAND, view: View = FLAGGED) -> list[CommentRow]:
    """The first of a view, for those who only look."""
    return list(listed(store, site_id, view, limit=limit).comments)


def search(store: Store, site_id: str, words: str, limit: int = 50) -> list[CommentRow]:
    """Flagged comments that have these words in their text or their author's name, the worst first."""
    return worst(store, site_id, limit, View(words=words))


def tallies(store: Store, site_id: str) -> Mapping[QueueName, int]:
    """How much waits in each queue but that of what was decided; each number stops at TALLIED_TO."""
    with store.read(by_index=True) as tx:
        return Lists(tx, site_id).tallies()


def size(store: Store, site_id: str, view: View) -> int:
    """How much a view shows, at most COUNT_TO. A filter is tried on the first LOOKED_AT comments of the queue and no more."""
    with store.read(by_index=is_read_along(view)) as tx:
        return Lists(tx, site_id).size(view)


@dataclass(frozen=True)
class Listed:
    """A page of a view; `next_cursor` is of the page that follows, None at the end."""

    comments: tuple[CommentRow, ...]
    next_cursor: str | None


def listed(store: Store, site_id: str, view: View, cursor: str | None = None, limit: int = 50) -> Listed:
    """A page of any queue, for looking: nothing is claimed. Raises: Invalid, for a cursor that is none of this view's."""
    with store.read(by_index=is_read_along(view)) as tx:
        found, following = Lists(tx, site_id).page(view, cursor, limit)
    return Listed(tuple(found), following)


@dataclass(frozen=True)
class Stories:
    """A page of the flagged queue by thread; `next_cursor` is of the page that follows, None at the end."""

    stories: tuple[Story, ...]
    next_cursor: str | None


def stories(store: Store, site_id: str, cursor: str | None = None, limit: int = 50) -> Stories:
    """The threads of what is flagged, the one with the worst comment first. Raises: Invalid, for a cursor that is none.

    Of a queue beyond LOOKED_AT comments, the worst so many are looked at.
    """
    with store.read(by_index=True) as tx:
        found, following = Lists(tx, site_id).stories(cursor, limit)
    return Stories(tuple(found), following)


def holder(store: Store, site_id: str, comment_id: str) -> Holder | None:
    """Who works on this comment now."""
    with store.read() as tx:
        return Queue(tx, site_id).holder(comment_id)
