"""`make run` on a fresh clone: a newcomer's first ten minutes, without anything that this machine already has of ours."""

import json
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from tests.ports import a_free_port

ROOT = Path(__file__).parents[2]
FIRST_RUN = {"url", "email", "password", "site", "api_key", "webhook_secret"}

T = TypeVar("T")

INSTALL_SECONDS = 420.0
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Clone:
    """A clone with a data folder and a port of its own."""

    folder: Path
    data_dir: Path
    port: int
    env: dict[str, str]

    @property
    def url(self) -> str:
        """Where it will answer."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What `make` said."""
        return self.folder / "make.log"

    def first_run(self) -> dict[str, str]:
        """What the first start wrote down."""
        told: dict[str, str] = json.loads((self.data_dir / "first-run.json").read_text())
        return told


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A fresh clone of what is committed."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run(["git", "clone", "--quiet", "--local", str(ROOT), str(folder / "saring")], check=True)
    (folder / "home").mkdir()
    yield Clone(folder / "saring", folder / "data", a_free_port(), _newcomer(folder / "home"))
    shutil.rmtree(folder, ignore_errors=True)


def test_a_newcomer_gets_a_working_saring_and_keeps_it(clone: Clone) -> None:
    with made_run(clone) as started:
        keys = clone.first_run()
        assert stat.S_IMODE((clone.data_dir / "first-run.json").stat().st_mode) == 0o600
        assert keys.keys() == FIRST_RUN
        assert all(keys.values())
        assert keys["url"] == clone.url
        comment = {"id": "1", "text": "Terima kasih, tulisan yang bagus", "author": {"id": "a"}}
        posted = _ask(keys, "POST", "/v1/comments", json=comment)
        assert posted["status"] == "pending"
        decided = _until(lambda: _decided(keys, posted["id"]), 60.0)
    assert _left(started, clone) == []

    with made_run(clone) as started:
        assert clone.first_run() == keys
        assert _ask(keys, "GET", f"/v1/comments/{posted['id']}") == decided
    assert _left(started, clone) == []


@contextmanager
def made_run(clone: Clone) -> Iterator[list[psutil.Process]]:
    """`make run`, ready; stopped as by a terminal or service manager, which tell all of its process group.

    Gives the processes that it started, to be looked at afterwards.
    """
    with clone.log.open("a") as log:
        make = subprocess.Popen(
            ["make", "run", f"PORT={clone.port}", f"DATA_DIR={clone.data_dir}"],
            cwd=clone.folder,
            env=clone.env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    started: list[psutil.Process] = []
    try:
        _until(lambda: make.poll() is not None or _ready(clone), INSTALL_SECONDS)
        assert make.poll() is None, clone.log.read_text()
        started += [psutil.Process(make.pid), *psutil.Process(make.pid).children(recursive=True)]
        yield started
        os.killpg(make.pid, signal.SIGTERM)
        make.wait(STOP_SECONDS)
        assert "killed" not in clone.log.read_text(), clone.log.read_text()
    finally:
        if make.poll() is None:
            os.killpg(make.pid, signal.SIGKILL)
            make.wait()


def _newcomer(home: Path) -> dict[str, str]:
    """An environment as on somebody else's machine: no home, nothing of ours, but the way to install packages."""
    ours = ("SARING_", "PYTHONPATH", "VIRTUAL_ENV", "MAKE", "MFLAGS", "XDG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {"HOME": str(home)}


def _ready(clone: Clone) -> bool:
    try:
        return httpx.get(f"{clone.url}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _ask(keys: dict[str, str], method: str, path: str, **more: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {keys['api_key']}"}
    answer = httpx.request(method, keys["url"] + path, headers=headers, timeout=10, trust_env=False, **more)
    assert answer.is_success, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def _decided(keys: dict[str, str], id: str) -> dict[str, Any] | None:
    """The comment once it is decided."""
    shown = _ask(keys, "GET", f"/v1/comments/{id}")
    return shown if shown["status"] != "pending" else None


def _until(look: Callable[[], T], seconds: float) -> T:
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.2)
    return found


def _left(started: list[psutil.Process], clone: Clone) -> list[psutil.Process]:
    """What is still there of the started tree, or runs on the same data folder."""
    _, alive = psutil.wait_procs(started, timeout=2)
    return [*alive, *(process for process in psutil.process_iter() if _names(process, str(clone.data_dir)))]


def _names(process: psutil.Process, folder: str) -> bool:
    try:
        return any(folder in word for word in process.cmdline()) or folder in process.environ().values()
    except psutil.Error:
        return False
