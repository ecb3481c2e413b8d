"""Real parts for the tests: both databases, a real broker, the shipped model. Only the clock is ours."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

import classifier
from service.bootstrap import Services, build
from service.moderation.sites import Credentials, add_site
from service.runtime.embedded import EmbeddedBroker
from service.settings import Settings
from service.store import Store, migrations
from tests.api import Api
from tests.app import an_app
from tests.servers import database_of, empty_database, in_memory, postgresql_cluster, valkey


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
            connection.exec_driver_sql("ALTER SYSTEM SET full_page_writes = off")
            # each new database is written into the log too, and memory is dear
            connection.exec_driver_sql("ALTER SYSTEM SET max_wal_size = '128MB'")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        admin.dispose()
        store = Store(empty_database(url, "template"), lambda: datetime.now(UTC))
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


@pytest.fixture
def sqlite_file(sqlite_template: Path) -> Iterator[Path]:
    """A fresh migrated SQLite file, in memory where that has room: a disk takes longer for each commit than most tests."""
    with TemporaryDirectory(prefix="saring-sqlite-", dir=in_memory()) as folder:
        yield Path(shutil.copy(sqlite_template, Path(folder, "saring.db")))


one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database has a part in: how a form is read, how a page is written."""

numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh migrated database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('sqlite_file')}"
        return
    url = request.getfixturevalue("postgresql")
    name = f"test_{next(numbers)}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # twice as fast as writing each page into the log
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY")
    yield database_of(url, name)
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
            # all tests log in from one address; those of the limit set their own
            "SARING_LOGIN_RATE": "1000000/minute",
        }
    )


@pytest.fixture
def services(settings: Settings, clock: Clock, model: classifier.Classifier) -> Iterator[Services]:
    """Everything, wired as in production, with the test's clock and a model that is loaded once."""
    made = build(settings, clock)
    made.__dict__["classifier"] = model
    # what is about two readers brings its own second one
    made.__dict__["_stacked"] = None, "off"
    _share_compiled(made.store.engine)
    yield made
    made.live.close()
    made.at_once.close()
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
    return an_app(services)


@pytest.fixture
def api(app: APIFlask, site: Credentials) -> Api:
    """A client with the site's key."""
    return Api(app.test_client(), site.api_key)


@pytest.fixture
def other_api(app: APIFlask, other_site: Credentials) -> Api:
    """A client with the other site's key."""
    return Api(app.test_client(), other_site.api_key)


COMPILED: dict[str, tuple[sa.Dialect, dict[object, object]]] = {}
"""For each kind of database the dialect, which is a part of the keys, and the statements that were compiled in this run."""


def _share_compiled(engine: sa.Engine) -> None:
    """Let an engine use what others on the same kind of database have compiled: each test's own would compile it anew."""
    if engine.dialect.name not in COMPILED:
        # a dialect learns from its first connection which server it talks to
        engine.connect().close()
        COMPILED[engine.dialect.name] = (engine.dialect, {})
    engine.dialect, compiled = COMPILED[engine.dialect.name]
    engine.update_execution_options(compiled_cache=compiled)
