"""What has a page of its own: an author, a thread with its conversation, a comment's earlier texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.store.around import Around, Glimpse
from service.store.rows import AuthorRow, CommentRow, ThreadRow, comment_row, select_comments
from service.store.scope import Scope
from service.store.tables import authors, comments, revisions, threads


@dataclass(frozen=True)
class RevisionRow:
    """A text that a comment had, until it was edited."""

    number: int
    text: str
    scores: Mapping[str, float] | None
    model_version: str | None
    replaced_at: datetime


class Pages(Scope):
    """Of one site."""

    def author(self, id: str) -> AuthorRow | None:
        """The author, or None when this site has none of this id."""
        query = sa.select(*(authors.c[name] for name in AuthorRow.__dataclass_fields__)).where(authors.c.id == id)
        row = self.run(self.mine(query, authors)).first()
        return AuthorRow(*row) if row else None

    def thread(self, id: str) -> ThreadRow | None:
        """The thread, or None when this site has none of this id."""
        query = sa.select(*(threads.c[name] for name in ThreadRow.__dataclass_fields__)).where(threads.c.id == id)
        row = self.run(self.mine(query, threads)).first()
        return ThreadRow(*row) if row else None

    def conversation(
        self, thread_id: str, limit: int, *, since: str | None = None, before: str | None = None
    ) -> list[CommentRow]:
        """Comments of a thread, the first first: from the beginning or the comment `since`, or the last ones `before` another."""
        query = self.mine(select_comments(), comments).where(comments.c.thread_id == thread_id)
        if before is not None:
            query = query.where(comments.c.id < before).order_by(comments.c.id.desc())
        else:
            query = (query if since is None else query.where(comments.c.id >= since)).order_by(comments.c.id)
        found = [comment_row(row) for row in self.run(query.limit(limit)).mappings()]
        return found if before is None else found[::-1]

    def parents(self, replies: list[CommentRow]) -> dict[str, Glimpse]:
        """What these comments reply to, by the id that the site gave it."""
        around = Around(self.tx, self.site_id)
        ids = around.parents(replies)
        found = around.glimpses(ids.values())
        return {key: found[id] for key, id in ids.items() if id in found}

    def revisions(self, comment_id: str, limit: int) -> list[RevisionRow]:
        """The earlier texts of a comment, the newest first."""
        query = sa.select(*(revisions.c[name] for name in RevisionRow.__dataclass_fields__))
        of_one = self.mine(query, revisions).where(revisions.c.comment_id == comment_id)
        rows = self.run(of_one.order_by(revisions.c.number.desc()).limit(limit))
        return [RevisionRow(*row) for row in rows]
