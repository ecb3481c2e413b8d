"""A small provider of single sign-on: OpenID Connect with real keys, on this machine, that can be told to misbehave."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "saring", "a secret of the two: %"


@cache
def a_key(name: str, kid: str | None = None) -> RSAKey:
    """A key pair of this name, made once."""
    return RSAKey.generate_key(2048, {"kid": kid or name})


@dataclass
class Provider:
    """What it says, and how it may be told to say something else."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: a_key("one"))
    description: dict[str, Any] = field(default_factory=dict)
    """Said instead in the discovery document."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Said instead in the ID token; None leaves a claim out."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    signed_by: Any = None
    """Another key than the one that is published, with its algorithm."""
    broken: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By path: a status and a body instead of the right answer."""
    asked: list[str] = field(default_factory=list)
    grants: dict[str, dict[str, str]] = field(default_factory=dict)

    def approve(self, location: str, **claims: Any) -> dict[str, str]:
        """What the provider's login page does with somebody whom it knows: the query of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.url}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        self.claims |= claims
        code = secrets.token_urlsafe(16)
        self.grants[code] = asked
        return {"code": code, "state": asked["state"]}

    def discovery(self) -> dict[str, Any]:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        return {name: value for name, value in {**told, **self.description}.items() if value is not None}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """A token for a code, once, for who began."""
        grant = self.grants.pop(form["code"])
        if authorization:
            assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"
        else:
            assert form["client_secret"] == CLIENT_SECRET
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        assert challenge.decode() == grant["code_challenge"]
        assert form["redirect_uri"] == grant["redirect_uri"]
        now = int(time.time())
        usual = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": grant["nonce"]}
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        return {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": self.sign(claims)}

    def sign(self, claims: dict[str, Any]) -> str:
        if self.signed_by == "none":
            parts = ({"alg": "none"}, claims)
            return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."
        if isinstance(self.signed_by, OctKey):
            return jwt.encode({"alg": "HS256"}, claims, self.signed_by)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.signed_by or self.key)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers until the block ends."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {
                "/.well-known/openid-configuration": told.discovery,
                "/keys": lambda: {"keys": [told.key.as_dict(private=False)]},
                "/userinfo": lambda: told.userinfo,
            }
            self.answer(answers[self.path])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(lambda: told.token(form, self.headers.get("Authorization", "")))

        def answer(self, make: Any) -> None:
            told.asked.append(self.path)
            status, body = told.broken.get(self.path) or (200, "")
            if not body:
                body = json.dumps(make())
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
