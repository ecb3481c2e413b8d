"""`saring up`: the whole tree, from a first start to the end of every process."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from service.cli import main
from service.runtime.embedded import embedded_broker
from tests.ports import a_free_port
from tests.unit.runtime.tree import until

PARTS = {"valkey-server", "score-1", "sender", "reader", "beat", "web"}


class Saring:
    """A running `saring up`, started in a folder that has a `worker.py` of its own."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "var"
        self.port = a_free_port()
        self.env = {**os.environ, "SARING_DATA_DIR": str(self.data_dir), "SARING_PORT": str(self.port)}
        # the second reader runs and is handed nothing: what it gave back on a busy machine would be scored twice
        self.env["SARING_READER_SHARE"] = "0"
        self.cwd = folder
        (folder / "worker.py").write_text("raise SystemExit('not this one')\n")
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> str:
        """Start it and wait until it is ready; what it printed."""
        log = self.cwd / f"log-{len(self.processes)}"
        with log.open("w") as out:
            self.processes.append(
                subprocess.Popen(self.argv("up"), env=self.env, cwd=self.cwd, stdout=out, stderr=out, text=True)
            )

        def ready() -> bool:
            assert self.main.poll() is None, log.read_text()
            return "Saring is ready at" in log.read_text()

        until(ready, seconds=60)
        return log.read_text()

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "service.cli", *words]

    @property
    def main(self) -> "subprocess.Popen[str]":
        return self.processes[-1]

    def tree(self) -> list[psutil.Process]:
        return psutil.Process(self.main.pid).children(recursive=True)

    def first_run(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data_dir / "first-run.json").read_text())
        return found

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def ask(self, path: str, body: object = None) -> dict[str, object]:
        """The JSON answer of the API to the demo site."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps(body).encode() if body else None,
            {"Authorization": f"Bearer {self.first_run()['api_key']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            found: dict[str, object] = json.load(answer)
        return found


@pytest.fixture
def saring(tmp_path: Path) -> Iterator[Saring]:
    made = Saring(tmp_path)
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.kill()
            process.wait()


def _gone(processes: list[psutil.Process]) -> bool:
    return all(not process.is_running() or process.status() == psutil.STATUS_ZOMBIE for process in processes)


def test_from_the_first_start_to_a_clean_end(saring: Saring) -> None:
    printed = saring.start()
    made = saring.first_run()
    assert {made["url"], made["email"], made["password"], made["api_key"]} <= set(printed.split())
    assert (saring.data_dir / "first-run.json").stat().st_mode & 0o777 == 0o600

    running = " ".join(" ".join(process.cmdline()) for process in saring.tree())
    assert all(part in running for part in PARTS)

    comment = {"id": "1", "text": "you are an idiot", "author": {"id": "a", "name": "A"}}
    id = saring.ask("/v1/comments", comment)["id"]
    until(lambda: saring.ask(f"/v1/comments/{id}")["status"] != "pending")

    until(lambda: 'saring_decisions_total{action="' in saring.metrics(), seconds=10)
    told = saring.metrics()
    assert "saring_comments_scored_total 1.0\n" in told
    assert 'saring_comments_accepted_total{kind="new"} 1.0\n' in told
    for part, count in {"web": 2, "score": 1, "deliver": 1, "beat": 1}.items():
        assert f'saring_processes{{part="{part}"}} {count}.0\n' in told

    second = subprocess.run(saring.argv("up"), env=saring.env, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert "already runs" in second.stderr

    processes = saring.tree()
    saring.main.terminate()
    assert saring.main.wait(30) == 0
    assert _gone(processes)

    assert "password" not in saring.start()
    assert saring.ask(f"/v1/comments/{id}")["status"] != "pending"

    processes = saring.tree()
    saring.main.send_signal(signal.SIGKILL)
    saring.main.wait()
    until(lambda: _gone(processes), seconds=3)


def test_a_broker_that_can_not_load_its_file_begins_empty(saring: Saring) -> None:
    broker = embedded_broker(saring.data_dir)
    spoiled = broker.folder / "appendonlydir"
    spoiled.mkdir(parents=True)
    (spoiled / "appendonly.aof.manifest").write_text("file appendonly.aof.1.base.rdb seq 1 type b\n")
    (spoiled / "appendonly.aof.1.base.rdb").write_bytes(b"REDIS0011 not the rest of it")
    said = saring.start()
    assert broker.answers()
    assert "the broker can't load its file" in said
    kept = broker.folder / "appendonlydir.spoiled" / "appendonly.aof.1.base.rdb"
    assert kept.read_bytes().startswith(b"REDIS0011 not")


def test_a_port_that_is_taken_is_said_in_one_line(saring: Saring) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", saring.port))
        other.listen()
        run = subprocess.run(saring.argv("up"), env=saring.env, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith(f"SARING_PORT is {saring.port}, which another program uses")
    assert run.stderr.count("\n") == 1


def test_a_model_that_cannot_be_loaded_is_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(b"no model")
    env = {"SARING_DATA_DIR": str(tmp_path / "var"), "SARING_MODEL": str(model), "SARING_PORT": str(a_free_port())}
    result = CliRunner().invoke(main, ["up"], env=env)
    assert result.exit_code == 2
    assert "the model can't be loaded (ModelFileError)" in result.output
    assert not (tmp_path / "var/saring.db").exists()
