"""One author: what they wrote, and what can be done about all of it at once."""

from datetime import timedelta
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint
from service.desk.hand import is_lead, reason_of_site, user_id
from service.desk.speech import gettext, ngettext
from service.domain.decision import Action
from service.domain.errors import Invalid, Refused
from service.domain.user import Role
from service.moderation import ban as bans
from service.moderation.look_up import author_of, author_page
from service.moderation.review import Act, others_of
from service.moderation.review import hide_others as reject_others
from service.moderation.steer import reasons_of
from service.store.rows import AuthorRow
from service.web.current import services
from service.web.sessions import membership, needs

DAYS = {Role.MODERATOR: 7, Role.LEAD: 365}
"""For how long people of a role may ban an author, at most."""

OFFERED = (1, 3, 7, 30, 90, 365)
"""Days that the form offers."""


@blueprint.get("/desk/authors/<uuid:author_id>")
@needs(Role.VIEWER)
def author(author_id: UUID) -> str:
    """An author, their bans and their comments, the newest first."""
    site_id, store = membership().site_id, services().store
    page = author_page(store, site_id, str(author_id), cursor("before"))
    person = page.author
    may_decide = membership().role.allows(Role.MODERATOR)
    return render_template(
        "desk/author.html",
        page=page,
        author=person,
        bans=bans.bans_of(store, site_id, person.id),
        banned=person.banned_until is not None and person.banned_until > store.clock(),
        may_ban=_may_ban(person),
        days=[days for days in OFFERED if days <= most_days()],
        others=others_of(store, site_id, person.id, as_lead=is_lead()) if may_decide else 0,
    )


@blueprint.post("/desk/authors/<uuid:author_id>/ban")
@needs(Role.MODERATOR)
def ban(author_id: UUID) -> Response:
    """Reject what this author sends for some days, counted from now."""
    check_ban(str(author_id))
    days = request.form.get("days", type=int) or 0
    if days > most_days():
        raise Refused("only a lead bans for so long")
    try:
        bans.ban(services().store, membership().site_id, user_id(), str(author_id), days, _note())
    except Invalid:
        flash(gettext("Not saved: choose for how many days, and give a note of at most 2,000 characters."), "warn")
    else:
        flash(ngettext("Banned for %(num)s day.", "Banned for %(num)s days.", days), "ok")
    return _to(author_id)


@blueprint.post("/desk/authors/<uuid:author_id>/lift")
@needs(Role.MODERATOR)
def lift(author_id: UUID) -> Response:
    """End a ban before its time."""
    check_ban(str(author_id))
    bans.lift(services().store, membership().site_id, user_id(), str(author_id))
    flash(gettext("The ban is lifted."), "ok")
    return _to(author_id)


@blueprint.get("/desk/authors/<uuid:author_id>/hide")
@needs(Role.MODERATOR)
def confirm_hiding(author_id: UUID) -> str:
    """Ask first, with the number: many comments go at once."""
    site_id, store = membership().site_id, services().store
    person = author_of(store, site_id, str(author_id))
    count, reasons = others_of(store, site_id, person.id, as_lead=is_lead()), reasons_of(store, site_id)
    return render_template("desk/hide.html", author=person, count=count, reasons=reasons)


@blueprint.post("/desk/authors/<uuid:author_id>/hide")
@needs(Role.MODERATOR)
def hide_others(author_id: UUID) -> Response:
    """Reject what this author wrote that is shown or waits."""
    act = Act(Action.REJECT, reason_of_site(request.form.get("reason")), _note())
    site_id = membership().site_id
    try:
        count = reject_others(
            services().store, services().wake_sender, site_id, user_id(), str(author_id), act, as_lead=is_lead()
        )
    except Invalid:
        abort(400)
    flash(ngettext("%(num)s comment rejected.", "%(num)s comments rejected.", count), "ok")
    return _to(author_id)


def cursor(name: str) -> str | None:
    """A comment's id from the page's address, to go on from; 400 for what can't be one."""
    try:
        return str(UUID(request.args[name])) if name in request.args else None
    except ValueError:
        abort(400)


def most_days() -> int:
    """For how many days this person may ban."""
    return max((days for role, days in DAYS.items() if membership().role.allows(role)), default=0)


def _may_ban(author: AuthorRow) -> bool:
    """Whether this person may ban an author, or end the ban that stands: nobody shortens what only a lead could set."""
    until = author.banned_until
    most = most_days()
    return most > 0 and (until is None or until <= services().clock() + timedelta(days=most))


def check_ban(author_id: str) -> None:
    """Raises: NotFound; Refused, when the ban that stands is a lead's to change."""
    if not _may_ban(author_of(services().store, membership().site_id, author_id)):
        raise Refused("only a lead changes so long a ban")


def _note() -> str | None:
    return request.form.get("note", "").replace("\x00", "").strip() or None


def _to(author_id: UUID) -> Response:
    return redirect(url_for("desk.author", author_id=author_id), 303)
