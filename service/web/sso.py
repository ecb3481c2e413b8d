"""Single sign-on by OpenID Connect: the way to the provider that the operator named, and back.

Authlib does the protocol: the code flow with PKCE, state and nonce, and the checks of the ID token.
"""

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import MismatchingStateError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from flask import Flask, current_app, request, session
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from service.domain.errors import NotFound, NotSignedOn, ProviderAway
from service.domain.user import Identity

log = structlog.get_logger(__name__)

EXTENSION = "saring_sso"

CALLBACK = "/login/oidc/callback"

TIMEOUT = 5.0
"""Seconds that the provider has to take a connection, and again to answer."""

KEEP = 3_600.0
"""Seconds for which the provider's description and keys are kept."""

REST = 5.0
"""Seconds without another try after the provider could not be reached: each would hold a thread for TIMEOUT."""

SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""What an ID token may be signed by: never "none", and nothing that the client's secret could make."""

LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core, section 2)."""

FOREIGN = (
    AuthlibBaseError,
    JoseError,
    RequestException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
)
"""What Authlib raises about a provider that is away, refuses, or answers anything that no provider should."""

STATE = "_state_oidc_"
"""How Authlib's names begin in the session, for our client's name."""


class SingleSignOn:
    """One provider. Its description is fetched when somebody first wants to log in by it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, public_url: str) -> None:
        self.issuer = issuer.rstrip("/")
        self.callback = public_url + CALLBACK
        self._client_id, self._client_secret = client_id, client_secret
        self._lock = Lock()
        self._client: FlaskOAuth2App | None = None
        self._renew_at = self._rest_until = 0.0

    def begin(self) -> Response:
        """The way to the provider. Raises: ProviderAway."""
        # an older start is given up: each takes room in a cookie, which holds 4 kB
        for name in [name for name in session if name.startswith(STATE)]:
            session.pop(name)
        client = self._ready()
        try:
            response: Response = client.authorize_redirect(self.callback)
        except FOREIGN as error:
            raise self._away(error) from error
        return response

    def finish(self) -> Identity:
        """Whom the provider vouches for, once it has sent the browser back. Raises: NotSignedOn, ProviderAway."""
        if refused := request.args.get("error"):
            log.warning("single sign-on was refused", reason=refused[:200])
            raise NotSignedOn("the provider let nobody in")
        client = self._ready()
        try:
            token = client.authorize_access_token(claims_options=self._wanted())
            claims = self._claims(client, token)
        except MismatchingStateError as error:
            log.warning("single sign-on came back to nobody who began it here")
            raise NotSignedOn("begun in another browser, or too long ago") from error
        except RequestException as error:
            raise self._away(error) from error
        except FOREIGN as error:
            # perhaps its keys have changed: the next one looks at them anew
            self._renew_at = 0.0
            log.warning("single sign-on: the provider's answer can't be trusted", reason=_reason(error))
            raise NotSignedOn("the provider's answer can't be trusted") from error
        return self._identity(claims)

    def _ready(self) -> FlaskOAuth2App:
        """The client, with a description of the provider that is young enough. Raises: ProviderAway."""
        with self._lock:
            now = time.monotonic()
            if self._client is not None and now < self._renew_at:
                return self._client
            if now < self._rest_until:
                raise ProviderAway("the provider could not be reached just now")
            # those who come meanwhile still use the old one
            self._renew_at = now + TIMEOUT
        client = self._make()
        try:
            self._check(client.load_server_metadata())
        except FOREIGN as error:
            raise self._away(error) from error
        with self._lock:
            self._client, self._renew_at, self._rest_until = client, time.monotonic() + KEEP, 0.0
        return client

    def _make(self) -> FlaskOAuth2App:
        return FlaskOAuth2App(
            FlaskIntegration("oidc"),
            name="oidc",
            client_id=self._client_id,
            client_secret=self._client_secret,
            server_metadata_url=f"{self.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT,
            },
            user_agent="Saring",
        )

    def _check(self, told: dict[str, Any]) -> None:
        """Take over what a description may say, and no more."""
        if str(told["issuer"]).rstrip("/") != self.issuer:
            raise ValueError(f"it calls itself {str(told['issuer'])[:200]!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not str(told[name]).startswith(("https://", "http://")):
                raise ValueError(f"its {name} is no URL")
        allowed = told.get("id_token_signing_alg_values_supported") or ["RS256"]
        told["id_token_signing_alg_values_supported"] = [name for name in SIGNED_BY if name in allowed]
        methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" not in methods:
            told["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 # a method's name
        told["scope"] = "openid email profile"

    def _wanted(self) -> dict[str, Any]:
        """What an ID token must say: of this provider, for us."""
        return {
            "iss": {"essential": True, "values": [self.issuer, f"{self.issuer}/"]},
            "aud": {"essential": True, "values": [self._client_id]},
        }

    def _claims(self, client: FlaskOAuth2App, token: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the ID token says, and where it says no address, what the provider tells of the same person."""
        claims: Mapping[str, Any] = token["userinfo"]
        if "email" in claims or not client.server_metadata.get("userinfo_endpoint"):
            return claims
        told = client.userinfo(token=token)
        return {**told, **claims} if told.get("sub") == claims["sub"] else claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject, email, name = claims.get("sub"), claims.get("email"), claims.get("name")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            log.warning("single sign-on: the provider names nobody")
            raise NotSignedOn("the provider names nobody")
        sure = claims.get("email_verified") in (True, "true") and isinstance(email, str)
        called = name if isinstance(name, str) else ""
        return Identity(f"{self.issuer} {subject}", str(email) if sure else None, called)

    def _away(self, error: Exception) -> ProviderAway:
        self._rest_until = time.monotonic() + REST
        log.warning("single sign-on: the provider can't be used", reason=_reason(error))
        return ProviderAway("the provider can't be reached, or doesn't answer as one should")


def init_sso(app: Flask, issuer: str, client_id: str, client_secret: str, public_url: str) -> None:
    """Offer single sign-on by this provider."""
    app.extensions[EXTENSION] = SingleSignOn(issuer, client_id, client_secret, public_url)


def sso_offered() -> bool:
    """True where the operator has set a provider."""
    return EXTENSION in current_app.extensions


def sso() -> SingleSignOn:
    """The provider. Raises: NotFound, where there is none."""
    if not sso_offered():
        raise NotFound("no single sign-on here")
    provider: SingleSignOn = current_app.extensions[EXTENSION]
    return provider


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
