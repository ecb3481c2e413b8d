"""Who works for the site: roles, leaving, invitations. For admins."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk import words
from service.desk.blueprint import blueprint
from service.desk.speech import gettext
from service.domain.errors import Conflict, Invalid, LastAdmin
from service.domain.user import Role
from service.moderation.invite import MOST_OPEN, Invited, invite, open_invitations, revoke
from service.moderation.people import change_role, people_of, remove
from service.moderation.sign_in import role_of
from service.web.current import services
from service.web.sessions import membership, needs, this_person


@blueprint.get("/settings/people")
@needs(Role.ADMIN)
def people() -> str:
    """Everybody, and the invitations that wait."""
    return _people_page()


@blueprint.post("/settings/people/<uuid:user_id>/role")
@needs(Role.ADMIN)
def set_role(user_id: UUID) -> Response:
    """Give somebody another role."""
    role = role_of(request.form.get("role", ""))
    try:
        change_role(services().store, membership().site_id, str(user_id), role)
    except LastAdmin:
        flash(_only_admin(), "warn")
    else:
        flash(gettext("The role is now: %(role)s.", role=words.role(role)), "ok")
    return _on(user_id)


@blueprint.post("/settings/people/<uuid:user_id>/remove")
@needs(Role.ADMIN)
def remove_person(user_id: UUID) -> Response:
    """Let somebody work for the site no more."""
    try:
        remove(services().store, membership().site_id, str(user_id))
    except LastAdmin:
        flash(_only_admin(), "warn")
    else:
        flash(gettext("Removed. It counts at once, also where they are logged in."), "ok")
    return _on(user_id)


@blueprint.post("/settings/invitations")
@needs(Role.ADMIN)
def add_invitation() -> tuple[str, int]:
    """Make an invitation; its link is on the answer's page and nowhere else."""
    email, role = request.form.get("email", ""), role_of(request.form.get("role", ""))
    try:
        made = invite(services().store, membership().site_id, this_person().id, role, email)
    except Invalid:
        fault = gettext("Give an e-mail address such as rina@example.com, or leave it empty.")
        return _people_page(fault=fault, email=email, role=role), 422
    except Conflict:
        fault = gettext("%(count)s invitations wait already. Take some back first.", count=MOST_OPEN)
        return _people_page(fault=fault, email=email, role=role), 409
    return _people_page(made), 201


@blueprint.post("/settings/invitations/<uuid:invitation_id>/revoke")
@needs(Role.ADMIN)
def revoke_invitation(invitation_id: UUID) -> Response:
    """Take an invitation back."""
    revoke(services().store, membership().site_id, str(invitation_id))
    flash(gettext("The invitation is taken back; its link leads nowhere now."), "ok")
    return redirect(url_for("desk.people"), 303)


def _people_page(made: Invited | None = None, *, fault: str = "", email: str = "", role: Role = Role.MODERATOR) -> str:
    store, site_id = services().store, membership().site_id
    link = services().settings.public_url + url_for("desk.invitation", token=made.token) if made else ""
    return render_template(
        "desk/people.html",
        people=people_of(store, site_id),
        waiting=open_invitations(store, site_id),
        made=made,
        link=link,
        fault=fault,
        email=email,
        role=role,
    )


def _only_admin() -> str:
    return gettext("This is the site's only admin. Make somebody else one first.")


def _on(user_id: UUID) -> Response:
    """Back to the list; whoever changed their own role may not see it any more."""
    own = str(user_id) == this_person().id
    return redirect(url_for("desk.queue" if own else "desk.people"), 303)
