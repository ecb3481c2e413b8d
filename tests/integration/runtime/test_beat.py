"""The sweeper: finds what was missed, and works without a broker."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.bootstrap import Services, build
from service.cli import worker
from service.cli.worker import Sweeper, run_beat
from service.moderation.sweep import Waiting
from service.runtime.heartbeat import age, heartbeat_path, node
from service.settings import Settings
from service.store.migrations import upgrade
from tests.unit.runtime.tree import until


class Calls:
    """Stands for the waker: what was published."""

    def __init__(self) -> None:
        self.poked: list[str] = []
        self.pulses = 0

    def poke(self, task: str) -> None:
        self.poked.append(task)

    def pulse(self) -> None:
        self.pulses += 1


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """How long the longest waiting have waited, for the tests to set; and what the sweeper did about it."""
    now = SimpleNamespace(pending=0.0, due=0.0, scored=0, delivered=0)

    def score(*_: object, **__: object) -> int:
        now.scored += 1
        return 1

    def deliver(*_: object, **__: object) -> int:
        now.delivered += 1
        return 1

    monkeypatch.setattr(worker, "sweep", lambda *_: Waiting(now.pending, now.due))
    monkeypatch.setattr(worker, "score_batch", score)
    monkeypatch.setattr(worker, "deliver_due", deliver)
    return now


@pytest.fixture
def services(own_settings: Settings, calls: Calls) -> Services:
    made = build(own_settings)
    made.__dict__.update(waker=calls, classifier=None)
    return made


@pytest.fixture
def sweeper(services: Services, tmp_path: Path) -> Sweeper:
    return Sweeper(services, tmp_path / "beat.heartbeat")


def test_nobody_is_woken_when_nothing_is_stale(sweeper: Sweeper, waiting: SimpleNamespace, calls: Calls) -> None:
    waiting.pending = 0.5
    sweeper.sweep()
    assert calls.poked == []


def test_stale_rows_wake_those_who_take_them(sweeper: Sweeper, waiting: SimpleNamespace, calls: Calls) -> None:
    waiting.pending = waiting.due = 5.0
    sweeper.sweep()
    assert calls.poked == ["score_pending", "deliver_due"]
    assert (waiting.scored, waiting.delivered) == (0, 0)


def test_what_nobody_takes_it_does_itself(
    sweeper: Sweeper, waiting: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "NEGLECT_SECONDS", 0.0)
    waiting.pending = 5.0
    sweeper.sweep()
    assert (waiting.scored, waiting.delivered) == (1, 0)


def test_a_backlog_that_was_taken_is_forgotten(
    sweeper: Sweeper, waiting: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = SimpleNamespace(now=0.0)
    monkeypatch.setattr("service.cli.worker.time.monotonic", lambda: at.now)
    for at.now, waiting.pending in ((0.0, 5.0), (9.0, 0.0), (11.0, 5.0), (20.0, 5.0)):
        sweeper.sweep()
    assert waiting.scored == 0
    at.now = 21.0
    sweeper.sweep()
    assert waiting.scored == 1


def test_a_round_that_fails_is_counted_and_the_next_one_comes(
    services: Services, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    rounds = 0

    def fail(*_: object) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            stop.set()
        raise OSError("the database is away")

    monkeypatch.setattr(worker, "sweep", fail)
    monkeypatch.setattr(worker, "tidy", lambda *_: iter(()))
    services.__dict__["settings"] = Settings.from_env(
        {"SARING_DATA_DIR": str(services.settings.data_dir), "SARING_SWEEP_SECONDS": "0.1"}
    )
    assert run_beat(services, stop) == 2
    assert calls.pulses == 1


@pytest.fixture
def beat(own_settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """A real one, with no broker."""
    services = build(own_settings)
    upgrade(services.store)
    services.store.close()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "service.cli", "beat"], env={"SARING_DATA_DIR": str(own_settings.data_dir)}
    )
    yield process
    process.kill()
    process.wait()


def test_it_lives_without_a_broker_and_stops_at_once(beat: "subprocess.Popen[bytes]", own_settings: Settings) -> None:
    heartbeat = heartbeat_path(own_settings.data_dir, node("beat"))
    until(lambda: age(heartbeat) is not None, seconds=20)
    assert beat.poll() is None
    beat.send_signal(signal.SIGTERM)
    assert beat.wait(2) == 0
