"""Second looks: one card at a time, without what was decided about it; and, for leads, where two decided differently."""

from datetime import UTC, datetime
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint
from service.desk.speech import gettext
from service.domain.decision import Action
from service.domain.errors import Conflict
from service.domain.user import Role
from service.moderation.card import cards
from service.moderation.second_look import disagreements, how_many, look_again, next_look, pass_on
from service.web.current import services
from service.web.sessions import membership, needs, signed_in


@blueprint.context_processor
def second_looks_waiting() -> dict[str, object]:
    """For the head of each page: a function, so that only pages with that head count."""
    return {"second_looks": lambda: how_many(services().store, membership().site_id, _user_id())}


@blueprint.get("/desk/second-looks")
@needs(Role.MODERATOR)
def second_look() -> str:
    """A comment to judge again."""
    site_id, store = membership().site_id, services().store
    look = next_look(store, site_id, _user_id(), _uuid(request.args.get("after")))
    shown = cards(store, services().classifier, site_id, [look.comment])[0] if look else None
    return render_template("desk/second_look.html", look=look, card=shown)


@blueprint.post("/desk/second-looks")
@needs(Role.MODERATOR)
def take_second_look() -> Response:
    """Approve, reject or skip; the comment itself stays as it is."""
    site_id, store, act = membership().site_id, services().store, request.form.get("action")
    look_id = _uuid(request.form.get("look")) or abort(400)
    if act == "skip":
        pass_on(store, site_id, _user_id(), look_id)
        return redirect(url_for("desk.second_look", after=look_id), 303)
    action = Action(act) if act in (Action.APPROVE, Action.REJECT) else abort(400)
    try:
        look_again(store, site_id, _user_id(), look_id, action)
        flash(gettext("Thank you. The comment itself stays as it is."), "ok")
    except Conflict:
        flash(
            gettext("That comment has changed meanwhile, or somebody else has it: your look was not counted."), "warn"
        )
    return redirect(url_for("desk.second_look"), 303)


@blueprint.get("/desk/second-looks/disagreements")
@needs(Role.LEAD)
def second_look_disagreements() -> str:
    """Where the two decided differently."""
    found = disagreements(services().store, membership().site_id, _time(request.args.get("before")))
    return render_template("desk/disagreements.html", found=found)


def _uuid(text: str | None) -> str | None:
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        abort(400)


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        abort(400)


def _user_id() -> str:
    person = signed_in()
    return person.id if person else abort(401)
