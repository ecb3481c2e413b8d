"""Logging in, in one step or two, and out."""

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint, safe_path
from service.desk.speech import gettext
from service.domain.errors import Refused
from service.moderation.second_factor import finish_sign_in
from service.moderation.sign_in import HalfIn, sign_in, sign_out
from service.web.current import services
from service.web.rates import count_login
from service.web.sessions import agent, begin, cookie_name, end, keep_half, kept_half, signed_in
from service.web.sso import sso_offered


@blueprint.get("/")
def home() -> Response:
    """The desk is where people work."""
    return redirect(url_for("desk.queue"))


@blueprint.get("/login")
def login() -> Response | str:
    """The login page."""
    if signed_in():
        return redirect(safe_path(request.args.get("next")))
    return _login_page("", request.args.get("next", ""))


@blueprint.post("/login")
def log_in() -> Response | tuple[str, int]:
    """Check the password and begin a session, or ask for a code."""
    count_login()
    email, path = request.form.get("email", ""), request.form.get("next", "")
    try:
        let_in = sign_in(services().store, email, request.form.get("password", ""), agent())
    except Refused:
        return _login_page(email, path, wrong=True), 401
    if isinstance(let_in, HalfIn):
        keep_half(let_in, path)
        return redirect(url_for("desk.login_code"), 303)
    response = redirect(safe_path(path), 303)
    begin(response, let_in)
    return response


@blueprint.get("/login/code")
def login_code() -> Response | str:
    """Where somebody whose password was right gives the code of their second factor."""
    if kept_half() is None:
        return redirect(url_for("desk.login"))
    return render_template("desk/login_code.html", wrong=False)


@blueprint.post("/login/code")
def check_login_code() -> Response | tuple[str, int]:
    """Check the code and begin a session."""
    count_login()
    if (kept := kept_half()) is None:
        session.pop("half", None)
        flash(gettext("That took too long. Log in again."), "warn")
        return redirect(url_for("desk.login"), 303)
    half, path = kept
    try:
        token = finish_sign_in(services().store, half, request.form.get("code", ""), agent())
    except Refused:
        return render_template("desk/login_code.html", wrong=True), 401
    response = redirect(safe_path(path), 303)
    begin(response, token)
    return response


@blueprint.post("/logout")
def log_out() -> Response:
    """End the session."""
    if token := request.cookies.get(cookie_name()):
        sign_out(services().store, token)
    response = redirect(url_for("desk.login"), 303)
    end(response)
    flash(gettext("You are logged out."), "ok")
    return response


def _login_page(email: str, path: str, *, wrong: bool = False) -> str:
    return render_template("desk/login.html", wrong=wrong, email=email, next=path, sso=sso_offered())
