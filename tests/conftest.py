"""Real parts for the tests: both databases, a real broker, the shipped model. Only the clock is ours."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

import classifier
from service.app import create_app
from service.bootstrap import Services, build
from service.moderation.sites import Credentials, add_site
from service.runtime.embedded import EmbeddedBroker
from service.settings import Settings
from service.store import Store, migrations
from tests.api import Api
from tests.servers import in_memory, postgresql_cluster, valkey


@dataclass
class Clock:
    """A clock that stands still until it's told otherwise."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass: `seconds=3`, `days=1`."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    """The present, standing still."""
    return Clock(datetime.now(UTC))


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """A real broker, for all tests."""
    with valkey() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a real PostgreSQL, with a migrated database `template`."""
    with postgresql_cluster(folder=in_memory()) as url:
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            # a test's database need not survive a power cut
            connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            # each new database is written into the log too, and memory is dear
            connection.exec_driver_sql("ALTER SYSTEM SET max_wal_size = '128MB'")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            connection.exec_driver_sql("CREATE DATABASE template")
        admin.dispose()
        store = Store(_database(url, "template"), lambda: datetime.now(UTC))
        migrations.upgrade(store)
        store.close()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    store = Store(f"sqlite:///{path}", lambda: datetime.now(UTC))
    migrations.upgrade(store)
    # the last connection that closes folds the write-ahead log into the file
    store.close()
    return path


numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database of either kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "saring.db")
        yield f"sqlite:///{tmp_path / 'saring.db'}"
        return
    url = request.getfixturevalue("postgresql")
    name = f"test_{next(numbers)}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template")
    yield _database(url, name)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(scope="session")
def model() -> classifier.Classifier:
    """The shipped model."""
    return classifier.load()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, broker: EmbeddedBroker) -> Settings:
    """Settings on the fresh database and the real broker; callbacks to this machine are allowed."""
    return Settings.from_env(
        {
            "SARING_DATA_DIR": str(tmp_path),
            "SARING_DATABASE_URL": database_url,
            "SARING_REDIS_URL": broker.url,
            "SARING_ALLOW_PRIVATE_CALLBACKS": "1",
            "SARING_CALLBACK_TIMEOUT": "2",
        }
    )


@pytest.fixture
def services(settings: Settings, clock: Clock, model: classifier.Classifier) -> Iterator[Services]:
    """Everything, wired as in production, with the test's clock and a model that is loaded once."""
    made = build(settings, clock)
    made.__dict__["classifier"] = model
    yield made
    made.sender.close()
    made.store.close()


@pytest.fixture
def store(services: Services) -> Store:
    """The store of `services`."""
    return services.store


@pytest.fixture
def site(services: Services) -> Credentials:
    """A registered site."""
    return add_site("news.example", None, services.store, allow_private=True)


@pytest.fixture
def other_site(services: Services) -> Credentials:
    """Another one, which must see nothing of the first."""
    return add_site("other.example", None, services.store, allow_private=True)


@pytest.fixture
def app(services: Services) -> APIFlask:
    """The web application."""
    return create_app(services)


@pytest.fixture
def api(app: APIFlask, site: Credentials) -> Api:
    """A client with the site's key."""
    return Api(app.test_client(), site.api_key)


@pytest.fixture
def other_api(app: APIFlask, other_site: Credentials) -> Api:
    """A client with the other site's key."""
    return Api(app.test_client(), other_site.api_key)


def _database(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")
