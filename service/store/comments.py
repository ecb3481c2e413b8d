"""A site's comments: taking them in, finding them, erasing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.comment import Accepted, Author, NewComment, Status, Thread
from service.store.engine import new_id
from service.store.rows import CommentRow, comment_row, select_comments
from service.store.scope import Scope
from service.store.tables import authors, comments, decisions, deliveries, erasures, reports, revisions, threads


class Comments(Scope):
    """The comments of one site."""

    def add_pending(self, new: Sequence[NewComment]) -> list[Accepted]:
        """Store comments as pending, in the order given.

        One that is there already with the same text stays as it is; with another text it is an edit: a new revision, pending
        again. The same id twice in `new` is an edit of the first.
        """
        first: dict[str, NewComment] = {}
        for comment in new:
            first.setdefault(comment.id, comment)
        author_ids = self._ensure_authors([comment.author for comment in new])
        thread_ids = self._ensure_threads([comment.thread for comment in new if comment.thread])
        rows = [self._row(comment, author_ids, thread_ids) for comment in first.values()]
        added = self.insert_new(comments, rows, comments.c.site_comment_id, comments.c.id)
        fresh = {row.site_comment_id: row.id for row in added}
        known = self._known([id for id in first if id not in fresh])
        accepted = []
        for comment in new:
            if first[comment.id] is comment and comment.id in fresh:
                known[comment.id] = Accepted(fresh[comment.id], comment.id, Status.PENDING, fresh=True), comment.text
                accepted.append(known[comment.id][0])
            else:
                accepted.append(self._seen_again(comment, known))
        return accepted

    def get(self, id: str) -> CommentRow | None:
        """The comment, or None when this site has none of this id."""
        return self._one(select_comments().where(comments.c.id == id))

    def get_for_update(self, id: str) -> CommentRow | None:
        """The same, with the row locked until the transaction ends."""
        return self._one(select_comments().where(comments.c.id == id).with_for_update(of=comments))

    def by_site_id(self, site_comment_id: str) -> CommentRow | None:
        """The comment by the site's own id."""
        return self._one(select_comments().where(comments.c.site_comment_id == site_comment_id))

    def page(
        self,
        *,
        status: Status | None = None,
        author_id: str | None = None,
        thread_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> list[CommentRow]:
        """Comments from the newest to the oldest; `cursor` is the id of the last one already seen."""
        query = self.mine(select_comments(), comments).order_by(comments.c.id.desc()).limit(limit)
        wanted = {comments.c.status: status, comments.c.author_id: author_id, comments.c.thread_id: thread_id}
        for column, value in wanted.items():
            if value is not None:
                query = query.where(column == value)
        if cursor is not None:
            query = query.where(comments.c.id < cursor)
        return [comment_row(row) for row in self.run(query).mappings()]

    def erase(self, ids: Sequence[str]) -> int:
        """Delete comments with everything about them but counts of the decisions. How many there were."""
        if not ids:
            return 0
        counted = self.run(
            self.mine(sa.select(decisions.c.action, decisions.c.actor, sa.func.count()), decisions)
            .where(decisions.c.comment_id.in_(ids))
            .group_by(decisions.c.action, decisions.c.actor)
        ).all()
        self._count_erased(counted)
        for table in (deliveries, reports, revisions, decisions):
            self.run(self.mine(sa.delete(table), table).where(table.c.comment_id.in_(ids)))
        return self.run(self.mine(sa.delete(comments), comments).where(comments.c.id.in_(ids))).rowcount

    def erase_author(self, site_author_id: str) -> int | None:
        """Delete an author with all comments; how many comments, or None when there is no such author."""
        found = self.mine(sa.select(authors.c.id), authors).where(authors.c.site_author_id == site_author_id)
        author_id = self.run(found).scalar()
        if author_id is None:
            return None
        ids = (
            self.run(self.mine(sa.select(comments.c.id), comments).where(comments.c.author_id == author_id))
            .scalars()
            .all()
        )
        erased = sum(self.erase(ids[start : start + 1_000]) for start in range(0, len(ids), 1_000))
        self.run(self.mine(sa.delete(authors), authors).where(authors.c.id == author_id))
        return erased

    def _one(self, query: sa.Select[Any]) -> CommentRow | None:
        row = self.run(self.mine(query, comments)).mappings().first()
        return comment_row(row) if row else None

    def _row(self, comment: NewComment, author_ids: dict[str, str], thread_ids: dict[str, str]) -> dict[str, Any]:
        return {
            "id": new_id(),
            "site_comment_id": comment.id,
            "author_id": author_ids[comment.author.id],
            "thread_id": thread_ids[comment.thread.id] if comment.thread else None,
            "site_parent_id": comment.parent_id,
            "text": comment.text,
            "url": comment.url,
            "created_at": comment.created_at or self.tx.now,
            "received_at": self.tx.now,
            "declared_language": comment.declared_language,
            "metadata": dict(comment.metadata),
            "status": Status.PENDING.value,
        }

    def _known(self, site_comment_ids: list[str]) -> dict[str, tuple[Accepted, str]]:
        """What is stored of these ids, locked: as it would be answered, and its text."""
        if not site_comment_ids:
            return {}
        query = self.mine(
            sa.select(comments.c.id, comments.c.site_comment_id, comments.c.status, comments.c.text), comments
        )
        wanted = query.where(comments.c.site_comment_id.in_(site_comment_ids)).order_by(comments.c.id)
        rows = self.run(wanted.with_for_update())
        return {
            row.site_comment_id: (Accepted(row.id, row.site_comment_id, Status(row.status), fresh=False), row.text)
            for row in rows
        }

    def _seen_again(self, comment: NewComment, known: dict[str, tuple[Accepted, str]]) -> Accepted:
        stored, text = known[comment.id]
        if text == comment.text:
            return replace(stored, fresh=False)
        self._edit(stored.id, comment.text)
        edited = Accepted(stored.id, comment.id, Status.PENDING, fresh=True)
        known[comment.id] = edited, comment.text
        return edited

    def _edit(self, id: str, text: str) -> None:
        """Keep the old revision, and let the new one be scored: a worker or moderator at the old one has lost it."""
        old = self.run(self.mine(sa.select(comments), comments).where(comments.c.id == id)).mappings().one()
        self.insert(
            revisions,
            [
                {
                    "comment_id": id,
                    "number": old["revision"],
                    "text": old["text"],
                    "scores": old["scores"],
                    "model_version": old["model_version"],
                    "replaced_at": self.tx.now,
                }
            ],
        )
        fresh_start = {
            "text": text,
            "revision": old["revision"] + 1,
            "status": Status.PENDING.value,
            "scores": sa.null(),
            "risk": 0.0,
            **dict.fromkeys(("lease", "leased_until", "claimed_by", "claimed_until")),
            "attempts": 0,
        }
        self.run(self.mine(sa.update(comments), comments).where(comments.c.id == id).values(fresh_start))
        if (counter := COUNTED.get(Status(old["status"]))) is not None:
            self.run(
                self.mine(sa.update(authors), authors)
                .where(authors.c.id == old["author_id"])
                .values({counter: authors.c[counter] - 1})
            )

    def _ensure_authors(self, wanted: Iterable[Author]) -> dict[str, str]:
        """The ids of authors, by the site's own ids; new ones are added, changed ones updated."""
        by_id = {author.id: author for author in wanted}
        rows = {
            id: {"site_author_id": id, "name": a.name, "email": a.email, "ip": a.ip} for id, a in sorted(by_id.items())
        }
        return self._ensure(authors, "site_author_id", rows, {"first_seen_at": self.tx.now})

    def _ensure_threads(self, wanted: Iterable[Thread]) -> dict[str, str]:
        by_id = {thread.id: thread for thread in wanted}
        rows = {id: {"site_thread_id": id, "url": t.url, "title": t.title} for id, t in sorted(by_id.items())}
        return self._ensure(threads, "site_thread_id", rows, {})

    def _ensure(
        self, table: sa.Table, key: str, rows: dict[str, dict[str, Any]], when_new: dict[str, datetime]
    ) -> dict[str, str]:
        """Rows by their key, added where they are missing and updated where a field that was sent differs.

        Most are there already, so it looks before it writes: rows in use elsewhere aren't locked for nothing.
        """
        if not rows:
            return {}
        found = self._by_key(table, key, rows)
        missing = [{**row, **when_new, "id": new_id()} for id, row in rows.items() if id not in found]
        self.insert_new(table, missing, table.c.id)
        if missing:
            found = self._by_key(table, key, rows)
        self._update_changed(table, found, rows)
        return {id: row["id"] for id, row in found.items()}

    def _update_changed(
        self, table: sa.Table, found: Mapping[str, sa.RowMapping], rows: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Write what was sent and differs; in the order of ids, as the ledger does, so that no two wait in a circle."""
        for key in sorted(found, key=lambda key: str(found[key]["id"])):
            sent = rows[key]
            changed = {name: value for name, value in sent.items() if value is not None and value != found[key][name]}
            if changed:
                self.run(self.mine(sa.update(table), table).where(table.c.id == found[key]["id"]).values(changed))

    def _by_key(self, table: sa.Table, key: str, keys: Iterable[str]) -> dict[str, sa.RowMapping]:
        # locked against deletion (which retention does to authors without comments) until the comments that need them are in
        query = (
            self.mine(sa.select(table), table)
            .where(table.c[key].in_(list(keys)))
            .with_for_update(key_share=True, read=True)
        )
        return {row[key]: row for row in self.run(query).mappings()}

    def _count_erased(self, counted: Sequence[sa.Row[*tuple[Any, ...]]]) -> None:
        day = self.tx.now.date()
        for action, actor, count in counted:
            place = {"day": day, "action": action, "actor": actor}
            self.insert_new(erasures, [{**place, "count": 0}], erasures.c.day)
            found = self.mine(sa.update(erasures), erasures)
            self.run(
                found.where(*(erasures.c[name] == value for name, value in place.items())).values(
                    count=erasures.c.count + count
                )
            )


COUNTED = {Status.APPROVED: "approved", Status.REJECTED: "rejected"}
"""The column of an author that counts comments of a status."""
