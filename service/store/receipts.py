"""What of inbound webhooks was seen, so that one that comes again, or too late, does nothing."""

from datetime import datetime
from enum import Enum, auto

import sqlalchemy as sa

from service.store.scope import Scope
from service.store.tables import receipts


class Receipt(Enum):
    """What a webhook is to us: `NEW`; a `RETRY`, sent anew by a sender that missed our answer; or a `REPLAY` of old bytes."""

    NEW = auto()
    RETRY = auto()
    REPLAY = auto()


STATE_OF = "state of "
"""Before the key of what is followed: no id of a webhook has a blank."""


class Receipts(Scope):
    """The inbound webhooks of one site that were seen."""

    def take(self, webhook_id: str, sent_at: datetime) -> Receipt:
        """Note a webhook. Undone with the transaction, so a crash loses no event.

        A sender signs each attempt with the attempt's own time (Standard Webhooks), so the same id with a time that is not
        later is no retry: somebody sends again what was seen on the wire.
        """
        row = {"webhook_id": webhook_id, "received_at": self.tx.now, "sent_at": sent_at}
        if self.insert_new(receipts, [row], receipts.c.webhook_id):
            return Receipt.NEW
        later = self.mine(sa.update(receipts), receipts).where(
            receipts.c.webhook_id == webhook_id, receipts.c.sent_at < sent_at
        )
        return Receipt.RETRY if self.run(later.values(sent_at=sent_at)).rowcount else Receipt.REPLAY

    def follow(self, key: str, as_of: datetime) -> bool:
        """Note that something was told of as it stood at a time; false when it was told of as it stood later.

        For senders that sign no time of an attempt: what they send again, in whatever order, never takes anything back.
        """
        key = STATE_OF + key
        row = {"webhook_id": key, "received_at": self.tx.now, "sent_at": as_of}
        if self.insert_new(receipts, [row], receipts.c.webhook_id):
            return True
        no_later = self.mine(sa.update(receipts), receipts).where(
            receipts.c.webhook_id == key, receipts.c.sent_at <= as_of
        )
        return self.run(no_later.values(sent_at=as_of, received_at=self.tx.now)).rowcount > 0
