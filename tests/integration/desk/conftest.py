"""People at the desk, and a queue with something in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from service.bootstrap import Services
from service.domain.comment import NewComment, Status
from service.moderation import sign_in
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials
from service.store import Store
from service.store.rows import CommentRow
from tests.browser.stage import PASSWORD, put_in_queue, stored
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.browser import Browser
from tests.integration.desk.history import History


@dataclass(frozen=True)
class Queued:
    """Puts comments into a site's queue, and looks them up."""

    services: Services
    site_id: str

    def __call__(self, risk: float = 1.0, **fields: object) -> CommentRow:
        """A flagged comment with a risk."""
        return self.add(a_comment(**fields), risk)

    def add(self, new: NewComment, risk: float = 1.0) -> CommentRow:
        """The same of a comment that is there."""
        return put_in_queue(self.services, self.site_id, new, risk)

    def now(self, comment_id: str) -> CommentRow:
        """The comment as it stands."""
        return stored(self.services, self.site_id, comment_id)

    def status(self, comment_id: str) -> Status:
        """Its status."""
        return self.now(comment_id).status


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing costs a tenth of a second for good reason, but not here; `test_sign_in` looks at the real one."""
    monkeypatch.setattr(sign_in, "hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def queued(services: Services, site: Credentials) -> Queued:
    """For the first site."""
    return Queued(services, site.site_id)


@pytest.fixture
def elsewhere(services: Services, other_site: Credentials) -> Queued:
    """For the other site."""
    return Queued(services, other_site.site_id)


@pytest.fixture
def ayu(services: Services, site: Credentials) -> str:
    """A moderator's id."""
    return add_user(services.store, "ayu@news.example", "Ayu", PASSWORD, site.site_id, "moderator")


@pytest.fixture
def bima(services: Services, site: Credentials) -> str:
    """Another moderator's id."""
    return add_user(services.store, "bima@news.example", "Bima", PASSWORD, site.site_id, "moderator")


@pytest.fixture
def browse(app: APIFlask, services: Services, site: Credentials) -> Callable[[str], Browser]:
    """A logged-in browser of somebody with a role, such as `browse("lead")`."""

    def log_in(role: str) -> Browser:
        add_user(services.store, f"{role}@news.example", role.title(), PASSWORD, site.site_id, role)
        browser = Browser(app.test_client())
        browser.log_in(f"{role}@news.example")
        return browser

    return log_in


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """A browser nobody is logged in with."""
    return app.test_client()


@pytest.fixture
def noon(clock: Clock) -> datetime:
    """The middle of a day, at which the clock stands."""
    clock.now = clock.now.replace(hour=12, minute=0, second=0, microsecond=0)
    return clock.now


@pytest.fixture
def history(store: Store, site: Credentials, noon: datetime) -> History:
    """Of the first site."""
    return History(store, site.site_id)
