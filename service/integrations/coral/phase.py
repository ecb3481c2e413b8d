"""The external moderation phase: Coral's request as a comment of ours, and our verdict as Coral's answer."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field

from service.domain.comment import MAX_TEXT, Author, NewComment, Thread
from service.domain.decision import Action, Reason
from service.domain.policy import Mode
from service.integrations.coral.html import shortened, text_of
from service.integrations.coral.wire import Id, Wire

Answer = Mapping[str, object]
"""What Coral is told; nothing in it is ever null, for which Coral would throw the whole away. Empty: no opinion."""

ROLES = ("COMMENTER", "MEMBER", "STAFF", "MODERATOR", "ADMIN")

NO_OPINION: Answer = {}

HELD_UNSEEN: Answer = {"status": "PREMOD"}
"""For a comment that could not be judged, in a site that rather holds it."""

TOXIC, SPAM = "COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM"

FLAGS: Mapping[str, str] = {
    "toxicity": TOXIC,
    "severe_toxicity": TOXIC,
    "identity_attack": TOXIC,
    "insult": TOXIC,
    "profanity": TOXIC,
    "threat": TOXIC,
    "sexually_explicit": TOXIC,
    "word": TOXIC,
    "spam": SPAM,
    "links": SPAM,
}
"""Coral's reason for each of ours. The others, such as a new author, say nothing of the text: Coral has no word for them."""

REJECTIONS: Mapping[str, tuple[str, str]] = {
    "banned_author": ("OTHER", "the author is banned"),
    "word": ("BANNED_WORD", "a word that the site does not allow"),
    "identity_attack": ("HATE_SPEECH", "an attack on people for what they are"),
    "threat": ("HARASSMENT_BULLYING", "a threat"),
    "spam": ("SPAM", "spam"),
    "sexually_explicit": ("OFFENSIVE", "sexually explicit words"),
    "severe_toxicity": ("ABUSIVE", "abuse"),
    "insult": ("ABUSIVE", "an insult"),
    "toxicity": ("ABUSIVE", "abuse"),
    "profanity": ("OFFENSIVE", "swear words"),
}
"""Coral's code for each reason of ours, with words for the author, who is told; the most telling reason first."""

OTHERWISE = ("OTHER", "the site's rules")


def _web_address(value: object) -> object:
    """An address that can be linked to; any other is left out, since a comment is worth more than its address."""
    return value if isinstance(value, str) and ADDRESS.fullmatch(value) else None


ADDRESS = re.compile(r"https?://[^\s\[\]\x00\ud800-\udfff]{1,2000}", re.IGNORECASE)


class Comment(Wire):
    """The text and what it answers."""

    body: str
    parent: Annotated[Id | None, Field(alias="parentID")] = None


class Writer(Wire):
    """Who wrote it."""

    id: Id
    role: object = "COMMENTER"


class Story(Wire):
    """What is commented on."""

    id: Id
    url: Annotated[str | None, BeforeValidator(_web_address)] = None


class Request(Wire):
    """What Coral asks, as far as it matters here."""

    action: object = "NEW"
    comment: Comment
    author: Writer
    story: Story


class Asked(NamedTuple):
    """A comment to be judged. whole: whether all of its text is there to be judged."""

    comment: NewComment
    whole: bool


def asked(request: Request) -> Asked:
    """The comment that a request is about; its id says what it is, since it has none at Coral yet."""
    text = text_of(request.comment.body)
    author, story, parent = request.author, request.story, request.comment.parent
    metadata: dict[str, object] = {
        "action": "EDIT" if request.action == "EDIT" else "NEW",
        "role": author.role if author.role in ROLES else "COMMENTER",
    }
    if len(text) > MAX_TEXT:
        metadata["cut_from"] = len(text)
    comment = NewComment(
        id=_id_of(story.id, author.id, parent or "", text),
        text=shortened(text),
        author=Author(author.id, ""),
        thread=Thread(story.id, story.url),
        parent_id=parent,
        metadata=metadata,
        source="coral",
    )
    return Asked(comment, len(text) <= MAX_TEXT)


def _id_of(*what: str) -> str:
    """The same for the same comment, however often it is sent."""
    return "coral-" + hashlib.sha256("\x00".join(what).encode()).hexdigest()


def answer(action: Action, reasons: Sequence[Reason], mode: Mode) -> Answer:
    """What Coral is to do. Where comments are shown until rejected, a flag marks one and doesn't hold it."""
    if action is Action.REJECT:
        return _rejected(reasons)
    if action is Action.FLAG:
        flags = _flags(reasons)
        return flags if mode is Mode.POST else {"status": "SYSTEM_WITHHELD", **flags}
    return NO_OPINION


def _flags(reasons: Iterable[Reason]) -> Answer:
    found = {FLAGS[name] for name in map(_name, reasons) if name in FLAGS}
    actions = [{"actionType": "FLAG", "reason": flag} for flag in (TOXIC, SPAM) if flag in found]
    return {"actions": actions} if actions else {}


def _rejected(reasons: Iterable[Reason]) -> Answer:
    found = {_name(reason) for reason in reasons if reason.action is Action.REJECT}
    code, words = next((REJECTIONS[name] for name in REJECTIONS if name in found), OTHERWISE)
    reason = {"code": code, "detailedExplanation": f"Rejected automatically: {words}."}
    return {"status": "REJECTED", "moderationAction": {"status": "REJECTED", "rejectionReason": reason}}


def _name(reason: Reason) -> str:
    return reason.attribute or reason.code
