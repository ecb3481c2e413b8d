"""A site's comments: taking them in, finding them, erasing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from service.domain.comment import Accepted, Author, NewComment, Status, Thread
from service.domain.errors import Overtaken
from service.store import bulk
from service.store.appeals import Appeals
from service.store.bans import Bans
from service.store.engine import Transaction, new_id
from service.store.known import Rows, SiteKnown
from service.store.rows import CommentRow, PendingRow, comment_row, pending_row, select_comments, select_pending
from service.store.scope import Scope
from service.store.tables import (
    appeals,
    authors,
    comments,
    decisions,
    deliveries,
    erasures,
    labels,
    notes,
    reports,
    revisions,
    second_looks,
    sites,
    threads,
)

Sent = Mapping[str, Sequence[str | None]]
"""What a site sent of its authors or threads: the fields of each, by its key; None for what it did not send."""


class Comments(Scope):
    """The comments of one site."""

    def __init__(self, tx: Transaction, site_id: str) -> None:
        super().__init__(tx, site_id)
        self._changes: list[tuple[sa.Table, bulk.Columns]] = []

    def add_pending(self, new: Sequence[NewComment]) -> list[Accepted]:
        """Store comments as pending, in the order given.

        One that is there already with the same text stays as it is; with another text it is an edit: a new revision, pending
        again. The same id twice in `new` is an edit of the first. The number of statements is the same for one and for many,
        but for edits.

        Raises: Overtaken, when authors of the site or one of these comments were deleted meanwhile.
        """
        known_site = self._known_site()
        first: dict[str, NewComment] = {}
        for comment in new:
            first.setdefault(comment.id, comment)
        author_ids = self._ensure_authors([comment.author for comment in new], known_site)
        thread_ids = self._ensure_threads([comment.thread for comment in new if comment.thread], known_site)
        added = self._add(list(first.values()), author_ids, thread_ids)
        # most are new, so it writes before it looks
        known = self._known([id for id in first if id not in added]) if len(added) < len(first) else {}
        accepted = []
        for comment in new:
            if first[comment.id] is comment and comment.id in added:
                known[comment.id] = Accepted(added[comment.id], comment.id, Status.PENDING, fresh=True), comment.text
                accepted.append(known[comment.id][0])
            else:
                accepted.append(self._seen_again(comment, known))
        # only now: whoever decides about a comment locks it before its author, and so do we
        for table, columns in self._changes:
            self.update_columns(table, columns)
        self._check_authors(known_site)
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

    def standing(self, ids: Sequence[str]) -> list[PendingRow]:
        """Those of these comments that are pending, as a worker would take them."""
        which = comments.c.status == Status.PENDING.value, bulk.among(self.tx, comments.c.id, ids)
        return [pending_row(row) for row in self.run(self.mine(select_pending(), comments).where(*which))]

    def page(
        self, *, status: Status | None = None, author_id: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> list[CommentRow]:
        """Comments from the newest to the oldest; `cursor` is the id of the last one already seen."""
        found = self.mine(sa.select(comments.c.id), comments)
        if cursor is not None:
            found = found.where(comments.c.id < cursor)
        if author_id is not None:
            found = found.where(comments.c.author_id == author_id)
        if author_id is not None or status is not None:
            wanted = found if status is None else found.where(comments.c.status == status.value)
            newest = wanted.order_by(comments.c.id.desc()).limit(limit)
        else:
            newest = _newest_of_each_status(found, limit)
        ids = list(self.run(newest).scalars())
        query = self.mine(select_comments(), comments).where(bulk.among(self.tx, comments.c.id, ids))
        return [comment_row(row) for row in self.run(query.order_by(comments.c.id.desc())).mappings()] if ids else []

    def erase(self, ids: Sequence[str]) -> int:
        """Delete comments with everything about them but counts of the decisions. How many there were."""
        if not ids:
            return 0
        # first of all: a worker that decides about one of them now would add a decision and a delivery after ours were deleted
        mine = self.mine(sa.select(comments.c.id), comments).where(comments.c.id.in_(ids))
        self.run(mine.order_by(comments.c.id).with_for_update())
        counted = self.run(
            self.mine(sa.select(decisions.c.action, decisions.c.actor, sa.func.count()), decisions)
            .where(decisions.c.comment_id.in_(ids))
            .group_by(decisions.c.action, decisions.c.actor)
        ).all()
        self._count_erased(counted)
        for table in (deliveries, reports, revisions, notes, appeals, second_looks, labels, decisions):
            self.run(self.mine(sa.delete(table), table).where(table.c.comment_id.in_(ids)))
        return self.run(self.mine(sa.delete(comments), comments).where(comments.c.id.in_(ids))).rowcount

    def erase_some_of(self, site_author_id: str, limit: int) -> int | None:
        """Delete up to `limit` comments of an author; how many there were, or None when there is no such author."""
        author_id = self._author(site_author_id)
        return None if author_id is None else self._erase_of(author_id, limit)

    def erase_author(self, site_author_id: str) -> int:
        """Delete an author with all comments that are left; how many. Who adds comments meanwhile waits."""
        lose_authors(self.tx, self.site_id)
        if (author_id := self._author(site_author_id)) is None:
            return 0
        erased = 0
        while piece := self._erase_of(author_id, 1_000):
            erased += piece
        bans = Bans(self.tx, self.site_id)
        # a ban that somebody sets now is here before ours are deleted, or finds no author
        bans.lock_author(author_id)
        bans.forget([author_id])
        self.run(self.mine(sa.delete(authors), authors).where(authors.c.id == author_id))
        return erased

    def _author(self, site_author_id: str) -> str | None:
        found = self.mine(sa.select(authors.c.id), authors).where(authors.c.site_author_id == site_author_id)
        return self.run(found).scalar()

    def _erase_of(self, author_id: str, limit: int) -> int:
        ids = self.mine(sa.select(comments.c.id), comments).where(comments.c.author_id == author_id)
        return self.erase(self.run(ids.order_by(comments.c.id).limit(limit)).scalars().all())

    def _one(self, query: sa.Select[Any]) -> CommentRow | None:
        row = self.run(self.mine(query, comments)).mappings().first()
        return comment_row(row) if row else None

    def _add(
        self, new: Sequence[NewComment], author_ids: Mapping[str, str], thread_ids: Mapping[str, str]
    ) -> dict[str, str]:
        """Insert comments, but those that are there already; our ids of the new ones by the site's own."""
        now = self.tx.now
        ids = [new_id() for _ in new]
        columns = {
            "id": ids,
            "site_comment_id": [comment.id for comment in new],
            "author_id": [author_ids[comment.author.id] for comment in new],
            "thread_id": [comment.thread and thread_ids[comment.thread.id] for comment in new],
            "site_parent_id": [comment.parent_id for comment in new],
            "text": [comment.text for comment in new],
            "url": [comment.url for comment in new],
            "created_at": [comment.created_at or now for comment in new],
            "received_at": now,
            "declared_language": [comment.declared_language for comment in new],
            "metadata": [dict(comment.metadata) for comment in new],
            "status": Status.PENDING.value,
            "reach": [comment.reach or 1.0 for comment in new],
            **_came_by(new),
        }
        if self.insert_columns(comments, columns, or_ignore=True) < len(new):
            kept = sa.select(comments.c.id).where(bulk.among(self.tx, comments.c.id, ids))
            ours = set(self.run(self.mine(kept, comments)).scalars())
            return {comment.id: id for comment, id in zip(new, ids, strict=True) if id in ours}
        return {comment.id: id for comment, id in zip(new, ids, strict=True)}

    def _known(self, site_comment_ids: list[str]) -> dict[str, tuple[Accepted, str]]:
        """What is stored of these ids, locked: as it would be answered, and its text."""
        found = self.look_up(comments, "site_comment_id", site_comment_ids, ())
        if not found:
            return {}
        query = self.mine(
            sa.select(comments.c.id, comments.c.site_comment_id, comments.c.status, comments.c.text), comments
        )
        wanted = query.where(bulk.among(self.tx, comments.c.id, [id for (id,) in found.values()]))
        rows = self.run(wanted.order_by(comments.c.id).with_for_update())
        return {
            row.site_comment_id: (Accepted(row.id, row.site_comment_id, Status(row.status), fresh=False), row.text)
            for row in rows
        }

    def _seen_again(self, comment: NewComment, known: dict[str, tuple[Accepted, str]]) -> Accepted:
        if comment.id not in known:
            raise Overtaken("a comment was erased just now")
        stored, text = known[comment.id]
        if text == comment.text:
            return replace(stored, fresh=False, edited=False)
        self._edit(stored.id, comment)
        edited = Accepted(stored.id, comment.id, Status.PENDING, fresh=True, edited=True)
        known[comment.id] = edited, comment.text
        return edited

    def _edit(self, id: str, new: NewComment) -> None:
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
            "text": new.text,
            "went_by": new.went_by,
            "reach": new.reach or old["reach"],
            "revision": old["revision"] + 1,
            "status": Status.PENDING.value,
            "scores": sa.null(),
            "risk": 0.0,
            "priority": 0.0,
            # an appeal or a question was about the old text; what readers reported a person should see all the same
            **dict.fromkeys(("claimed_by", "claimed_until", "likeness", "appealed_at", "escalated_at")),
            "attempts": 0,
        }
        if old["appealed_at"] is not None:
            Appeals(self.tx, self.site_id).end({id: None})
        self.run(self.mine(sa.update(comments), comments).where(comments.c.id == id).values(fresh_start))
        if (counter := COUNTED.get(Status(old["status"]))) is not None:
            self.run(
                self.mine(sa.update(authors), authors)
                .where(authors.c.id == old["author_id"])
                .values({counter: authors.c[counter] - 1})
            )

    def _known_site(self) -> SiteKnown:
        """What this process knows of the site's authors and threads, if it is still true."""
        if self.tx.sqlite:
            return SiteKnown()
        version = self.run(_AUTHORS_VERSION, {"site_id": self.site_id}).scalar_one()
        known = self.tx.known.of(self.site_id)
        if known.version != version:
            self.tx.known.forget(self.site_id)
            known = self.tx.known.of(self.site_id)
            known.version = version
        return known

    def _check_authors(self, known: SiteKnown) -> None:
        """See that no author has been deleted since, and keep it so until the commit; see `lose_authors`."""
        if self.tx.sqlite:
            return
        if self.run(_AUTHORS_VERSION_HELD, {"site_id": self.site_id}).scalar_one() != known.version:
            raise Overtaken("an author of these comments was deleted just now")

    def _ensure_authors(self, wanted: Iterable[Author], known: SiteKnown) -> dict[str, str]:
        """The ids of authors, by the site's own ids; new ones are added, changed ones updated."""
        sent = {author.id: (author.name, author.email, author.ip) for author in wanted}
        kind = _Kind(authors, "site_author_id", ("name", "email", "ip"), {"first_seen_at": self.tx.now})
        return self._ensure(kind, sent, known)

    def _ensure_threads(self, wanted: Iterable[Thread], known: SiteKnown) -> dict[str, str]:
        sent = {thread.id: (thread.url, thread.title) for thread in wanted}
        return self._ensure(_Kind(threads, "site_thread_id", ("url", "title"), {}), sent, known)

    def _ensure(self, kind: "_Kind", sent: Sent, known: SiteKnown) -> dict[str, str]:
        """The ids of rows by their key; they are added where they are missing and updated where a field that was sent differs."""
        cached = known.rows.get(kind.table.name, {})
        ids = {key: row[0] for key, fields in sent.items() if (row := cached.get(key)) and _says(row[1:], fields)}
        others = {key: fields for key, fields in sent.items() if key not in ids}
        if others:
            rows = self._written(kind, others)
            ids |= {key: row[0] for key, row in rows.items()}
            if not self.tx.sqlite:
                self.tx.after_commit.append(lambda: self.tx.known.learn(known, kind.table.name, rows))
        return cast("dict[str, str]", ids)

    def _written(self, kind: "_Kind", sent: Sent) -> Rows:
        """Rows as they are after this: most are there already, so it looks before it writes."""
        found: Rows = self.look_up(kind.table, kind.key, list(sent), kind.fields)
        # in the order of keys: two who add the same rows never wait for each other in a circle
        missing = sorted(key for key in sent if key not in found)
        if missing:
            added = {name: [sent[key][place] for key in missing] for place, name in enumerate(kind.fields)}
            columns = {"id": [new_id() for _ in missing], kind.key: missing, **added, **kind.when_new}
            self.insert_columns(kind.table, columns, or_ignore=True)
            found |= self.look_up(kind.table, kind.key, missing, kind.fields)
        if len(found) < len(sent):
            raise Overtaken("an author was deleted just now")
        changed = {
            key: _merged(found[key], fields) for key, fields in sent.items() if not _says(found[key][1:], fields)
        }
        if changed:
            rows = sorted(changed.values(), key=lambda row: str(row[0]))
            columns = {name: [row[place] for row in rows] for place, name in enumerate(("id", *kind.fields))}
            self._changes.append((kind.table, columns))
        return found | changed

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


@dataclass(frozen=True)
class _Kind:
    """Authors or threads: what tells one of a site's from another, what else is kept of them, and what new ones get."""

    table: sa.Table
    key: str
    fields: tuple[str, ...]
    when_new: Mapping[str, datetime]


_AUTHORS_VERSION = sa.select(sites.c.authors_version).where(sites.c.id == sa.bindparam("site_id"))
_AUTHORS_VERSION_HELD = _AUTHORS_VERSION.with_for_update(read=True, key_share=True)


def lose_authors(tx: Transaction, site_id: str) -> None:
    """To be called before authors of a site are deleted, and before it is looked whether they have comments.

    Waits for those who add comments at this moment. Who adds some after that waits for our commit, and then sees that what is
    known of authors is no longer true.
    """
    if not tx.sqlite:
        tx.connection.execute(sa.select(sites.c.id).where(sites.c.id == site_id).with_for_update())
        more = sa.update(sites).where(sites.c.id == site_id).values(authors_version=sites.c.authors_version + 1)
        tx.connection.execute(more)


def _says(stored: Sequence[str | None], sent: Sequence[str | None]) -> bool:
    """Whether what is stored has every field that was sent."""
    return all(new is None or new == old for old, new in zip(stored, sent, strict=True))


def _came_by(new: Sequence[NewComment]) -> bulk.Columns:
    """How comments came, where one came otherwise than by our own API: nearly none do, and the statement is the shorter."""
    columns = {"source": [one.source for one in new], "went_by": [one.went_by for one in new]}
    return {name: values for name, values in columns.items() if any(values)}


def _merged(row: Sequence[str | None], sent: Sequence[str | None]) -> Sequence[str | None]:
    """A row with what was sent; what was not stays."""
    return (row[0], *(old if new is None else new for old, new in zip(row[1:], sent, strict=True)))


def _newest_of_each_status(found: sa.Select[tuple[str]], limit: int) -> sa.Select[tuple[str]]:
    """The newest of each status, and of those the newest: the index on site, status and id is read from four places."""
    parts = [
        sa.select(
            found.where(comments.c.status == status.value).order_by(comments.c.id.desc()).limit(limit).subquery().c.id
        )
        for status in Status
    ]
    merged = sa.union_all(*parts).subquery()
    return sa.select(merged.c.id).order_by(merged.c.id.desc()).limit(limit)


COUNTED = {Status.APPROVED: "approved", Status.REJECTED: "rejected"}
"""The column of an author that counts comments of a status."""
