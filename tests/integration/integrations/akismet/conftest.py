"""A client of Akismet's format, by Flask's test client and over a socket."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.domain.compat import Compat
from service.moderation.sites import Credentials
from service.settings import Settings
from service.store import Store
from service.store.comments import Comments
from service.store.compat import CompatSettings
from service.store.rows import CommentRow
from tests.clients.live import served

HOST = "akismet.test"

SPAM = {
    "id": "Obat kuat murah, klik di sini: http://obat-kuat.example dapat bonus 100%",
    "en": "Buy cheap viagra online http://pills.example click here now",
}
INSULT = {"id": "Dasar goblok, otakmu kosong, bangsat!", "en": "You are a stupid idiot, shut up you moron"}
THANKS = {
    "id": "Terima kasih atas tulisannya, sangat membantu.",
    "en": "Thank you for this article, it was very helpful.",
}


@dataclass(frozen=True)
class Akismet:
    """Calls with a key in the body."""

    client: FlaskClient
    key: str
    store: Store
    site_id: str

    def post(self, call: str, **fields: Any) -> TestResponse:
        """A form, with the key and a blog unless they are given; None leaves one out."""
        sent = {"api_key": self.key, "blog": "https://news.example/", **fields}
        form = {name: value for name, value in sent.items() if value is not None}
        return self.client.post(f"/1.1/{call}", data=form, content_type="application/x-www-form-urlencoded")

    def check(self, text: str | None, **fields: Any) -> TestResponse:
        """A comment of Sari's is checked."""
        return self.post("comment-check", **{**sari(text), **fields})

    def comments(self) -> list[CommentRow]:
        """What is stored, the newest first."""
        with self.store.read() as tx:
            return Comments(tx, self.site_id).page()

    def choose(self, **choices: Any) -> None:
        """The site settles on what is not the default."""
        with self.store.begin() as tx:
            CompatSettings(tx, self.site_id).put(replace(Compat(), budget_ms=5_000, **choices))


def sari(text: str | None) -> dict[str, Any]:
    """What a client says of a comment."""
    return {
        "user_ip": "192.0.2.10",
        "comment_type": "comment",
        "comment_author": "Sari",
        "comment_author_email": "Sari@Example.com",
        "permalink": "https://news.example/story-1",
        "comment_content": text,
    }


def body(answer: TestResponse) -> str:
    """The word, of an answer that is as all of this format must be."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert "Transfer-Encoding" not in answer.headers
    return answer.text


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a name for Akismet's clients."""
    return replace(settings, akismet_host=HOST)


@pytest.fixture
def akismet(app: APIFlask, site: Credentials, store: Store) -> Akismet:
    """A client with the site's key, and time enough for a busy machine."""
    made = Akismet(app.test_client(), site.api_key, store, site.site_id)
    made.choose()
    return made


@pytest.fixture
def port(services: Services, akismet: Akismet) -> Iterator[int]:
    """The port of a live server."""
    with served(services) as url:
        yield int(url.rpartition(":")[2])
