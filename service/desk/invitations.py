"""What a person sees who was invited by a link."""

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint, failed
from service.desk.speech import gettext
from service.domain.errors import Invalid, NotFound, Refused
from service.domain.user import MAX_PASSWORD, MIN_PASSWORD
from service.moderation.invite import accepted_by, join, join_anew, offer_of
from service.web.current import services
from service.web.rates import count_login
from service.web.sessions import needs_login, signed_in, this_person
from service.web.sso import sso_offered


@blueprint.get("/invitations/<string(length=43):token>")
def invitation(token: str) -> Response | str | tuple[str, int]:
    """What the link offers: one click for somebody who is logged in, an account for somebody new."""
    person = signed_in()
    try:
        offer_of(services().store, token)
    except NotFound:
        if person and (site_id := accepted_by(services().store, token, person.id)):
            return _welcome(site_id)
        return _gone()
    return _invitation_page(token)


@blueprint.post("/invitations/<string(length=43):token>")
def join_with_account(token: str) -> Response | tuple[str, int]:
    """Make an account. Whether the address had one already is not told."""
    count_login()
    store, form = services().store, request.form
    try:
        offer_of(store, token)
        join_anew(store, token, form.get("email", ""), form.get("name", ""), form.get("password", ""))
    except NotFound:
        return _gone()
    except Invalid:
        fault = gettext(
            "Give a name, an e-mail address and a password of %(low)s to %(high)s characters.",
            low=MIN_PASSWORD,
            high=MAX_PASSWORD,
        )
        return _invitation_page(token, fault, form.get("email", ""), form.get("name", "")), 422
    flash(gettext("Now log in. If you had an account with this address already, its password still counts."), "ok")
    return redirect(url_for("desk.login", next=url_for("desk.invitation", token=token)), 303)


@blueprint.post("/invitations/<string(length=43):token>/accept")
@needs_login
def accept_invitation(token: str) -> Response | tuple[str, int]:
    """Work for one site more, with the account that is logged in."""
    try:
        offer = offer_of(services().store, token)
        joined = join(services().store, token, this_person().id)
    except NotFound:
        return _gone()
    except Refused:
        return _invitation_page(token), 403
    if joined:
        return _welcome(offer.site_id)
    flash(gettext("You work for %(site)s already.", site=offer.site_name), "warn")
    return redirect(url_for("desk.queue"), 303)


def _welcome(site_id: str) -> Response:
    session["site"] = site_id
    flash(gettext("Welcome! You work for this site now."), "ok")
    return redirect(url_for("desk.queue"), 303)


def _gone() -> tuple[str, int]:
    message = gettext("It was used, taken back, or is older than seven days. Ask for another one.")
    return failed(gettext("This invitation is not valid"), message, 404)


def _invitation_page(token: str, fault: str = "", email: str = "", name: str = "") -> str:
    offer = offer_of(services().store, token)
    return render_template(
        "desk/invitation.html", offer=offer, token=token, fault=fault, email=email, name=name, sso=sso_offered()
    )
