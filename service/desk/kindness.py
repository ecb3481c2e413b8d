"""Kind to people: what they choose for themselves, and what they have seen today."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import KEYS_COOKIE, THEME_COOKIE, YEAR, blueprint, chosen, keys_on, theme
from service.desk.hand import user_id
from service.desk.speech import gettext
from service.domain.errors import Invalid
from service.domain.preferences import LONGEST_WORK, Blur, Preferences
from service.domain.user import Role
from service.moderation.kindness import choose, day_of
from service.moderation.sign_in import choose_language
from service.web.current import services
from service.web.sessions import LANGUAGES, keep_language, language, membership, needs


@blueprint.get("/settings/preferences")
@needs(Role.VIEWER)
def preferences() -> str:
    """What the person has chosen, to be changed."""
    now = chosen()
    form = {"blur": now.blur.value, "break_minutes": str(now.break_minutes), "theme": theme(), "language": language()}
    if keys_on():
        form["single_keys"] = "on"
    return _page(form)


@blueprint.post("/settings/preferences")
@needs(Role.VIEWER)
def save_preferences() -> Response | tuple[str, int]:
    """Remember them, for this browser and for all others."""
    form = request.form.to_dict()
    spoken = form.get("language", "")
    try:
        wanted = Preferences.from_form(form)
    except Invalid as error:
        return _page(form, wrong=str(error).split(":")[0]), 422
    if spoken not in LANGUAGES:
        return _page(form, wrong="language"), 422
    store, me = services().store, user_id()
    choose(store, me, wanted)
    choose_language(store, me, spoken)
    response = redirect(url_for("desk.preferences"), 303)
    keep_language(response, spoken)
    # the page's scripts change these two in this browser alone
    for name, value in ((THEME_COOKIE, wanted.theme), (KEYS_COOKIE, "on" if wanted.single_keys else "off")):
        response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    flash(gettext("Saved."), "ok")
    return response


@blueprint.get("/desk/today")
@needs(Role.VIEWER)
def today() -> str:
    """A part of the page: what the person has decided within a day. Of nobody else, and compared with nobody."""
    return render_template("desk/_today.html", day=day_of(services().store, membership().site_id, user_id()))


def _page(form: Mapping[str, str], wrong: str | None = None) -> str:
    blurs = {
        Blur.NEVER: gettext("Never"),
        Blur.WORST: gettext("The worst: threats, hate, sexual and severe texts"),
        Blur.ALL: gettext("All texts"),
    }
    return render_template("desk/preferences.html", form=form, wrong=wrong, blurs=blurs, longest=LONGEST_WORK)
