"""What touches more than a card: hand it to a lead, note something, hide the author's others, ban the author.

The page's script asks first and then says that it is `sure`. A browser without script is led to the page where it is asked: the
comment's, the author's, or one of its own.
"""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk import labels
from service.desk.authors import OFFERED, check_ban, most_days
from service.desk.blueprint import blueprint, is_script
from service.desk.hand import (
    answer,
    back_path,
    dealt_view,
    identity,
    is_lead,
    is_sure,
    plain,
    reason_of_site,
    seen_in_form,
    user_id,
)
from service.desk.speech import gettext, ngettext
from service.domain.change import Change, Kind
from service.domain.comment import Status
from service.domain.decision import Action
from service.domain.errors import Invalid
from service.domain.user import Role
from service.moderation.ban import ban
from service.moderation.look_up import card_of
from service.moderation.note import add_note
from service.moderation.review import Act, Reviewed, escalate, hide_others, others_of
from service.web.current import services
from service.web.sessions import membership, needs, signed_in


@blueprint.post("/desk/escalate")
@needs(Role.MODERATOR)
def hand_on() -> Response | str | tuple[str, int]:
    """Hand comments to a lead, with a word why."""
    dealt_view()
    seen = seen_in_form()
    if any(one.status is not Status.FLAGGED for one in seen):
        raise Invalid("status: only what is flagged is handed on")
    if not is_sure():
        return render_template("desk/escalate.html", comments=request.form.getlist("comment"), back=back_path())
    reviewed = escalate(services().store, membership().site_id, user_id(), seen, plain("note"))
    _tell(reviewed)
    if reviewed.overtaken:
        return answer([(gettext("That comment had changed: it was not handed on."), "warn")], status=409)
    return answer([] if is_script() else [(gettext("Handed to a lead."), "ok")])


@blueprint.post("/desk/notes")
@needs(Role.MODERATOR)
def note() -> Response | str | tuple[str, int]:
    """Leave a note on a comment for one's colleagues; its card is dealt anew, with the note."""
    dealt_view()
    store, site_id, comment_id = services().store, membership().site_id, seen_in_form()[0].comment_id
    if not is_script():
        return redirect(url_for("desk.comment", comment_id=comment_id, _anchor="notes"), 303)
    text = plain("text")
    if text is None:
        raise Invalid("text: write something")
    add_note(store, site_id, user_id(), comment_id, text)
    card = card_of(store, services().classifier, site_id, comment_id)
    return answer([(gettext("The note is saved: your colleagues see it too."), "ok")], first=[card.comment])


@blueprint.post("/desk/hide")
@needs(Role.MODERATOR)
def hide() -> Response | str | tuple[str, int]:
    """Reject what an author wrote that waits or is shown."""
    dealt_view()
    store, site_id, author_id = services().store, membership().site_id, identity(request.form.get("author"))
    if not is_script():
        return redirect(url_for("desk.confirm_hiding", author_id=author_id), 303)
    if not is_sure():
        return render_template("desk/_others.html", count=others_of(store, site_id, author_id, as_lead=is_lead()))
    act = Act(Action.REJECT, reason_of_site(request.form.get("reason")))
    count = hide_others(store, services().wake_sender, site_id, user_id(), author_id, act, as_lead=is_lead())
    message = ngettext(
        "%(num)s comment rejected. Press u to undo.", "%(num)s comments rejected. Press u to undo.", count
    )
    return answer([(message, "no")])


@blueprint.post("/desk/ban")
@needs(Role.MODERATOR)
def keep_out() -> Response | str | tuple[str, int]:
    """Ban an author for some days; nobody shortens a ban that only a lead could set."""
    dealt_view()
    store, site_id, author_id = services().store, membership().site_id, identity(request.form.get("author"))
    if not is_script():
        return redirect(url_for("desk.author", author_id=author_id), 303)
    check_ban(author_id)
    text = request.form.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= days <= most_days():
        raise Invalid(f"days: give a whole number from 1 to {most_days()}")
    ban(store, site_id, user_id(), author_id, days, plain("note"))
    return answer([(gettext("The author is banned for %(days)s.", days=labels.hours(24 * days)), "ok")])


def day_choices() -> list[int]:
    """For how many days this person may ban, as the page offers it."""
    return [days for days in OFFERED if days <= most_days()]


def _tell(reviewed: Reviewed) -> None:
    """Let the other desks drop what was handed on: it is no decision, so nobody else tells."""
    person = signed_in()
    if reviewed.decided:
        name = person.name if person else None
        services().live.tell([Change(membership().site_id, Kind.DECIDED, reviewed.decided, name, user_id())])
