"""The ids of inbound webhooks, so that one that comes again does nothing."""

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
