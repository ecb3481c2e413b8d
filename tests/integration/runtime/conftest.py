"""A broker that tests may stop, and workers on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.runtime.broker import Waker, waker
from service.runtime.embedded import EmbeddedBroker, embedded_broker
from service.settings import Settings
from tests.integration.runtime.webs import Web
from tests.ports import a_free_port
from tests.unit.runtime.tree import until

ROOT = Path(__file__).parents[3]


class Broker:
    """A real broker that can be stopped and started again."""

    def __init__(self, server: EmbeddedBroker) -> None:
        self.server = server
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.server.prepare()
        self.process = subprocess.Popen(self.server.argv())
        until(self.server.answers)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A running broker of the test's own."""
    broker = Broker(embedded_broker(tmp_path))
    broker.start()
    yield broker
    broker.kill()
    broker.server.clean()


@pytest.fixture
def own_settings(tmp_path: Path) -> Settings:
    """Settings of an embedded Saring."""
    return Settings.from_env({"SARING_DATA_DIR": str(tmp_path)})


@pytest.fixture
def wake(own_settings: Settings) -> Waker:
    """The waker of one process."""
    return waker(own_settings)


class Worker:
    """A Celery worker whose tasks write their names to a file."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.done = settings.data_dir / f"{name}.done"
        self.done.touch()
        self.log = settings.data_dir / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.runtime.errands", str(self.done)],
                cwd=ROOT,
                env={**os.environ, "SARING_DATA_DIR": str(settings.data_dir)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def count(self, task: str) -> int:
        """How often a task of this name has run."""
        return self.done.read_text().split().count(task)

    def pool(self) -> list[int]:
        """The processes of its pool."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


@pytest.fixture
def start_worker(own_settings: Settings, own_broker: Broker, wake: Waker) -> Iterator[Callable[[], Worker]]:
    """Starts a worker, and waits until it answers."""
    workers: list[Worker] = []

    def start() -> Worker:
        workers.append(Worker(own_settings, f"worker-{len(workers)}"))
        end = time.monotonic() + 15

        def answers() -> bool:
            assert time.monotonic() < end, workers[-1].log.read_text()
            wake.pulse()
            time.sleep(0.1)
            return workers[-1].count("pulse") > 0

        until(answers, seconds=20)
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.poll() is None:
            os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait()


@pytest.fixture
def web_settings(settings: Settings) -> Settings:
    """Settings with a free port."""
    return replace(settings, port=a_free_port())


@pytest.fixture
def webs() -> Iterator[list[Web]]:
    """Web servers that are started by the test; what is left of them at its end is killed."""
    started: list[Web] = []
    yield started
    for web in started:
        if web.process.poll() is None:
            web.process.kill()
            web.process.wait()
