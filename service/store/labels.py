"""Labels: judgements of people, or of other services, that training may learn from. Weak ones: who gave them is not known."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from service.domain.errors import NotFound
from service.store.engine import new_id
from service.store.scope import Scope, upserting
from service.store.tables import comments, labels


@dataclass(frozen=True)
class NewLabel:
    """A judgement: `value` from 0 to 1 of an attribute, of a comment here, or of a text that is none; `key` names it there."""

    source: str
    key: str
    attribute: str
    value: float
    text: str | None = None
    comment_id: str | None = None


class Labels(Scope):
    """The labels of one site."""

    def put(self, new: Sequence[NewLabel]) -> int:
        """Keep labels, one for each source, key and attribute: the last one counts. How many were kept.

        Raises: NotFound, when one is of a comment that is not there.
        """
        self._hold({label.comment_id for label in new if label.comment_id is not None})
        last = {(label.source, label.key, label.attribute): label for label in new}
        if not last:
            return 0
        rows = [
            {**vars(label), "id": new_id(), "site_id": self.site_id, "created_at": self.tx.now}
            for label in last.values()
        ]
        changed = ("value", "text", "comment_id", "created_at")
        self.run(upserting(self.tx, labels, ("site_id", "source", "key", "attribute"), changed), rows)
        return len(rows)

    def find(self, source: str, key: str) -> NewLabel | None:
        """What a source has said last of what it calls by a key; None when it said nothing."""
        fields = [labels.c[name] for name in NewLabel.__dataclass_fields__]
        said = self.mine(sa.select(*fields), labels).where(labels.c.source == source, labels.c.key == key)
        row = self.run(said.order_by(labels.c.created_at.desc()).limit(1)).first()
        return NewLabel(*row) if row else None

    def _hold(self, ids: set[str]) -> None:
        """Keep comments from being erased before our commit. Raises: NotFound."""
        if not ids:
            return
        mine = self.mine(sa.select(comments.c.id), comments).where(comments.c.id.in_(ids)).order_by(comments.c.id)
        if len(self.run(mine.with_for_update(read=True, key_share=True)).all()) < len(ids):
            raise NotFound("a label of a comment that is not there")
