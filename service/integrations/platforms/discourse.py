"""Discourse: posts. Read from its `EmitWebHookEvent` and `WebHookPostSerializer`; set up at its `/admin/api/web_hooks`."""

import re

from werkzeug.datastructures import Headers

from service.domain.comment import Author, NewComment, Thread
from service.domain.errors import Invalid
from service.integrations.platforms.wire import (
    Deleted,
    Heard,
    Id,
    Name,
    Number,
    Time,
    Title,
    Wire,
    Words,
    Written,
    cut,
    read,
)

WRITTEN, RECOVERED, DESTROYED = ("post_created", "post_edited"), "post_recovered", "post_destroyed"

REGULAR = 1
"""A post that somebody wrote for all: 2 is a moderator's act, 3 a note such as "closed", 4 a whisper among staff."""

INSTANCE = re.compile(r"https?://([a-z0-9._:-]{1,80}(?:/[\w./-]{0,20})?)/?", re.IGNORECASE)


class Post(Wire):
    """A post, as far as it matters here."""

    id: Id
    post_number: Number | None = None
    topic_id: Id
    topic_slug: Title = ""
    topic_title: Title = ""
    topic_archetype: Name = "regular"
    category_slug: Name = ""
    raw: Words = ""
    created_at: Time | None = None
    updated_at: Time | None = None
    version: Number | None = None
    reply_to_post_number: Number | None = None
    username: Name = ""
    name: Name = ""
    user_id: Number | None = None
    trust_level: Number | None = None
    user_deleted: bool | None = None
    post_type: Number = REGULAR


class Posted(Wire):
    """The body of an event about a post."""

    post: Post


def hear(body: object, headers: Headers) -> Heard:
    """What a webhook says of a post. Raises: InvalidComments, Invalid.

    Events of other kinds, the test, private messages, staff's acts and whispers, and what the forum's own accounts write (their
    ids are negative) are nothing to do. An author's post stays as a stub for a day after its deletion: that is a deletion.
    """
    event = headers.get("X-Discourse-Event", "")
    if event not in (*WRITTEN, RECOVERED, DESTROYED):
        return None
    post = read(Posted, body).post
    as_of = post.updated_at or post.created_at
    instance = _instance(headers.get("X-Discourse-Instance", ""))
    if event == DESTROYED or (post.user_deleted and event in WRITTEN):
        return Deleted(f"discourse:{instance[1]}:{post.id}", bool(post.user_deleted), as_of)
    by_forum = post.user_id is not None and post.user_id < 0
    if post.post_type != REGULAR or post.topic_archetype == "private_message" or by_forum or not post.raw.strip():
        return None
    return Written(_comment(post, *instance), as_of, just_now=event == RECOVERED)


def _comment(post: Post, base: str, name: str) -> NewComment:
    topic = f"{base}/t/{post.topic_slug or '-'}/{post.topic_id}"
    metadata: dict[str, object] = {
        "post_id": post.id,
        "version": post.version,
        "trust_level": post.trust_level,
        "category": post.category_slug,
        "reply_to_post_number": post.reply_to_post_number,
    }
    return NewComment(
        id=f"discourse:{name}:{post.id}",
        text=cut(post.raw, metadata),
        author=Author(
            # nobody's: an account that is gone
            f"discourse:{name}:{post.user_id if post.user_id is not None else f'post-{post.id}'}",
            post.name or post.username,
        ),
        thread=Thread(f"discourse:{name}:t:{post.topic_id}", topic, post.topic_title or None),
        url=f"{topic}/{post.post_number or 1}",
        created_at=post.created_at,
        source="discourse",
        metadata={key: value for key, value in metadata.items() if value not in (None, "")},
    )


def _instance(address: str) -> tuple[str, str]:
    """The forum's address, and the name that it has in ids. Raises: Invalid."""
    found = INSTANCE.fullmatch(address)
    if found is None:
        raise Invalid("X-Discourse-Instance is not the address of a forum, such as https://forum.example")
    return address.rstrip("/"), found[1].rstrip("/").lower()
