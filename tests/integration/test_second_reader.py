"""Whether there is a second reader, which one, and what is said about it. Everything works without."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from classifier import Classifier
from classifier.reader import ReaderError
from classifier.reader.stack import Stack
from service import bootstrap
from service.bootstrap import Services, build
from service.cli import main
from service.domain.comment import Status, readers_of
from service.moderation.accept import accept
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.settings import Settings
from service.store.comments import Comments
from tests.conftest import one_database
from tests.encoder import Encoder
from tests.factories import a_comment

NOT_INSTALLED = "not installed: pip install 'saring[reader]'"

pytestmark = one_database

Built = Callable[..., Services]


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """The folders that second readers were loaded from: they can be, whatever is in there."""
    asked: list[Path | None] = []

    def stacked(first: Classifier, path: Path | None) -> Stack:
        asked.append(path)
        return Stack.of(first, Encoder())

    monkeypatch.setattr(bootstrap, "stacked", stacked)
    return asked


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def stacked(_first: Classifier, _path: Path | None) -> Stack:
        raise ReaderError(NOT_INSTALLED)

    monkeypatch.setattr(bootstrap, "stacked", stacked)


@pytest.fixture
def built(settings: Settings, model: Classifier) -> Iterator[Built]:
    """Builds services with other settings."""
    made: list[Services] = []

    def build_with(**other: object) -> Services:
        made.append(build(replace(settings, **other)))  # type: ignore[arg-type]
        made[-1].__dict__["classifier"] = model
        return made[-1]

    yield build_with
    for services in made:
        services.waker.lose_reader()
        services.live.close()
        services.sender.close()
        services.store.close()


def test_the_shipped_one_reads_where_none_was_added(built: Built, folders: list[Path | None]) -> None:
    services = built()
    assert services.reader_state == "on second"
    assert services.stack is not None
    assert readers_of(services.stack.version) == (services.classifier.version, "second")
    assert folders == [None]


def test_the_newest_that_was_added_goes_before_it_and_a_chosen_one_before_all(
    built: Built, folders: list[Path | None], settings: Settings
) -> None:
    added = [settings.data_dir / "models" / name for name in ("b", "a", "first-reader")]
    for age, folder in enumerate(added):
        folder.mkdir(parents=True)
        if folder.name != "first-reader":
            (folder / "about.json").touch()
        os.utime(folder, (1_000 + age, 1_000 + age))
    assert built().stack
    assert built(reader=str(added[0])).stack
    assert folders == [added[1], added[0]]


def test_off_is_off(built: Built, folders: list[Path | None]) -> None:
    services = built(reader="off")
    assert (services.stack, services.reader_state, services.handover, folders) == (None, "off", None, [])


@pytest.mark.usefixtures("not_installed")
def test_without_the_extra_everything_works_and_one_line_says_so(built: Built, site: Credentials) -> None:
    services = built()
    with capture_logs() as lines:
        assert services.stack is None
        assert services.stack is None
        services.show_reader()
    assert [line["reason"] for line in lines] == [NOT_INSTALLED]
    assert services.reader_state == NOT_INSTALLED
    [sent] = accept([a_comment()], site.site_id, services.store, lambda: None)
    assert score_batch(services.store, services.classifier, limit=10, lease=30, handover=services.handover) == 1
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).get(sent.id)
    assert row is not None
    assert (row.status, readers_of(row.model_version)) == (Status.APPROVED, (services.classifier.version,))


@pytest.mark.usefixtures("folders")
def test_a_reader_that_shows_itself_is_handed_comments_and_woken(built: Built, site: Credentials) -> None:
    services = built()
    [sent] = accept([a_comment()], site.site_id, services.store, lambda: None)
    woken: list[str] = []
    services.__dict__["waker"] = Woken(services, woken)
    services.show_reader()
    score_batch(services.store, services.classifier, limit=10, lease=30, handover=services.handover)
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).get(sent.id)
    assert row is not None
    assert row.status is Status.PENDING
    assert woken == ["read_again"]


class Woken:
    """The real waker, but for wake-ups, which it notes."""

    def __init__(self, services: Services, woken: list[str]) -> None:
        self.real = services.waker
        self.woken = woken

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def __call__(self, task: str) -> None:
        self.woken.append(task)


def doctor(settings: Settings, **env: str) -> Result:
    return saring(settings, "doctor", **env)


def saring(settings: Settings, *arguments: str, **env: str) -> Result:
    at = {
        "SARING_DATA_DIR": str(settings.data_dir),
        "SARING_DATABASE_URL": settings.database_url,
        "SARING_REDIS_URL": str(settings.redis_url),
    }
    return CliRunner().invoke(main, arguments, env={**at, **env})


@pytest.mark.usefixtures("folders", "site")
def test_a_policy_is_tried_with_the_readers_that_there_are(settings: Settings) -> None:
    assert saring(settings, "policy", "try", "news.example", "Halo semua").stderr.endswith("+second\n")
    alone = saring(settings, "policy", "try", "news.example", "Halo semua", SARING_READER="off").stderr
    assert alone.startswith("read by ")
    assert "+" not in alone


@pytest.mark.usefixtures("not_installed")
def test_the_doctor_tells_of_a_missing_one_and_finds_nothing_wrong(settings: Settings) -> None:
    told = doctor(settings)
    assert (told.exit_code, f"ok    reader    {NOT_INSTALLED}" in told.output) == (0, True)
    assert "ok    reader    off" in doctor(settings, SARING_READER="off").output


@pytest.mark.usefixtures("folders")
def test_the_doctor_tells_whether_a_process_reads(built: Built, settings: Settings) -> None:
    assert "reader    on second, no process reads now" in doctor(settings).output
    built().show_reader()
    assert "ms for 100 characters" in doctor(settings).output


@pytest.mark.usefixtures("not_installed")
def test_the_doctor_finds_a_chosen_one_wrong_that_can_not_be_used(settings: Settings, tmp_path: Path) -> None:
    told = doctor(settings, SARING_READER=str(tmp_path))
    assert told.exit_code == 1
    assert "SARING_READER" in told.output
