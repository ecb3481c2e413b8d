"""GitHub: comments on issues and discussions, with which Utterances and Giscus keep a site's comments.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from werkzeug.datastructures import Headers

from service.domain.comment import Author, NewComment, Thread
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

EVENTS = {"issue_comment": "issue", "discussion_comment": "discussion"}
"""Each event about comments, and the field that says what is commented on."""

WRITTEN, DELETED = ("created", "edited"), "deleted"


class User(Wire):
    """Somebody at GitHub."""

    id: Id
    login: Name = ""
    type: Name = "User"


class Comment(Wire):
    """A comment; `user` is null when the account is gone."""

    id: Id
    node_id: Name = ""
    html_url: Url = None
    body: Words = ""
    user: User | None = None
    parent_id: Id | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


class Subject(Wire):
    """The issue or discussion."""

    number: Id
    title: Title = ""
    html_url: Url = None


class Repository(Wire):
    """Where it is."""

    full_name: Name


class Event(Wire):
    """The body of an event about a comment."""

    action: Name
    comment: Comment
    issue: Subject | None = None
    discussion: Subject | None = None
    repository: Repository | None = None
    sender: User | None = None


def hear(body: object, headers: Headers) -> Heard:
    """What a webhook says of a comment. Raises: InvalidComments.

    The ping, other events and what bots write are nothing to do.
    """
    kind = headers.get("X-GitHub-Event", "")
    if kind not in EVENTS:
        return None
    event = read(Event, body)
    comment, user = event.comment, event.comment.user
    as_of = comment.updated_at or comment.created_at
    if event.action == DELETED:
        removed = user is not None and event.sender is not None and user.id != event.sender.id
        return Deleted(_name(kind, comment.id), not removed, as_of)
    if event.action not in WRITTEN or (user and user.type == "Bot") or not comment.body.strip():
        return None
    return Written(_comment(kind, event), as_of)


def _comment(kind: str, event: Event) -> NewComment:
    comment, user = event.comment, event.comment.user
    metadata: dict[str, object] = {"comment_id": comment.id, "node_id": comment.node_id}
    return NewComment(
        id=_name(kind, comment.id),
        text=cut(comment.body, metadata),
        # an account that is gone is nobody's: each of its comments has an author of its own
        author=Author(f"github:{user.id}", user.login) if user else Author(_name(kind, comment.id), "ghost"),
        thread=_thread(kind, event),
        parent_id=_name(kind, comment.parent_id) if comment.parent_id else None,
        url=comment.html_url,
        created_at=comment.created_at,
        metadata=metadata,
        source="github",
    )


def _thread(kind: str, event: Event) -> Thread | None:
    subject = event.issue if EVENTS[kind] == "issue" else event.discussion
    if subject is None or event.repository is None:
        return None
    # issues and discussions of a repository share their numbers
    return Thread(f"github:{event.repository.full_name}#{subject.number}", subject.html_url, subject.title or None)


def _name(kind: str, id: str) -> str:
    """Comments on issues are numbered apart from those on discussions."""
    return f"github:{kind}:{id}"
