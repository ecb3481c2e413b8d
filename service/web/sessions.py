"""Who is at the desk, for which site and in which language; and the headers that keep their pages safe."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import Refused
from service.domain.user import Role
from service.moderation.sign_in import LONGEST, HalfIn, SignedIn, hash_of, who
from service.store.users import Membership
from service.web.current import services

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}

# where the desk keeps its words; a path and not an import, since the desk stands above
TRANSLATIONS = Path(__file__).parent.parent / "desk" / "translations"

LANGUAGE_COOKIE = "saring_language"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy of every page: only our own files, nothing inline, nothing from elsewhere. What commenters write is
escaped; this holds if that ever fails."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

HALF_IN = timedelta(minutes=5)
"""How long somebody whose password was right may take for the code."""

LONGEST_PATH = 500
"""Characters kept of a page to go on to: a cookie holds 4 kB."""

csrf = CSRFProtect()

P = ParamSpec("P")

Answer = AnyResponse | str | tuple[str, int]
"""What a view of the desk returns."""


def init_sessions(app: Flask) -> None:
    """Set up sessions, languages, CSRF tokens and headers of pages, for an app that has its services and its secret key."""
    https = app.extensions["saring"].settings.public_url.startswith("https:")
    app.config.update(
        SESSION_COOKIE_SECURE=https,
        # see `cookie_name`: another host's would hold another one's CSRF token, or half a login
        SESSION_COOKIE_NAME="__Host-saring_page" if https else "saring_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # the API's callers have keys and no cookies; the desk asks for a token itself, see `guard`
        WTF_CSRF_CHECK_DEFAULT=False,
        # a moderator works on one page all day
        WTF_CSRF_TIME_LIMIT=None,
        # behind a proxy the Referer's host may differ from ours; the token and SameSite do the work
        WTF_CSRF_SSL_STRICT=False,
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
        BABEL_DEFAULT_LOCALE="en",
    )
    csrf.init_app(app)
    Babel(app, locale_selector=language)
    app.after_request(protect)


def guard() -> None:
    """For the desk's blueprints, before each request: changing anything needs the page's token."""
    csrf.protect()


def protect(response: Response) -> Response:
    """Add the headers of an HTML page, where the page has none of its own."""
    if response.mimetype == "text/html":
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response


def signed_in() -> SignedIn | None:
    """Who sent this request, looked up once."""
    if "signed_in" not in g:
        token = request.cookies.get(cookie_name())
        g.signed_in = who(services().store, token) if token else None
    found: SignedIn | None = g.signed_in
    return found


def membership() -> Membership:
    """The site that the person works on now, and as what: the one chosen, or the first.

    Raises: Refused, for a person without any site.
    """
    person = signed_in()
    of_site = {found.site_id: found for found in person.memberships} if person else {}
    if not of_site:
        raise Refused("you are no member of any site")
    return of_site.get(session.get("site", ""), next(iter(of_site.values())))


def needs(role: Role) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """For a view that only people of a role may ask for; others are sent to the login or refused."""

    def wrap(view: Callable[P, Answer]) -> Callable[P, Answer]:
        @wraps(view)
        def asked(*args: P.args, **kwargs: P.kwargs) -> Answer:
            if signed_in() is None:
                return _to_login()
            if not membership().role.allows(role):
                raise Refused(f"this needs the role {role.value}")
            return view(*args, **kwargs)

        return asked

    return wrap


def needs_login(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """For a view about the person and no site; others are sent to the login."""

    @wraps(view)
    def asked(*args: P.args, **kwargs: P.kwargs) -> Answer:
        return _to_login() if signed_in() is None else view(*args, **kwargs)

    return asked


def this_person() -> SignedIn:
    """Who sent this request, in a view that nobody else reaches. Raises: Refused."""
    person = signed_in()
    if person is None:
        raise Refused("nobody is logged in")
    return person


def this_session() -> str:
    """The hash of this request's own session token."""
    return hash_of(request.cookies.get(cookie_name(), ""))


def agent() -> str:
    """What the browser calls itself."""
    return request.user_agent.string


def begin(response: AnyResponse, token: str) -> None:
    """Hand the browser its session."""
    session.clear()
    response.set_cookie(cookie_name(), token, max_age=LONGEST, httponly=True, samesite="Lax", secure=_https(), path="/")


def keep_half(half: HalfIn, path: str) -> None:
    """Remember, in this browser's signed cookie, who still owes a code, and the page to go on to."""
    session.clear()
    until = (services().clock() + HALF_IN).isoformat()
    session["half"] = {"user": half.user_id, "mark": half.mark, "until": until, "next": path[:LONGEST_PATH]}


def kept_half() -> tuple[HalfIn, str] | None:
    """Who owes a code, and the page to go on to; None when nobody does, or for too long."""
    kept = session.get("half")
    if not kept or datetime.fromisoformat(kept["until"]) <= services().clock():
        return None
    return HalfIn(kept["user"], kept["mark"]), kept["next"]


def end(response: AnyResponse) -> None:
    """Take the browser's session away."""
    session.clear()
    response.delete_cookie(cookie_name(), path="/", secure=_https(), httponly=True, samesite="Lax")


def cookie_name() -> str:
    """The session cookie's name; with __Host- no other host of the domain can set it (RFC 6265bis, 4.1.3.2)."""
    return "__Host-saring" if _https() else "saring"


def language() -> str:
    """The person's choice, else this browser's, else what it asks for."""
    person = signed_in()
    chosen = (person.language if person else None) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES), default="en") or "en"


def keep_language(response: AnyResponse, chosen: str) -> None:
    """Remember a language in this browser for a year."""
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="Lax", secure=_https(), httponly=True)


def _https() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _to_login() -> AnyResponse:
    """The login page; to a script's request a refusal that it can tell from a page."""
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": url_for("desk.login")})
    return redirect(url_for("desk.login", next=request.full_path.rstrip("?") if request.method == "GET" else None))
