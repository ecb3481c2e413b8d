"""What the queue's routes share: what an address or a form asks for, the hand of cards, the answer that tells what changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from service.desk import labels, words
from service.desk.blueprint import is_closing, is_script, safe_path
from service.domain.comment import ATTRIBUTES, UNSUPPORTED, Status
from service.domain.errors import Invalid, Refused
from service.domain.user import Role
from service.domain.view import CLAIMED, Order, QueueName, View
from service.moderation.card import Card, cards
from service.moderation.queue import HAND, MAX_HAND, Hand, alike, deal, standing, tallies
from service.moderation.review import Seen
from service.moderation.steer import reasons_of
from service.store.rows import CommentRow
from service.web.current import services
from service.web.sessions import membership, signed_in

MAX_PASSED = 40
"""Skipped comments remembered: they are in a cookie, which holds 4 kB."""

FOR_LEADS = (QueueName.APPEALS, QueueName.ESCALATED)
"""Queues that only leads see."""

MAX_SEEN = 500
"""Comments that one form decides about at most."""


@dataclass(frozen=True)
class Dealt:
    """A card, and how many more comments like it it stands for."""

    card: Card
    alike: int


@dataclass(frozen=True)
class Tab:
    """A queue's place in the navigation: its name, how many wait there ("" where nobody counts), and whether it is open."""

    name: QueueName
    label: str
    count: str
    is_open: bool


def asked_view() -> View:
    """The view that the address asks for.

    Raises: Invalid, naming the field; Refused, for a queue that this role does not see.
    """
    view = View.from_query(request.args)
    if view.queue in FOR_LEADS and not is_lead():
        raise Refused(f"{view.queue} is for leads")
    return view


def dealt_view() -> View:
    """The same for a view whose cards are dealt: to be asked for before anything is recorded.

    Raises: Invalid; Refused.
    """
    view = asked_view()
    if view.queue not in CLAIMED:
        raise Invalid(f"queue: nothing is dealt of {view.queue}")
    return view


def is_lead() -> bool:
    """Whether this person decides what waits for a lead."""
    return membership().role.allows(Role.LEAD)


def decides(view: View) -> bool:
    """Whether this person takes cards from a queue that they see."""
    return view.queue in CLAIMED and membership().role.allows(Role.MODERATOR)


def tabs(view: View | None) -> list[Tab]:
    """The queues that this person may open, with what waits in each."""
    counts = tallies(services().store, membership().site_id)
    hidden = () if is_lead() else FOR_LEADS
    # what was decided is counted by nobody
    return [
        Tab(
            name,
            labels.queue(name),
            labels.beside(counts[name]) if name in counts else "",
            view is not None and name is view.queue,
        )
        for name in QueueName
        if name not in hidden
    ]


def view_bar(view: View, rows: Sequence[CommentRow]) -> dict[str, object]:
    """What the bar above a queue needs: its tabs, what the filters offer, and what they are narrowed to by name."""
    one = next(iter(rows), None)
    thread = one.thread if one else None
    return {
        "tabs": tabs(view),
        "labels": labels,
        "heading": labels.heading(view),
        "emptiness": labels.emptiness(view),
        "band": f"{labels.decimal(view.low)}\u2013{labels.decimal(view.high)}",
        "attributes": ATTRIBUTES,
        "languages_of_comments": ("id", "en", UNSUPPORTED, "und"),
        "orders": tuple(Order),
        "ages": labels.AGES,
        "narrowed": {
            "thread": (thread.title or thread.url) if thread else None,
            "author": one.author.name if one else None,
        },
    }


def deal_hand(view: View, shown: Sequence[str] = (), size: int = HAND) -> Hand:
    """Fill this moderator's hand from a view; what they passed over is remembered in their session."""
    store, site_id = services().store, membership().site_id
    hand = deal(store, site_id, user_id(), view=view, shown=shown, passed=passed(), size=size)
    remember_passed(hand.passed)
    return hand


def told(view: View, hand: Hand, first: Sequence[CommentRow] = ()) -> dict[str, object]:
    """What the templates need of a hand; `first` are cards that go before all others."""
    store = services().store
    counts = {**hand.alike, **(alike(store, membership().site_id, user_id(), first) if first else {})}
    ahead = {comment.id for comment in first}
    rows = [*first, *(comment for comment in hand.fresh if comment.id not in ahead)]
    dealt = cards(store, services().classifier, membership().site_id, rows)
    return {
        "view": view,
        "query": view.to_query(),
        "hand": hand,
        "dealt": [Dealt(card, counts.get(card.comment.id, 0)) for card in dealt],
        "ahead": ahead,
        "standing": standing(store, membership().site_id, user_id(), view),
    }


def answer(
    messages: Iterable[tuple[str, str]],
    *,
    status: int = 200,
    first: Sequence[CommentRow] = (),
    with_tabs: bool = False,
) -> Response | tuple[str, int]:
    """What changed, for the page's script; for a browser without it, the page again. A page that closes is dealt nothing."""
    if is_closing():
        return "", 204
    if not is_script():
        for message, kind in messages:
            flash(message, kind)
        return redirect(back_path(), 303)
    view = dealt_view()
    hand = deal_hand(view, [*shown(), *(comment.id for comment in first)], size())
    page = {
        "labels": labels,
        "messages": messages,
        "tabs": tabs(view) if with_tabs else None,
        **told(view, hand, first),
    }
    return render_template("desk/_dealt.html", **page), status


def address(endpoint: str, view: View) -> str:
    """A page's address with a view in it."""
    query: dict[str, Any] = {**view.to_query()}
    return url_for(endpoint, **query)


def back_path() -> str:
    """The page that the form was on, or the queue that its address names."""
    if given := request.form.get("back"):
        return safe_path(given)
    try:
        return address("desk.queue", asked_view())
    except (Invalid, Refused):
        return url_for("desk.queue")


def seen_in_form() -> list[Seen]:
    """The comments that the form is about, as they were seen."""
    return [seen(text) for text in request.form.getlist("comment")[:MAX_SEEN]] or abort(400)


def seen(text: str) -> Seen:
    """A comment as the form names it: id, revision and status, with colons between."""
    try:
        comment_id, revision, status = text.split(":")
        return Seen(str(UUID(comment_id)), int(revision) if len(revision) < 9 else abort(400), Status(status))
    except ValueError:
        abort(400)


def shown() -> list[str]:
    """The ids of the cards that the page has."""
    return [identity(text) for text in request.form.getlist("shown")[:100]]


def size() -> int:
    """How many cards the page wants to hold."""
    text = request.form.get("size", "")
    return min(int(text), MAX_HAND) if text.isascii() and text.isdigit() and len(text) < 4 else HAND


def identity(text: str | None) -> str:
    """An id as the form has it."""
    try:
        return str(UUID(text or ""))
    except ValueError:
        abort(400)


def plain(name: str, limit: int = 2_000) -> str | None:
    """A text of the form, without what no database takes; None when it is empty."""
    return request.form.get(name, "").replace("\x00", "").encode(errors="ignore").decode().strip()[:limit] or None


@dataclass(frozen=True)
class NamedReason:
    """A reason of the site's, with its key from 1 to 9."""

    key: int
    code: str
    label: str


def named_reasons() -> list[NamedReason]:
    """The site's reasons to reject, in the order of their keys."""
    chosen = reasons_of(services().store, membership().site_id)
    return [
        NamedReason(key, one.code, _capital(words.reason(one.code, one.label))) for key, one in enumerate(chosen, 1)
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def reason_of_site(code: str | None) -> str | None:
    """The reason that a form names, which must be one of the site's; None when it names none.

    Raises: Invalid, for another.
    """
    if not code:
        return None
    if code not in {one.code for one in reasons_of(services().store, membership().site_id)}:
        raise Invalid("reason: give one of the site's")
    return code


def is_sure() -> bool:
    """Whether the form has been asked about, and agreed to."""
    return request.form.get("sure") == "1"


def passed() -> tuple[str, ...]:
    """The ids of what this moderator skipped."""
    return tuple(str(UUID(hex=text)) for text in session.get("passed", []))


def remember_passed(ids: Sequence[str]) -> None:
    """Keep the last of them in the session."""
    newest = [UUID(id).hex for id in dict.fromkeys(ids)][-MAX_PASSED:]
    if newest != session.get("passed", []):
        session["passed"] = newest


def user_id() -> str:
    """Who is asking."""
    person = signed_in()
    return person.id if person else abort(401)
