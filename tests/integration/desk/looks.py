"""Decisions that others look at again."""

from service.domain.decision import Action, Actor
from service.moderation.record import record
from service.moderation.second_look import sample
from service.store import Store
from service.store.ledger import Ruling
from service.store.rows import CommentRow


def decided(store: Store, user_id: str, *rows: CommentRow, action: Action = Action.REJECT, share: float = 1.0) -> None:
    """Decisions of one act, sampled as `review` does it."""
    with store.begin() as tx:
        rulings = [Ruling(comment, action, Actor.MODERATOR, user_id=user_id) for comment in rows]
        record(tx, rows[0].site_id, rulings)
        sample(tx, rows[0].site_id, share, rulings, user_id)
