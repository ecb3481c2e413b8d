"""Logging in by single sign-on."""

import re

from flask import redirect, request, session
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint, failed, safe_path
from service.desk.speech import gettext
from service.domain.errors import NoAccount, NotSignedOn, ProviderAway
from service.moderation.single_sign_on import sign_on
from service.web.current import services
from service.web.rates import count_login
from service.web.sessions import LONGEST_PATH, agent, begin
from service.web.sso import sso

INVITATION = re.compile(r"/invitations/([A-Za-z0-9_-]{43})")
"""The page of an invitation, to which a person without an account may want to go on."""


@blueprint.get("/login/oidc")
def login_oidc() -> Response:
    """The way to the provider: a link and no form, since a form may not lead to another host."""
    provider = sso()
    count_login()
    session["next"] = request.args.get("next", "")[:LONGEST_PATH]
    return provider.begin()


@blueprint.get("/login/oidc/callback")
def login_oidc_callback() -> Response:
    """The way back: whom the provider vouches for is logged in, if anybody has let them in here."""
    provider = sso()
    count_login()
    path = session.get("next", "")
    brought = INVITATION.fullmatch(path)
    token = sign_on(services().store, provider.finish(), brought[1] if brought else None, agent())
    response = redirect(safe_path(path), 303)
    begin(response, token)
    return response


@blueprint.errorhandler(ProviderAway)
def provider_away(_error: ProviderAway) -> tuple[str, int]:
    """The provider doesn't answer."""
    message = gettext("The service that vouches for you does not answer. Try again soon, or log in with a password.")
    return failed(gettext("Single sign-on is away"), message, 503)


@blueprint.errorhandler(NotSignedOn)
def not_signed_on(_error: NotSignedOn) -> tuple[str, int]:
    """Broken off, or not to be trusted."""
    message = gettext(
        "You were not logged in: single sign-on was broken off, or its answer can't be trusted. Begin again."
    )
    return failed(gettext("Single sign-on did not work"), message, 403)


@blueprint.errorhandler(NoAccount)
def no_account(_error: NoAccount) -> tuple[str, int]:
    """Somebody whom nobody here has let in."""
    message = gettext(
        "You have no account here, or it belongs to somebody else there. Ask an admin to invite your address."
    )
    return failed(gettext("Nobody has invited you yet"), message, 403)
