"""The queue: a hand of cards, decided by key or button, each answer a part of the page."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from service.desk import words
from service.desk.blueprint import blueprint, is_script, safe_path
from service.desk.speech import gettext, ngettext
from service.domain.comment import Status
from service.domain.decision import Action
from service.domain.user import Role
from service.moderation.card import cards
from service.moderation.queue import HAND, Hand, deal, put_back, search, standing, worst
from service.moderation.review import Overtaken, Seen, review, undo
from service.store.rows import CommentRow
from service.web.current import services
from service.web.sessions import membership, needs, signed_in

MAX_PASSED = 40
"""Skipped comments remembered: they are in a cookie, which holds 4 kB."""


@blueprint.get("/desk")
@needs(Role.VIEWER)
def queue() -> str:
    """The queue, the worst first."""
    site_id, store = membership().site_id, services().store
    decides = membership().role.allows(Role.MODERATOR)
    hand = _deal() if decides else Hand(tuple(worst(store, site_id)), (), (), store.clock())
    return render_template("desk/queue.html", **_told(hand))


@blueprint.post("/desk/decisions")
@needs(Role.MODERATOR)
def decide() -> Response | str | tuple[str, int]:
    """Approve or reject what the moderator saw."""
    action = _action(request.form.get("action"))
    seen = [_seen(text) for text in request.form.getlist("comment")] or abort(400)
    note = request.form.get("note", "").replace("\x00", "").strip()[:2_000] or None
    reviewed = review(services().store, services().wake_sender, membership().site_id, _user_id(), seen, action, note)
    messages = [(_overtaken(one), "warn") for one in reviewed.overtaken]
    if not is_script() and reviewed.decided:
        messages.append((_done(action, len(reviewed.decided)), "ok"))
    return _answer(messages, status=409 if reviewed.overtaken else 200)


@blueprint.post("/desk/skip")
@needs(Role.MODERATOR)
def skip() -> Response | str | tuple[str, int]:
    """Leave a comment to somebody else, or to later."""
    ids = [_seen(text).comment_id for text in request.form.getlist("comment")]
    put_back(services().store, membership().site_id, _user_id(), ids)
    _remember_passed([*_passed(), *ids])
    return _answer([])


@blueprint.post("/desk/undo")
@needs(Role.MODERATOR)
def take_back() -> Response | str | tuple[str, int]:
    """Undo one's last decision; the card comes back to the front."""
    restored = undo(services().store, services().wake_sender, membership().site_id, _user_id())
    if restored is None:
        return _answer([(gettext("There is nothing to undo."), "warn")])
    message = gettext("Undone: the comment is %(status)s again.", status=words.status(restored.status))
    return _answer([(message, "ok")], first=restored if restored.status is Status.FLAGGED else None)


@blueprint.post("/desk/claims")
@needs(Role.MODERATOR)
def renew() -> Response | str | tuple[str, int]:
    """Keep one's cards for some minutes more, and take new ones where there is room; `more` asks for one beyond the hand."""
    size = len(_shown()) + 1 if request.form.get("more") else HAND
    return _answer([], size=size)


@blueprint.post("/desk/leave")
@needs(Role.MODERATOR)
def leave() -> tuple[str, int]:
    """The page closes: its cards go back, unless another page of this moderator has renewed them since."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        abort(400)
    if until.tzinfo is None:
        abort(400)
    put_back(services().store, membership().site_id, _user_id(), _shown(), until)
    return "", 204


@blueprint.get("/desk/search")
@needs(Role.VIEWER)
def find() -> str:
    """Flagged comments with some words in them."""
    wanted = request.args.get("q", "").strip()[:200]
    found = search(services().store, membership().site_id, wanted) if wanted else []
    return render_template("desk/search.html", wanted=wanted, found=found)


def _deal(shown: Sequence[str] = (), size: int = HAND) -> Hand:
    hand = deal(services().store, membership().site_id, _user_id(), shown=shown, passed=_passed(), size=size)
    _remember_passed(hand.passed)
    return hand


def _told(hand: Hand, first: CommentRow | None = None) -> dict[str, object]:
    """What the templates need of a hand."""
    site_id, store = membership().site_id, services().store
    fresh = sorted(
        (comment for comment in hand.fresh if comment != first), key=lambda comment: (-comment.risk, comment.id)
    )
    dealt = cards(store, services().classifier, site_id, [*([first] if first else []), *fresh])
    return {"cards": dealt, "hand": hand, "standing": standing(store, site_id, _user_id())}


def _answer(
    messages: Sequence[tuple[str, str]], *, status: int = 200, first: CommentRow | None = None, size: int = HAND
) -> Response | tuple[str, int]:
    """What changed, for the page's script; for a browser without it, the page again."""
    if not is_script():
        for message, kind in messages:
            flash(message, kind)
        return redirect(safe_path(request.form.get("back")) if request.form.get("back") else url_for("desk.queue"), 303)
    hand = _deal([*_shown(), *([first.id] if first else [])], size)
    return render_template("desk/_dealt.html", messages=messages, first=first, **_told(hand, first)), status


def _overtaken(one: Overtaken) -> str:
    if one.edited:
        return gettext("The author has edited that comment, so your decision was not taken.")
    if one.by and one.status is Status.FLAGGED:
        return gettext("%(name)s is working on that comment, so your decision was not taken.", name=one.by)
    who = one.by or gettext("Somebody else")
    return gettext("%(name)s was faster: that comment is %(status)s.", name=who, status=words.status(one.status))


def _done(action: Action, count: int) -> str:
    if action is Action.APPROVE:
        return ngettext("Approved.", "%(num)s comments approved.", count)
    return ngettext("Rejected.", "%(num)s comments rejected.", count)


def _action(text: str | None) -> Action:
    return Action(text) if text in (Action.APPROVE, Action.REJECT) else abort(400)


def _seen(text: str) -> Seen:
    """A comment as the form names it: id, revision and status, with colons between."""
    try:
        comment_id, revision, status = text.split(":")
        return Seen(str(UUID(comment_id)), int(revision), Status(status))
    except ValueError:
        abort(400)


def _shown() -> list[str]:
    """The ids of the cards that the page has."""
    try:
        return [str(UUID(text)) for text in request.form.getlist("shown")[:100]]
    except ValueError:
        abort(400)


def _passed() -> tuple[str, ...]:
    return tuple(str(UUID(hex=text)) for text in session.get("passed", []))


def _remember_passed(ids: Sequence[str]) -> None:
    newest = [UUID(id).hex for id in dict.fromkeys(ids)][-MAX_PASSED:]
    if newest != session.get("passed", []):
        session["passed"] = newest


def _user_id() -> str:
    person = signed_in()
    return person.id if person else abort(401)
