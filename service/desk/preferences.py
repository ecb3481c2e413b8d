"""What a person chooses for themselves: language, theme, site."""

from flask import abort, request, session
from werkzeug.wrappers import Response

from service.desk.blueprint import THEME_COOKIE, YEAR, back, blueprint
from service.domain.errors import NotFound
from service.domain.preferences import THEMES
from service.domain.user import Role
from service.moderation.sign_in import choose_language
from service.web.current import services
from service.web.sessions import LANGUAGES, keep_language, needs, signed_in


@blueprint.post("/language")
def set_language() -> Response:
    """Read the desk in another language from now on."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    if person := signed_in():
        choose_language(services().store, person.id, chosen)
    response = back()
    keep_language(response, chosen)
    return response


@blueprint.post("/theme")
def set_theme() -> Response:
    """Light, dark or as the system has it."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400)
    response = back()
    response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return response


@blueprint.post("/site")
@needs(Role.VIEWER)
def set_site() -> Response:
    """Work for another of one's sites."""
    person, chosen = signed_in(), request.form.get("site", "")
    if person is None or chosen not in {membership.site_id for membership in person.memberships}:
        raise NotFound("no such site")
    session["site"] = chosen
    session.pop("passed", None)
    return back()
