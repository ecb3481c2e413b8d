"""Delete what has run out, piece by piece, so that nobody has to wait for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.comment import Status
from service.moderation.accept import at_last
from service.store import Store, Transaction
from service.store.readings import Readings
from service.store.retention import Piece, Retention
from service.store.second_looks import SecondLooks
from service.store.sites import Sites
from service.store.upkeep import Upkeep

RECEIPT_DAYS = 7
"""How long an inbound webhook's id is kept: longer than senders repeat one (Standard Webhooks: about three days)."""

DELIVERED_DAYS = 30
"""How long a delivery that arrived is kept for looking it up."""

READ_WITHIN = timedelta(hours=1)
"""How long a decided comment waits for a second reader: by then there is none."""

UNDO = timedelta(days=1)
"""How long a decided comment is kept at least, however old: a moderator may still take the decision back."""

PIECE = 250
"""Comments looked at in one transaction."""

ROWS = 2_000
"""Receipts or deliveries deleted in one transaction: they are one row each, a comment is many."""


@dataclass(frozen=True)
class Gone:
    """What one step deleted, by kind: comments, authors, deliveries, receipts, labels."""

    counts: dict[str, int]


def tidy(store: Store, clock: Callable[[], datetime], retention_days: int) -> Iterator[Gone]:
    """Delete old receipts, deliveries that arrived long ago, what ran out, and comments kept long enough.

    Sessions, bans, and second looks and readings that nobody took run out.

    Each step is one short transaction, made when the next is asked for; who asks may pause between them, or stop: the next
    round takes up what is left. Comments go `retention_days` after they were received, never while they are pending or flagged
    (see `Retention.forget`), and so do labels of texts that are no comments; 0 keeps them for ever.
    """
    now = clock()
    with store.begin() as tx:
        Upkeep(tx).forget_sessions(now)
        Readings(tx).forget(now - READ_WITHIN)
    yield from _receipts(store, now - timedelta(days=RECEIPT_DAYS))
    with store.read() as tx:
        site_ids = [site.id for site in Sites(tx).all()]
    for site_id in site_ids:
        yield from _delivered(store, site_id, now - timedelta(days=DELIVERED_DAYS))
        yield _banned(store, site_id)
        yield from _looks(store, site_id)
        if retention_days:
            for status in (Status.APPROVED, Status.REJECTED):
                yield from _comments(store, site_id, status, now, timedelta(days=retention_days))
            yield from _labels(store, site_id, now - timedelta(days=retention_days))


def _receipts(store: Store, before: datetime) -> Iterator[Gone]:
    gone = ROWS
    while gone == ROWS:
        with store.begin() as tx:
            gone = Upkeep(tx).forget_receipts(before, ROWS)
        yield Gone({"receipts": gone})


def _delivered(store: Store, site_id: str, before: datetime) -> Iterator[Gone]:
    gone = ROWS
    while gone == ROWS:
        with store.begin() as tx:
            gone = Retention(tx, site_id).forget_delivered(before, ROWS)
        yield Gone({"deliveries": gone})


def _looks(store: Store, site_id: str) -> Iterator[Gone]:
    gone = ROWS
    while gone == ROWS:
        with store.begin() as tx:
            gone = SecondLooks(tx, site_id).forget_open(ROWS)
        yield Gone({"second_looks": gone})


def _labels(store: Store, site_id: str, before: datetime) -> Iterator[Gone]:
    gone = ROWS
    while gone == ROWS:
        with store.begin() as tx:
            gone = Retention(tx, site_id).forget_labels(before, ROWS)
        yield Gone({"labels": gone})


def _banned(store: Store, site_id: str) -> Gone:
    with store.begin() as tx:
        return Gone({"authors": Retention(tx, site_id).end_bans(PIECE)})


def _comments(store: Store, site_id: str, status: Status, now: datetime, kept: timedelta) -> Iterator[Gone]:
    last, more = None, True

    def forget(tx: Transaction) -> Piece:
        return Retention(tx, site_id).forget(status, now - kept, now - UNDO, last, PIECE)

    while more:
        piece = at_last(store, forget)
        last, more = piece.last, piece.last is not None
        yield Gone({"comments": piece.comments, "authors": piece.authors})
