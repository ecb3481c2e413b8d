"""Hyvor Talk: comments. https://talk.hyvor.com/docs/webhooks; the fields as its own PHP client has them."""

import re

from werkzeug.datastructures import Headers

from service.domain.comment import MAX_TEXT, Author, NewComment, Thread
from service.integrations.platforms.wire import (
    Deleted,
    Heard,
    Id,
    Name,
    Time,
    Title,
    Url,
    Wire,
    Words,
    Written,
    cut,
    read,
)
from service.web.entities import unescaped

CREATED, CHANGED, DELETED = "comment.create", ("comment.update", "comment.edit"), "comment.delete"
"""`comment.edit` is what older accounts send."""

BREAK = re.compile(r"<(?:br|/p|/li|/blockquote|/pre)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
MOST_LINKS = 1_000
"""Links that are looked for in the text: each costs a pass over it. Any more stand at its end in any case."""

LINK = re.compile(r"""<a\s[^<>]*?href=["']?([^"'<>\s]+)""", re.IGNORECASE)


class User(Wire):
    """Who wrote; a guest has no id."""

    type: Name = ""
    id: Id | None = None
    htid: Id | None = None
    name: Name = ""


class Page(Wire):
    """The page that is commented on."""

    id: Id
    url: Url = None
    title: Title = ""


class Parent(Wire):
    """The comment that is answered."""

    id: Id


class Comment(Wire):
    """A comment; `body` is in Hyvor's own form, `body_html` what readers see."""

    id: Id
    body: Words = ""
    body_html: Words = ""
    status: Name = "published"
    created_at: Time | None = None
    user: User | None = None
    page: Page | None = None
    parent: Parent | None = None
    parent_id: Id | None = None


class CommentHeld(Wire):
    """What an event is about."""

    comment: Comment


class Event(Wire):
    """The body of an event about a comment."""

    event: Name
    data: CommentHeld


class OldEvent(Wire):
    """The same as older accounts send it: the comment stands in `data` itself."""

    event: Name
    data: Comment


class AnyEvent(Wire):
    """The body of any event."""

    event: Name
    data: dict[str, object] | list[object] | None = None


def hear(body: object, _headers: Headers) -> Heard:
    """What a webhook says of a comment. Raises: InvalidComments.

    A change carries no time of its own and counts from when it comes. One that only moderates, such as a publication, has the
    same text and so changes nothing. Other events are nothing to do.
    """
    event = read(AnyEvent, body)
    if event.event not in (CREATED, *CHANGED, DELETED):
        return None
    wrapped = isinstance(event.data, dict) and "comment" in event.data
    comment = read(Event, body).data.comment if wrapped else read(OldEvent, body).data
    if event.event == DELETED or comment.status == "deleted":
        return Deleted(_name(comment.id), event.event == DELETED, comment.created_at)
    text = words_of(comment.body_html) or comment.body
    if not text.strip():
        return None
    return Written(_comment(comment, text), comment.created_at, just_now=event.event != CREATED)


def words_of(markup: str) -> str:
    """The words of some HTML as a reader sees them, and at the end the addresses of links that show another text."""
    text = unescaped(TAG.sub("", BREAK.sub("\n", markup))).strip()
    if len(text) >= MAX_TEXT:
        return text  # nothing at its end is kept
    links = list(dict.fromkeys(map(unescaped, LINK.findall(markup))))
    hidden = [address for place, address in enumerate(links) if place >= MOST_LINKS or address not in text]
    return "\n".join([text, *hidden]).strip()


def _comment(comment: Comment, text: str) -> NewComment:
    metadata: dict[str, object] = {"comment_id": comment.id, "status": comment.status}
    user, page = comment.user, comment.page
    parent = comment.parent.id if comment.parent else comment.parent_id
    known = user and (user.htid or user.id)
    return NewComment(
        id=_name(comment.id),
        text=cut(text, metadata),
        # anybody may call themselves as a guest did before: no guest has the trust that another earned
        author=Author(f"hyvor:{known}" if known else f"hyvor:guest:{comment.id}", user.name if user else ""),
        thread=Thread(f"hyvor:{page.id}", page.url, page.title or None) if page else None,
        parent_id=_name(parent) if parent else None,
        url=page.url if page else None,
        created_at=comment.created_at,
        metadata=metadata,
        source="hyvor",
    )


def _name(id: str) -> str:
    return f"hyvor:{id}"
