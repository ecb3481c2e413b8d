"""A client of the native API for tests."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Api:
    """Calls with a site's key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client = client
        self.key = key

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any call; options as Flask's test client takes them."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: object, **options: Any) -> TestResponse:
        """POST a JSON body."""
        return self.call("POST", path, json=json, **options)

    def delete(self, path: str) -> TestResponse:
        """DELETE."""
        return self.call("DELETE", path)
