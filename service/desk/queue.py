"""The queue: a hand of cards, decided by key or button, each answer a part of the page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from flask import abort, redirect, render_template, request
from werkzeug.wrappers import Response

from service.desk import words
from service.desk.acts import day_choices
from service.desk.blueprint import blueprint, failed, is_script
from service.desk.hand import (
    MAX_SEEN,
    address,
    answer,
    asked_view,
    deal_hand,
    dealt_view,
    decides,
    is_lead,
    named_reasons,
    passed,
    plain,
    reason_of_site,
    remember_passed,
    seen,
    seen_in_form,
    shown,
    told,
    user_id,
    view_bar,
)
from service.desk.speech import gettext, ngettext
from service.domain import errors
from service.domain.comment import Status
from service.domain.decision import Action
from service.domain.errors import Conflict, NotFound, Unavailable
from service.domain.user import Role
from service.domain.view import CLAIMED, View
from service.moderation.queue import HAND, Hand, put_back, search, worst
from service.moderation.review import Act, Overtaken, Reviewed, Seen, review, undo
from service.store.rows import CommentRow
from service.web.current import services
from service.web.sessions import membership, needs

MAX_FOUND = 50
"""Comments that a search lists."""

LOOKED_AT = 3
"""Cards that somebody sees who may only look."""

MAX_ACTS = 50
"""Decisions that one request of the page's script tells at most."""


@blueprint.get("/desk", strict_slashes=False)
@needs(Role.VIEWER)
def queue() -> Response | str:
    """A queue, its cards in the view's order."""
    view = asked_view()
    if view.queue not in CLAIMED:
        return redirect(address("desk.listed", view))
    # the page's script asks for the others as soon as it runs
    hand = _first_of(deal_hand(view, size=1)) if decides(view) else _looked_at(view)
    page = {
        "reasons": named_reasons(),
        "decides": decides(view),
        "days": day_choices(),
        "size": HAND,
    }
    return render_template("desk/queue.html", **page, **view_bar(view, hand.fresh), **told(view, hand))


@blueprint.post("/desk/decisions")
@needs(Role.MODERATOR)
def decide() -> Response | str | tuple[str, int]:
    """Approve or reject what the moderator saw: one act, or the page's script's last few, each of which can be undone alone."""
    dealt_view()
    if is_script() and request.form.getlist("act"):
        # all are read before the first is done
        done: list[Reviewed | None] = list(_one_by_one(list(_acts())))
    else:
        reason = reason_of_site(request.form.get("reason"))
        act = Act(_action(request.form.get("action") or (reason and "reject")), reason, plain("note"))
        done = [_reviewed(act, seen_in_form())]
    told_of = [reviewed for reviewed in done if reviewed]
    overtaken = [one for reviewed in told_of for one in reviewed.overtaken]
    messages = [(_overtaken(one), "warn") for one in overtaken]
    if any(not (reviewed.decided or reviewed.overtaken) for reviewed in told_of):
        messages.append((gettext("That comment is not there any more."), "warn"))
    if None in done:
        messages.append((gettext("Not all is saved: the server is busy. What is left comes back."), "warn"))
    status = 409 if messages else 200
    if not is_script() and told_of[0].decided:
        messages.append((_done(act.action, len(told_of[0].decided)), "ok"))
    try:
        return answer(messages, status=status)
    except Unavailable:
        # what is saved is not to be taken for lost: cards come with the next answer, those that are not saved too
        return failed("", gettext("The server is busy: more cards come in a moment."), 409)


@blueprint.post("/desk/skip")
@needs(Role.MODERATOR)
def skip() -> Response | str | tuple[str, int]:
    """Leave a comment to somebody else, or to later."""
    dealt_view()
    ids = [one.comment_id for one in seen_in_form()]
    put_back(services().store, membership().site_id, user_id(), ids)
    remember_passed([*passed(), *ids])
    return answer([])


@blueprint.post("/desk/undo")
@needs(Role.MODERATOR)
def take_back() -> Response | str | tuple[str, int]:
    """Undo one's last act, whole; its cards come back to the front."""
    dealt_view()
    undone = undo(services().store, services().wake_sender, membership().site_id, user_id())
    if undone is None:
        return answer([(gettext("There is nothing to undo."), "warn")])
    count, status = len(undone.comments), words.status(undone.status)
    message = (
        gettext("Undone: the comment is %(status)s again.", status=status)
        if count == 1
        else gettext("Undone: %(num)s comments are %(status)s again.", num=count, status=status)
    )
    return answer([(message, "ok")], first=_one_of_each(undone.comments)[:HAND])


@blueprint.post("/desk/claims")
@needs(Role.MODERATOR)
def renew() -> Response | str | tuple[str, int]:
    """Keep one's cards for some minutes more, and take new ones where there is room."""
    return answer([], with_tabs=True)


@blueprint.post("/desk/leave")
@needs(Role.MODERATOR)
def leave() -> tuple[str, int]:
    """The page closes: its cards go back, unless another page of this moderator has renewed them since."""
    try:
        given = datetime.fromisoformat(request.form.get("until", ""))
        until = given.astimezone(UTC) if given.tzinfo else abort(400)
    except (ValueError, OverflowError):
        abort(400)
    put_back(services().store, membership().site_id, user_id(), shown(), until)
    return "", 204


@blueprint.get("/desk/search")
@needs(Role.VIEWER)
def find() -> str:
    """Flagged comments with some words in them."""
    wanted = request.args.get("q", "").strip()[:200]
    found = search(services().store, membership().site_id, wanted, MAX_FOUND + 1) if wanted else []
    more = len(found) > MAX_FOUND
    return render_template("desk/search.html", wanted=wanted, found=found[:MAX_FOUND], more=more)


def _first_of(hand: Hand) -> Hand:
    return replace(hand, fresh=hand.fresh[:1])


def _looked_at(view: View) -> Hand:
    """The first cards, for those who only look: nothing is claimed."""
    store = services().store
    return Hand(tuple(worst(store, membership().site_id, LOOKED_AT, view)), (), (), store.clock())


def _one_of_each(comments: Iterable[CommentRow]) -> list[CommentRow]:
    """Those that wait for a person, the worst first; of look-alikes one is dealt, for all."""
    found: dict[int | str, CommentRow] = {}
    for comment in sorted(comments, key=lambda comment: (-comment.priority, comment.id)):
        if comment.status is Status.FLAGGED:
            found.setdefault(comment.likeness or comment.id, comment)
        elif comment.reported_at or comment.appealed_at:
            found[comment.id] = comment
    return list(found.values())


def _one_by_one(acts: Sequence[tuple[Act, list[Seen]]]) -> Iterator[Reviewed | None]:
    """What became of each; None, and the end, for one that can't be saved for now when some are: the page must hear of these.

    Raises: Unavailable, when none could be saved.
    """
    for place, (act, seen_then) in enumerate(acts):
        try:
            yield _tried(act, seen_then)
        except Unavailable:
            if not place:
                raise
            yield None
            return


def _tried(act: Act, seen_then: list[Seen]) -> Reviewed:
    """A decision among others: what is gone, or is being decided at this moment, must not undo the rest."""
    try:
        return _reviewed(act, seen_then)
    except errors.Overtaken:
        # two writers met, and the other one has gone by
        return _reviewed(act, seen_then)
    except (NotFound, Conflict):
        return Reviewed((), ())


def _reviewed(act: Act, seen_then: list[Seen]) -> Reviewed:
    store, site_id = services().store, membership().site_id
    return review(store, services().wake_sender, site_id, user_id(), seen_then, act, as_lead=is_lead())


def _acts() -> Iterable[tuple[Act, list[Seen]]]:
    """What the page's script tells: each an action, perhaps with a reason, and the comments: `reject:spam ID:1:flagged …`."""
    for text in request.form.getlist("act")[:MAX_ACTS]:
        what, *about = text.split(" ")
        action, _, reason = what.partition(":")
        yield Act(_action(action), reason_of_site(reason)), [seen(one) for one in about[:MAX_SEEN]] or abort(400)


def _overtaken(one: Overtaken) -> str:
    if one.edited:
        return gettext("The author has edited that comment, so your decision was not taken.")
    if one.for_lead:
        return gettext("That comment waits for a lead, so your decision was not taken.")
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
