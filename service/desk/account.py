"""What people look after for themselves: password, second factor, sessions."""

from collections.abc import Sequence

import segno
from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint
from service.desk.speech import gettext, ngettext
from service.domain.errors import Conflict, Invalid, Refused
from service.domain.user import MAX_PASSWORD, MIN_PASSWORD
from service.moderation import second_factor
from service.moderation.account import change_password, end_other_sessions, end_session, has_password, sessions_of
from service.web.current import services
from service.web.sessions import end, needs_login, this_person, this_session

BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
"""What a browser's own word for itself has in it, and its name. Most say that they are others too: the first found counts."""

SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@blueprint.get("/settings/account")
@needs_login
def account() -> str:
    """Everything on one page."""
    return _account_page()


@blueprint.post("/settings/account/password")
@needs_login
def set_password() -> Response | tuple[str, int]:
    """Another password; all other sessions end."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        change_password(services().store, this_person().id, old, new, this_session())
    except Invalid:
        fault = gettext("Give %(low)s to %(high)s characters.", low=MIN_PASSWORD, high=MAX_PASSWORD)
        return _account_page({"new": fault}), 422
    except Refused:
        return _account_page({"old": _wrong_password()}), 422
    flash(gettext("The password is changed, and you are logged out everywhere else."), "ok")
    return _back()


@blueprint.post("/settings/account/second-factor")
@needs_login
def offer_second_factor() -> Response | tuple[str, int]:
    """Show a secret for an app."""
    try:
        second_factor.offer(services().store, this_person().id, request.form.get("password", ""))
    except Refused:
        return _account_page({"password": _wrong_password()}), 422
    except Conflict:
        flash(gettext("The second factor is on already."), "warn")
    return redirect(url_for("desk.account", _anchor="second-factor"), 303)


@blueprint.post("/settings/account/second-factor/confirm")
@needs_login
def confirm_second_factor() -> Response | str | tuple[str, int]:
    """Turn it on with a first code; the recovery codes are on the answer's page and nowhere else."""
    try:
        codes = second_factor.confirm(services().store, this_person().id, request.form.get("code", ""))
    except Refused:
        fault = gettext(
            "This code is wrong or old. Type the one that the app shows now, and see that your phone's clock is right."
        )
        return _account_page({"code": fault}), 422
    except Conflict:
        flash(gettext("There is nothing to confirm: begin again, or the second factor is on already."), "warn")
        return _back()
    return _account_page(codes=codes)


@blueprint.post("/settings/account/second-factor/off")
@needs_login
def turn_off_second_factor() -> Response | tuple[str, int]:
    """Ask for no codes any more."""
    password, code = request.form.get("password", ""), request.form.get("code", "")
    try:
        second_factor.turn_off(services().store, this_person().id, password, code)
    except Refused:
        fault = gettext("The password or the code is wrong, or the code was used before.")
        return _account_page({"off": fault}), 422
    flash(gettext("The second factor is off."), "ok")
    return _back()


@blueprint.post("/settings/account/sessions/end")
@needs_login
def end_one_session() -> Response:
    """End one session; one's own is logging out."""
    ended = request.form.get("session", "")
    end_session(services().store, this_person().id, ended)
    if ended == this_session():
        response = redirect(url_for("desk.login"), 303)
        end(response)
        return response
    flash(gettext("That session is ended."), "ok")
    return _back()


@blueprint.post("/settings/account/sessions/end-others")
@needs_login
def end_all_other_sessions() -> Response:
    """Log out everywhere else."""
    count = end_other_sessions(services().store, this_person().id, this_session())
    flash(ngettext("%(num)s other session is ended.", "%(num)s other sessions are ended.", count), "ok")
    return _back()


def device(agent: str | None) -> str:
    """A browser and its system in two words, as far as they can be told."""
    said = agent or ""
    found = [next((name for sign, name in known.items() if sign in said), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found)) or gettext("Unknown browser")


def picture(uri: str) -> Markup:
    """A QR code as an SVG element without a style of its own."""
    drawn = segno.make_qr(uri, error="m").svg_inline(border=4, omitsize=True, dark="#000", light="#fff", svgclass=None)
    # made of numbers alone: the text that it codes is not in it
    return Markup(drawn)  # noqa: S704


def _account_page(faults: dict[str, str] | None = None, codes: Sequence[str] = ()) -> str:
    store, user_id = services().store, this_person().id
    factor = second_factor.factor_of(store, user_id)
    return render_template(
        "desk/account.html",
        faults=faults or {},
        codes=codes,
        factor=factor,
        qr=picture(factor.uri) if factor.uri else None,
        has_password=has_password(store, user_id),
        sessions=sessions_of(store, user_id),
        this_session=this_session(),
        device=device,
        lengths=(MIN_PASSWORD, MAX_PASSWORD),
    )


def _wrong_password() -> str:
    return gettext("This password is wrong. After several wrong tries an account is locked for some minutes.")


def _back() -> Response:
    return redirect(url_for("desk.account"), 303)
