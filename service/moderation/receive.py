"""Receive a site's webhooks: comments that were made, changed or deleted there, or judged by its people."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from service.domain.comment import Accepted, NewComment
from service.domain.errors import Conflict
from service.moderation.accept import at_last
from service.runtime import watch
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.labels import Labels, NewLabel
from service.store.receipts import Receipt, Receipts


def receive(
    webhook_id: str,
    sent_at: datetime,
    comments: Sequence[NewComment],
    site_id: str,
    store: Store,
    wake: Callable[[], None],
) -> list[Accepted]:
    """Store the comments of a webhook as pending and wake a worker; nothing for a webhook that came before.

    Atomic: the receipt and the comments are stored together.

    Raises: Conflict, for a replay.
    """

    def write(tx: Transaction) -> list[Accepted]:
        return [] if _seen(tx, site_id, webhook_id, sent_at) else Comments(tx, site_id).add_pending(comments)

    stopwatch = watch.Stopwatch()
    accepted = at_last(store, write)
    watch.accepted(stopwatch, accepted)
    if any(comment.fresh for comment in accepted):
        wake()
    return accepted


def receive_deletion(webhook_id: str, sent_at: datetime, site_comment_id: str, site_id: str, store: Store) -> None:
    """Erase the comment that a site deleted; not an error when we don't have it.

    Atomic, with the receipt. Raises: Conflict, for a replay.
    """
    with store.begin() as tx:
        if _seen(tx, site_id, webhook_id, sent_at):
            return
        comments = Comments(tx, site_id)
        if (comment := comments.by_site_id(site_comment_id)) is not None:
            comments.erase([comment.id])


def receive_label(
    webhook_id: str, sent_at: datetime, label: NewLabel, perspective_key: str, site_id: str, store: Store
) -> None:
    """Keep what a site's people judged; nothing for a webhook that came before.

    What Perspective's feedback said of the same comment under `perspective_key` tells which text it is. Atomic, with the receipt.
    """
    with store.begin() as tx:
        if Receipts(tx, site_id).take(webhook_id, sent_at) is not Receipt.NEW:
            return
        labels = Labels(tx, site_id)
        if (known := labels.find("perspective", perspective_key)) is not None:
            label = replace(label, text=known.text, comment_id=known.comment_id)
        labels.put([label])


def _seen(tx: Transaction, site_id: str, webhook_id: str, sent_at: datetime) -> bool:
    receipt = Receipts(tx, site_id).take(webhook_id, sent_at)
    if receipt is Receipt.REPLAY:
        raise Conflict("this webhook was received before: sign each attempt with its own time")
    return receipt is Receipt.RETRY
