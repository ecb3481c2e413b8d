"""Logging in and out."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint, safe_path
from service.desk.speech import gettext
from service.domain.errors import Refused
from service.moderation.sign_in import sign_in, sign_out
from service.web.current import services
from service.web.sessions import begin, cookie_name, end, signed_in


@blueprint.get("/")
def home() -> Response:
    """The desk is where people work."""
    return redirect(url_for("desk.queue"))


@blueprint.get("/login")
def login() -> Response | str:
    """The login page."""
    if signed_in():
        return redirect(safe_path(request.args.get("next")))
    return render_template("desk/login.html", wrong=False, email="", next=request.args.get("next", ""))


@blueprint.post("/login")
def log_in() -> Response | tuple[str, int]:
    """Check the password and begin a session."""
    email, path = request.form.get("email", ""), request.form.get("next", "")
    try:
        token = sign_in(services().store, email, request.form.get("password", ""))
    except Refused:
        return render_template("desk/login.html", wrong=True, email=email, next=path), 401
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
