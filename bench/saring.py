"""A whole Saring in a folder of its own, started as an operator starts it, and the ways to hurt it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click
import httpx
import psutil  # type: ignore[import-untyped]
from redis import Redis

from service.runtime.embedded import embedded_broker

START_SECONDS = 90.0
STOP_SECONDS = 60.0

READER = "SARING_READER"
"""The setting that names a second reader's directory, or turns it off: a reader can be measured before it is shipped."""


@dataclass(frozen=True)
class Site:
    """A registered site's credentials."""

    api_key: str
    webhook_secret: str


@dataclass
class Saring:
    """A running Saring."""

    process: "subprocess.Popen[bytes]"
    data_dir: Path
    url: str
    env: Mapping[str, str]

    @property
    def log(self) -> Path:
        """What its processes had to say."""
        return self.data_dir / "saring.log"

    @property
    def first_run(self) -> dict[str, str]:
        """What the first start made: `site` and its `api_key`, the admin's `email` and `password`."""
        told: dict[str, str] = json.loads((self.data_dir / "first-run.json").read_text())
        return told

    def set_policy(self, fields: Mapping[str, object], site: str | None = None) -> None:
        """Give a site, the first one by default, another policy; what the fields leave out has its default."""
        argv = [sys.executable, "-m", "service.cli", "policy", "set", site or self.first_run["site"], "-"]
        told = subprocess.run(
            argv, env=self.env, input=json.dumps(fields), capture_output=True, text=True, timeout=60, check=False
        )
        if told.returncode:
            raise click.ClickException(f"the policy could not be set: {told.stderr}")

    def add_site(self, name: str, callback_url: str | None) -> Site:
        """Register a site through the command line."""
        callback = ["--callback-url", callback_url] if callback_url else []
        argv = [sys.executable, "-m", "service.cli", "site", "add", name, *callback]
        told = subprocess.run(argv, env=self.env, capture_output=True, text=True, timeout=60, check=False)
        if told.returncode:
            raise click.ClickException(f"the site could not be registered: {told.stderr}")
        found = dict(re.findall(r"^(api key|webhook secret) +(\S+)$", told.stdout, re.MULTILINE))
        return Site(found["api key"], found["webhook secret"])

    def part(self, name: str) -> psutil.Process | None:
        """The process that the supervisor runs under this name, once it is up to its work; None while it is away."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if _name(child.cmdline()) == name and (name in ("broker", "beat") or child.children()):
                    # a worker and the web server are up once they have their pool
                    return child
        return None

    def parts(self) -> dict[str, psutil.Process]:
        """Every process of this Saring by its part and its place in it, such as `web/1`, the supervisor as `up`."""
        found = {"up": psutil.Process(self.process.pid)}
        for child in found["up"].children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                name = _name(child.cmdline())
                found[name] = child
                found |= {f"{name}/{place}": one for place, one in enumerate(working(child), 1)}
        return found

    def kill(self, name: str) -> None:
        """End a part and all its children at once with signal 9, when it is there."""
        if part := self.part(name):
            with suppress(ProcessLookupError):
                # each part leads a process group of its own
                os.killpg(part.pid, signal.SIGKILL)

    def empty_broker(self) -> None:
        """Throw away all that the broker holds, then kill it; the supervisor starts it again."""
        with Redis.from_url(embedded_broker(self.data_dir).url) as client:
            client.flushall()
        self.kill("broker")

    def start_again(self) -> None:
        """Start it anew after its supervisor has died; again, as an init system does, when it ends, as with no database.

        Raises: click.ClickException, when it does not get ready.
        """
        until = time.monotonic() + START_SECONDS
        while True:
            self.process = _up(self.data_dir, self.env, "service.cli")
            try:
                return await_ready(self)
            except click.ClickException:
                if self.process.poll() is None or time.monotonic() > until:
                    raise
            time.sleep(1.0)

    def stop(self) -> int:
        """Stop it as an operator does; its exit code. Whatever is left after the time allowed is killed."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # its guardian ends the rest
            self.process.kill()
            return self.process.wait()


@contextmanager
def saring(database_url: str | None = None, *, module: str = "service.cli", **settings: str) -> Iterator[Saring]:
    """Run a Saring on a free port until the block ends; `settings` are SARING_* variables without the prefix, in lower case.

    module: whose command line it is, for one that is not quite the shipped Saring.
    Raises: click.ClickException, with the end of its log, when it does not get ready.
    """
    with (
        tempfile.TemporaryDirectory(prefix="saring-bench-", ignore_cleanup_errors=True) as folder,
        saring_in(Path(folder), database_url, settings, module=module) as running,
    ):
        yield running


@contextmanager
def saring_in(
    data_dir: Path,
    database_url: str | None,
    settings: Mapping[str, str],
    variables: Mapping[str, str] | None = None,
    module: str = "service.cli",
) -> Iterator[Saring]:
    """The same in a folder that is there already and stays; `variables` are others of the environment.

    Raises: click.ClickException, with the end of its log, when it does not get ready.
    """
    port = free_port()
    env = environment(data_dir, port, database_url, settings) | dict(variables or {})
    running = Saring(_up(data_dir, env, module), data_dir, f"http://127.0.0.1:{port}", env)
    try:
        await_ready(running)
        yield running
    finally:
        running.stop()


def _up(data_dir: Path, env: Mapping[str, str], module: str) -> "subprocess.Popen[bytes]":
    with (data_dir / "saring.log").open("ab") as log:
        argv = [sys.executable, "-m", module, "up"]
        return subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True)


def environment(data_dir: Path, port: int, database_url: str | None, settings: Mapping[str, str]) -> dict[str, str]:
    """Ours without any setting of an operator, but for the second reader that is named, and these settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SARING_") or name == READER}
    env |= {f"SARING_{name.upper()}": value for name, value in settings.items()}
    env |= {"SARING_DATA_DIR": str(data_dir), "SARING_PORT": str(port), "SARING_ALLOW_PRIVATE_CALLBACKS": "1"}
    return env | ({"SARING_DATABASE_URL": database_url} if database_url else {})


@contextmanager
def asleep(running: Saring) -> Iterator[None]:
    """Let none of its processes compute until the block ends, so that another Saring has the machine for itself."""
    top, stopped = psutil.Process(running.process.pid), []
    try:
        # until no more are found: who still runs may start another
        while found := [one for one in (top, *top.children(recursive=True)) if one not in stopped]:
            for process in found:
                stopped.append(process)
                with suppress(psutil.NoSuchProcess):
                    process.suspend()
        yield
    finally:
        for process in reversed(stopped):
            with suppress(psutil.NoSuchProcess):
                process.resume()


def working(part: psutil.Process) -> list[psutil.Process]:
    """The processes that do a part's work: its children, but for the one with which multiprocessing keeps its accounts."""
    found = []
    for child in part.children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "tracker" not in " ".join(child.cmdline()):
                found.append(child)
    return found


def _name(argv: Sequence[str]) -> str:
    """The part that was started with this command; the broker renames itself after its socket."""
    if "broker.sock" in " ".join(argv):
        return "broker"
    if "--name" in argv:
        return argv[argv.index("--name") + 1]
    return "guardian" if argv[-1:] and argv[-1].endswith("guardian.py") else "".join(argv[-1:])


def end_in_order() -> None:
    """Let SIGTERM end this process as Ctrl-C does: what was started is stopped. For commands, which own their process."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(128 + signal.SIGTERM))


def free_port() -> int:
    """A port of the loopback address that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_ready(running: Saring) -> None:
    """Wait until it answers as ready. Raises: click.ClickException, with the end of its log, when it does not."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and running.process.poll() is None:
        try:
            if httpx.get(f"{running.url}/readyz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise click.ClickException(f"Saring did not get ready:\n{running.log.read_text()[-3000:]}")
