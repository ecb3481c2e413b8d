"""What all pages of the desk share: one blueprint, its guard, its error pages, what templates may call."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from service.desk import words
from service.desk.speech import gettext, locale
from service.domain.errors import Conflict, NotFound, Refused
from service.domain.user import Role
from service.web.sessions import LANGUAGES, guard, membership, signed_in

blueprint = APIBlueprint(
    "desk",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/desk/static",
    # pages are not part of the API's description
    enable_openapi=False,
)
blueprint.before_request(guard)

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "saring_theme"
KEYS_COOKIE = "saring_keys"


@blueprint.context_processor
def names() -> dict[str, Any]:
    """What every template of the desk may call."""
    person = signed_in()
    theme = request.cookies.get(THEME_COOKIE)
    return {
        "Role": Role,
        "asset": asset,
        "keys_on": request.cookies.get(KEYS_COOKIE) != "off",
        "language": str(locale()),
        "languages": LANGUAGES,
        "membership": membership() if person and person.memberships else None,
        "person": person,
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "words": words,
    }


@blueprint.app_template_filter()
def web_address(url: str | None) -> str | None:
    """The URL when it leads to a web page; None for anything that a click should not start, such as javascript:."""
    if not url or any(sign <= " " or sign == "\\" for sign in url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def asset(name: str) -> str:
    """The URL of a static file; it changes when the file does, so that browsers may keep it."""
    return url_for("desk.static", filename=name, v=_fingerprint(name))


def is_script() -> bool:
    """True when htmx asks for a part of a page, not a person for a page."""
    return request.headers.get("HX-Request") == "true"


def safe_path(path: str | None) -> str:
    """A path of ours to go on to; anything else becomes the desk."""
    if (
        path
        and path.startswith("/")
        and not path.startswith("//")
        and not any(sign <= " " or sign == "\\" for sign in path)
    ):
        return path
    return url_for("desk.queue")


def back() -> Response:
    """To the page that the form was on."""
    return redirect(safe_path(request.form.get("back")), 303)


@blueprint.errorhandler(NotFound)
@blueprint.errorhandler(404)
def not_found(_error: Exception) -> tuple[str, int]:
    """A comment of another site is not found either."""
    return _failed(gettext("Not found"), gettext("There is nothing here, or it belongs to another site."), 404)


@blueprint.errorhandler(Refused)
def refused(_error: Refused) -> tuple[str, int]:
    """For people whose role isn't enough."""
    return _failed(
        gettext("Not allowed"), gettext("Your role on this site does not allow this. An admin can change it."), 403
    )


@blueprint.errorhandler(Conflict)
def overtaken(_error: Conflict) -> tuple[str, int] | Response:
    """Somebody else was faster."""
    if is_script():
        return _failed("", gettext("Somebody else is working on that comment at this moment."), 409)
    flash(gettext("Somebody else is working on that comment at this moment."), "warn")
    return back()


@blueprint.errorhandler(CSRFError)
def untrusted(_error: CSRFError) -> tuple[str, int] | Response:
    """A form without its page's token: an old page, or another site's."""
    return _failed(
        gettext("This page is too old"), gettext("Open it again and repeat what you did. Nothing was changed."), 400
    )


def _failed(title: str, message: str, status: int) -> tuple[str, int]:
    if is_script():
        return render_template("desk/_toast.html", message=message, kind="warn"), status
    return render_template("desk/error.html", title=title, message=message), status


@cache
def _fingerprint(name: str) -> str:
    path = Path(__file__).parent / "static" / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
