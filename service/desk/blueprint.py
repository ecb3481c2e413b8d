"""What all pages of the desk share: one blueprint, its guard, its error pages, what templates may call."""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import flash, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from rcssmin import cssmin
from rjsmin import jsmin
from werkzeug.wrappers import Response

from service.desk import labels, words
from service.desk.speech import gettext, locale, ngettext
from service.domain.errors import Conflict, Invalid, NotFound, Refused, TooManyRequests
from service.domain.preferences import THEMES, Preferences
from service.domain.user import Role
from service.moderation.card import is_worst
from service.moderation.kindness import preferences_of
from service.web.current import services
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

STATIC = Path(__file__).parent / "static"
LEAN: Mapping[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}
"""What of our own is sent without its comments and spaces; libraries come as they were published."""

THEME_COOKIE = "saring_theme"
KEYS_COOKIE = "saring_keys"
YEAR = 31_536_000
"""Seconds that a browser remembers what was chosen in it."""


@blueprint.context_processor
def names() -> dict[str, Any]:
    """What every template of the desk may call."""
    person = signed_in()
    return {
        "Role": Role,
        "asset": asset,
        "chosen": chosen(),
        "is_worst": is_worst,
        "keys_on": keys_on(),
        "language": str(locale()),
        "languages": LANGUAGES,
        "membership": membership() if person and person.memberships else None,
        "person": person,
        "second_reader": services().stack is not None,
        "theme": theme(),
        "themes": THEMES,
        "words": words,
    }


def chosen() -> Preferences:
    """What the person who asks has chosen, looked up once."""
    if "chosen" not in g:
        person = signed_in()
        g.chosen = preferences_of(services().store, person.id) if person else Preferences()
    found: Preferences = g.chosen
    return found


def theme() -> str:
    """The theme of this browser, else the person's."""
    kept = request.cookies.get(THEME_COOKIE)
    return kept if kept in THEMES else chosen().theme


def keys_on() -> bool:
    """Whether single keys decide: in this browser, else as the person chose."""
    kept = request.cookies.get(KEYS_COOKIE)
    return kept == "on" if kept in {"on", "off"} else chosen().single_keys


@blueprint.after_request
def lean(response: Response) -> Response:
    """Send style sheets and scripts small, and zipped to whoever takes that; browsers keep what is named with its fingerprint.

    Pages stay as they are: what is secret in them could be guessed from how well they zip (BREACH, CVE-2013-3587).
    """
    if request.endpoint != "desk.static" or response.status_code != HTTPStatus.OK:
        return response
    if "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    name = (request.view_args or {}).get("filename", "")
    if Path(name).suffix in LEAN:
        response.close()
        response.headers["Vary"] = "Accept-Encoding"
        del response.headers["ETag"]
        if request.accept_encodings["gzip"]:
            response.set_data(_zipped(name))
            response.headers["Content-Encoding"] = "gzip"
        else:
            response.set_data(_lean(name))
    return response


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
    """True when the page's script asks for a part of a page, not a person for a page."""
    return request.headers.get("HX-Request") == "true" or is_closing()


def is_closing() -> bool:
    """True when a page that closes tells what it had not told yet: a beacon has no headers, and nobody reads its answer."""
    return request.method == "POST" and request.form.get("closing") == "1"


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
    return failed(gettext("Not found"), gettext("There is nothing here, or it belongs to another site."), 404)


@blueprint.errorhandler(Refused)
def refused(_error: Refused) -> tuple[str, int]:
    """For people whose role isn't enough."""
    return failed(
        gettext("Not allowed"), gettext("Your role on this site does not allow this. An admin can change it."), 403
    )


@blueprint.errorhandler(Conflict)
def overtaken(_error: Conflict) -> tuple[str, int] | Response:
    """Somebody else was faster."""
    if is_script():
        return failed("", gettext("Somebody else is working on that comment at this moment."), 409)
    flash(gettext("Somebody else is working on that comment at this moment."), "warn")
    return back()


@blueprint.errorhandler(Invalid)
def unreadable(error: Invalid) -> tuple[str, int]:
    """An address or a form that asks for what can't be."""
    return failed(gettext("This can't be shown"), labels.fault(error), 422)


@blueprint.errorhandler(CSRFError)
def untrusted(_error: CSRFError) -> tuple[str, int] | Response:
    """A form without its page's token: an old page, or another site's."""
    return failed(
        gettext("This page is too old"), gettext("Open it again and repeat what you did. Nothing was changed."), 400
    )


@blueprint.errorhandler(TooManyRequests)
def too_many(error: TooManyRequests) -> tuple[str, int, dict[str, str]]:
    """Too many tries to log in from one place."""
    message = ngettext(
        "Too many tries to log in came from your address. Try again in %(num)s second.",
        "Too many tries to log in came from your address. Try again in %(num)s seconds.",
        error.retry_after,
    )
    page, status = failed(gettext("Too many tries"), message, 429)
    return page, status, {"Retry-After": str(error.retry_after)}


def failed(title: str, message: str, status: int) -> tuple[str, int]:
    """A page that says what went wrong, or for a script a message."""
    if is_script():
        return render_template("desk/_toast.html", message=message, kind="warn"), status
    return render_template("desk/error.html", title=title, message=message), status


@cache
def _lean(name: str) -> bytes:
    path = STATIC / name
    return path.read_bytes() if "/" in name else LEAN[path.suffix](path.read_text("utf-8")).encode()


@cache
def _zipped(name: str) -> bytes:
    return gzip.compress(_lean(name), mtime=0)


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
