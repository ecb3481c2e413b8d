"""A browser without script: it keeps cookies and sends forms with their tokens."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.browser.stage import PASSWORD


class Browser:
    """Pages and forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> TestResponse:
        """A page."""
        return self.client.get(path, **options)

    def token(self, path: str = "/desk") -> str:
        """The token of a page's forms."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found, path
        return found.group(1)

    def post(
        self, path: str, form: dict[str, Any] | None = None, *, script: bool = False, page: str = "/desk"
    ) -> TestResponse:
        """A form, as a page or as htmx sends it."""
        headers = {"HX-Request": "true"} if script else {}
        return self.client.post(path, data={"csrf_token": self.token(page), **(form or {})}, headers=headers)

    def log_in(self, email: str, password: str = PASSWORD, **form: str) -> TestResponse:
        """The login form."""
        return self.post("/login", {"email": email, "password": password, **form}, page="/login")
