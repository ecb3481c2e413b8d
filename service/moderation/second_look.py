"""Second looks: a share of decisions is taken again by somebody who doesn't know of the first, to see how far people agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from service.domain.decision import Action
from service.domain.errors import Conflict
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.ledger import Ruling
from service.store.rows import CommentRow
from service.store.second_looks import DisagreementRow, SecondLooks

CLAIM = timedelta(minutes=5)
"""How long a look is held for the one who has it on the screen."""

PAGE = 50
"""Disagreements on a page."""


@dataclass(frozen=True)
class Look:
    """A comment to be judged again."""

    id: str
    comment: CommentRow


@dataclass(frozen=True)
class Disagreements:
    """The last disagreements, and from when on the older ones come."""

    rows: tuple[DisagreementRow, ...]
    older: datetime | None


def sample(tx: Transaction, site_id: str, share: float, rulings: Sequence[Ruling], user_id: str) -> None:
    """Have a share of a moderator's single decisions taken again, in the transaction that records them.

    Which ones is chance, but always the same for the same decision. An act on several comments at once is no judgement of each.
    """
    if len(rulings) != 1 or rulings[0].undoes is not None or rulings[0].action is Action.FLAG:
        return
    ruling = rulings[0]
    if is_sampled(ruling.id, share):
        SecondLooks(tx, site_id).add([(ruling.comment.id, ruling.comment.revision, ruling.id, ruling.action)], user_id)


def is_sampled(decision_id: str, share: float) -> bool:
    """Whether a decision is among the share; evenly spread, and nobody can foresee it."""
    return int.from_bytes(sha256(decision_id.encode()).digest()[:8]) < share * 2**64


def next_look(store: Store, site_id: str, user_id: str, after: str | None = None) -> Look | None:
    """Claim a look for this moderator: the one they hold, else the oldest; with `after`, the next behind that, or the first.

    Atomic. Two moderators never get the same.
    """
    with store.begin() as tx:
        looks = SecondLooks(tx, site_id)
        row = looks.claim(user_id, tx.now + CLAIM, after)
        if row is None and after is not None:
            row = looks.claim(user_id, tx.now + CLAIM)
        comment = Comments(tx, site_id).get(row.comment_id) if row else None
        return Look(row.id, comment) if row and comment else None


def look_again(store: Store, site_id: str, user_id: str, look_id: str, action: Action) -> None:
    """Record what this moderator would decide; the comment stays as it is.

    Raises: Conflict, when the comment was edited or erased, or the look has gone to another moderator meanwhile.
    """
    with store.begin() as tx:
        if not SecondLooks(tx, site_id).decide(look_id, user_id, action):
            raise Conflict("this comment has changed, or another moderator looks at it")


def pass_on(store: Store, site_id: str, user_id: str, look_id: str) -> None:
    """Leave a look to others."""
    with store.begin() as tx:
        SecondLooks(tx, site_id).release(look_id, user_id)


def how_many(store: Store, site_id: str, user_id: str) -> int:
    """How many second looks this moderator may take, counted to COUNT_TO."""
    with store.read() as tx:
        return SecondLooks(tx, site_id).open_to(user_id)


def disagreements(store: Store, site_id: str, before: datetime | None = None) -> Disagreements:
    """Where the two decided differently, the last first."""
    with store.read() as tx:
        rows = SecondLooks(tx, site_id).disagreements(before, PAGE + 1)
    older = rows[PAGE - 1].decided_at if len(rows) > PAGE else None
    return Disagreements(tuple(rows[:PAGE]), older)
