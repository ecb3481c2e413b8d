"""Moderators' notes on comments, for each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.store.engine import new_id
from service.store.scope import Scope
from service.store.tables import notes, users


@dataclass(frozen=True)
class NoteRow:
    """A note and who wrote it."""

    text: str
    user_id: str
    name: str
    created_at: datetime


class Notes(Scope):
    """The notes of one site."""

    def add(self, comment_ids: Sequence[str], user_id: str, text: str) -> None:
        """Put a note on each of these comments."""
        note = {"user_id": user_id, "text": text, "created_at": self.tx.now}
        self.insert(notes, [{**note, "id": new_id(), "comment_id": id} for id in comment_ids])

    def of_comment(self, comment_id: str) -> list[NoteRow]:
        """The notes on a comment, the first first."""
        query = sa.select(notes.c.text, notes.c.user_id, users.c.name, notes.c.created_at)
        query = self.mine(query.join(users, users.c.id == notes.c.user_id), notes)
        return [NoteRow(*row) for row in self.run(query.where(notes.c.comment_id == comment_id).order_by(notes.c.id))]
