"""The second reader as a process of its own: it reads, and its end loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.bootstrap import Services, build
from service.domain.comment import Status
from service.moderation.accept import accept
from service.moderation.score import score_batch
from service.moderation.sites import Credentials, add_site
from service.moderation.sweep import sweep
from service.runtime.supervisor import NOT_NEEDED
from service.settings import Settings
from service.store.comments import Comments
from service.store.migrations import upgrade
from service.store.rows import CommentRow
from tests.encoder import WORSE
from tests.factories import a_comment
from tests.integration.runtime.conftest import Broker
from tests.unit.runtime.tree import until

ROOT = Path(__file__).parents[3]


@pytest.fixture
def here(own_settings: Settings, own_broker: Broker) -> Iterator[Services]:
    """What a scorer's process works with."""
    made = build(own_settings)
    upgrade(made.store)
    yield made
    made.live.close()
    made.sender.close()
    made.store.close()


@pytest.fixture
def site_here(here: Services) -> Credentials:
    return add_site("news.example", None, here.store, allow_private=True)


@pytest.fixture
def start_reader(here: Services) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Starts a reader, and waits until it shows itself."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        log = here.settings.data_dir / "reader.log"
        command = [sys.executable, "-m", "tests.integration.runtime.second", "worker", "--queue", "read"]
        env = {**os.environ, "SARING_DATA_DIR": str(here.settings.data_dir)}
        with log.open("w") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
        started.append(process)

        def shows_itself() -> bool:
            assert process.poll() is None, log.read_text()
            here.waker.pulse()
            time.sleep(0.1)
            return here.waker.reader_pace() is not None

        until(shows_itself, seconds=60)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def send(here: Services, site: Credentials) -> CommentRow:
    """A comment that was scored by the first reader, as it stands then."""
    [sent] = accept([a_comment(text=WORSE)], site.site_id, here.store, lambda: None)
    score(here)
    return comment(here, site, sent.id)


def score(here: Services) -> int:
    return score_batch(here.store, here.classifier, limit=100, lease=30, handover=here.handover)


def comment(here: Services, site: Credentials, id: str) -> CommentRow:
    with here.store.read() as tx:
        row = Comments(tx, site.site_id).get(id)
    assert row is not None
    return row


def test_what_is_held_is_decided_by_both_readers(
    here: Services, site_here: Credentials, start_reader: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    process = start_reader()
    assert (here.settings.data_dir / "gave-way").exists()
    held = send(here, site_here)
    assert held.status is Status.PENDING
    until(lambda: comment(here, site_here, held.id).status is Status.REJECTED, seconds=20)
    process.terminate()
    assert process.wait(20) == 0


def test_a_reader_that_is_killed_leaves_all_to_the_first(
    here: Services, site_here: Credentials, start_reader: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    process = start_reader()
    os.killpg(process.pid, signal.SIGSTOP)
    held = send(here, site_here)
    assert held.status is Status.PENDING
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    until(lambda: sweep(here.store, here.clock).stale_pending, seconds=10)
    assert score(here) == 1
    assert comment(here, site_here, held.id).model_version == here.classifier.version
    # and from here on nothing is held for it
    assert here.waker.reader_pace() is None
    assert send(here, site_here).status is Status.APPROVED


def test_without_a_second_reader_its_process_says_so_and_leaves(own_settings: Settings, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "service.cli", "worker", "--queue", "read", "--or-leave"],
        env={**os.environ, "SARING_DATA_DIR": str(own_settings.data_dir), "SARING_READER": str(empty)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == NOT_NEEDED
    assert run.stderr.count("there is no second reader, the first works alone") == 1
