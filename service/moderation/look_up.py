"""Finding one thing of a site, for those who look at it on a page of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from classifier import Classifier
from service.domain.errors import NotFound
from service.moderation.card import Card, cards
from service.store import Store
from service.store.around import Glimpse
from service.store.comments import Comments
from service.store.pages import Pages, RevisionRow
from service.store.rows import AuthorRow, CommentRow, ThreadRow

PAGE = 50
"""Comments on a page of an author or a thread."""

LEAD = 10
"""Comments shown before the one that a thread is opened at."""

REMARKS = 20
"""Reports, notes and earlier texts on a comment's own page, the newest."""


@dataclass(frozen=True)
class AuthorPage:
    """An author and some of their comments, the newest first; `next_cursor` leads to older ones."""

    author: AuthorRow
    comments: tuple[CommentRow, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class ThreadPage:
    """A part of a conversation in its order.

    parents: what is replied to, by the id that the site gave it. earlier, later: it goes on `before` this one, `since` that one.
    """

    thread: ThreadRow
    comments: tuple[CommentRow, ...]
    parents: Mapping[str, Glimpse]
    earlier: str | None
    later: str | None


def comment_of(store: Store, site_id: str, comment_id: str) -> CommentRow:
    """A comment of this site. Raises: NotFound."""
    with store.read() as tx:
        comment = Comments(tx, site_id).get(comment_id)
    if comment is None:
        raise NotFound("no such comment")
    return comment


def card_of(store: Store, classifier: Classifier, site_id: str, comment_id: str) -> Card:
    """The card of a comment of this site, with more of what was said about it. Raises: NotFound."""
    comment = comment_of(store, site_id, comment_id)
    return cards(store, classifier, site_id, [comment], remarks=REMARKS)[0]


def revisions_of(store: Store, site_id: str, comment_id: str) -> list[RevisionRow]:
    """The texts that a comment had before it was edited, the newest first; not all where there are very many."""
    with store.read() as tx:
        return Pages(tx, site_id).revisions(comment_id, REMARKS)


def author_of(store: Store, site_id: str, author_id: str) -> AuthorRow:
    """An author of this site. Raises: NotFound."""
    with store.read() as tx:
        author = Pages(tx, site_id).author(author_id)
    if author is None:
        raise NotFound("no such author")
    return author


def author_page(store: Store, site_id: str, author_id: str, cursor: str | None = None) -> AuthorPage:
    """An author of this site with comments; `cursor` is where an earlier page ended. Raises: NotFound."""
    author = author_of(store, site_id, author_id)
    with store.read() as tx:
        written = Comments(tx, site_id).page(author_id=author_id, cursor=cursor, limit=PAGE + 1)
    return AuthorPage(author, tuple(written[:PAGE]), written[PAGE - 1].id if len(written) > PAGE else None)


def thread_page(
    store: Store,
    site_id: str,
    thread_id: str,
    *,
    since: str | None = None,
    at: str | None = None,
    before: str | None = None,
) -> ThreadPage:
    """A part of a conversation of this site: from its beginning, or since, around or before a comment.

    Raises: NotFound.
    """
    with store.read() as tx:
        pages = Pages(tx, site_id)
        thread = pages.thread(thread_id)
        if thread is None:
            raise NotFound("no such thread")
        lead_size = 0 if since else LEAD if at else PAGE
        turn = since or at or before
        lead = pages.conversation(thread_id, lead_size + 1, before=turn) if turn else []
        earlier, lead = len(lead) > lead_size, lead[-lead_size:] if lead_size else []
        room = PAGE - len(lead)
        rest = pages.conversation(thread_id, room + 1, since=turn)
        shown = (*lead, *rest[:room])
        return ThreadPage(
            thread,
            shown,
            pages.parents(list(shown)),
            earlier=shown[0].id if shown and earlier else None,
            later=rest[room].id if len(rest) > room else None,
        )
