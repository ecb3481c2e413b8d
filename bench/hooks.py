"""A receiver of webhooks that may be killed: a process of its own, which writes each attempt down before it answers."""

import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import click
import httpx
import psutil  # type: ignore[import-untyped]

from bench.journal import Journal
from bench.receiver import LATE, TAKEN, Door, Server, failure
from bench.saring import free_port

MOST_FAILURES = 2
"""Failures in a row of one event: more would make a run wait for the sender's patience, and test that alone."""

START_SECONDS = 20.0


class Scribe:
    """Judges attempts by chance alone and writes them down; whether they are signed is for the audit to find."""

    def __init__(self, journal: Journal, fail_share: float, timeout: float) -> None:
        self._journal = journal
        self._fail_share = fail_share
        self._rng = random.Random()
        self._failed: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        self.cut_off = 0
        self.silence = timeout + LATE
        self.stopping = threading.Event()

    def judge(self, headers: Mapping[str, str], body: bytes) -> str:
        """Choose an answer, and write the attempt down before it is given."""
        id = headers.get("webhook-id", "")
        with self._lock:
            answer = self._answer(id)
            self._journal.write(
                at=time.time(),
                id=id,
                time=headers.get("webhook-timestamp", ""),
                signature=headers.get("webhook-signature", ""),
                body=body.decode(),
                answer=answer,
            )
        return answer

    def _answer(self, id: str) -> str:
        if self._failed[id] >= MOST_FAILURES or self._rng.random() >= self._fail_share:
            return TAKEN
        self._failed[id] += 1
        return failure(self._rng)


class Hooks:
    """That process, seen from outside; it comes back under the same address."""

    def __init__(self, log: Path, fail_share: float, timeout: float) -> None:
        self.log = log
        self.port = free_port()
        self._fail_share, self._timeout = fail_share, timeout
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks/saring"

    @property
    def process(self) -> psutil.Process | None:
        """It, unless it is away."""
        if self._process is None or self._process.poll() is not None:
            return None
        found = psutil.Process(self._process.pid)
        if found.status() == psutil.STATUS_ZOMBIE:
            self._process.wait()  # dead, while a thread of it is still on its way out: soon it can be buried, and frees its port
            return None
        return found

    def start(self) -> None:
        """Start it and wait until it listens. Raises: RuntimeError, when it does not."""
        if self.process is not None:
            return
        argv = [sys.executable, "-m", "bench.hooks", str(self.port), str(self.log)]
        self._process = subprocess.Popen([*argv, str(self._fail_share), str(self._timeout)])
        until = time.monotonic() + START_SECONDS
        while not self._listens():
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError("the receiver does not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it for good."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _listens(self) -> bool:
        try:
            # it has no page to show, and says so
            return httpx.get(self.url, timeout=1, trust_env=False).status_code == 501
        except httpx.TransportError:
            return False


@click.command()
@click.argument("port", type=int)
@click.argument("log", type=click.Path(path_type=Path))
@click.argument("fail_share", type=float)
@click.argument("timeout", type=float)
def main(port: int, log: Path, fail_share: float, timeout: float) -> None:
    """Listen on PORT and write into LOG. FAIL_SHARE of the attempts fail; TIMEOUT is the sender's, in seconds."""
    server = Server(("127.0.0.1", port), Door)
    server.receiver = Scribe(Journal(log), fail_share, timeout)
    server.serve_forever()


if __name__ == "__main__":
    main()
