"""The supervisor: keeps a tree of processes running, and takes it down in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

from service.runtime.guardian import end_group
from service.runtime.lifeline import tie

log = structlog.get_logger(__name__)

FIRST_DELAY = 0.2
LONGEST_DELAY = 10.0
NOT_NEEDED = 69
"""The code with which a child ends that has nothing to do here (EX_UNAVAILABLE of sysexits.h): it is not started again."""

GOOD_LIFE = 30.0
"""A child that lived this many seconds is restarted as if it had never failed."""

FRUITLESS = 3
"""Short lives in a row, ended with an error of the child's own, after which it is recovered before the next start."""

PATIENCE = 30.0
"""Seconds for which a child holds up those that start after it; then they start without it."""

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

ECHO = 0.4
"""Seconds within which another signal is the same stop: `make` passes on the SIGTERM that its whole group has got."""

TICK = 0.1
"""Seconds between two looks at the children."""


@dataclass(frozen=True)
class Child:
    """A process to keep running.

    `ready` tells when those after it may start. `heartbeat` is a file that it touches while it gets on with its work: left
    untouched for `silent_after` seconds, it is killed and started again. Those of the lowest `stop_step` are stopped first, and
    each has `grace` seconds to end by itself. `recover` removes what may keep it from starting: it is called when the child has
    ended with an error of its own `FRUITLESS` times in a row.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    recover: Callable[[], None] | None = None
    heartbeat: Path | None = None
    silent_after: float = 60.0
    stop_step: int = 1
    grace: float = 20.0


class Post:
    """One child's place in the tree: its process of the moment, and what is known of it."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.running: subprocess.Popen[bytes] | None = None
        self.answered = child.ready is None
        self.not_needed = False
        self.failures = 0
        self.errors = 0
        self.first_started: float | None = None
        self.started = 0.0
        self.next_start = 0.0
        self._beat: int | None = None
        self._beat_seen = 0.0

    def start(self, now: float) -> None:
        """Start the child in a session of its own: signals of our terminal are for us alone. Raises: OSError."""
        self.running = subprocess.Popen(
            self.child.argv,
            env={**os.environ, **self.child.env},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # safe here: the supervisor has no threads
            preexec_fn=tie(os.getpid()),  # noqa: PLW1509
        )
        self.started = self._beat_seen = now
        self.first_started = now if self.first_started is None else self.first_started
        self._beat = self._last_beat()

    def delay_next(self, now: float) -> float:
        """Put off the next start, longer after each short life; the seconds until then."""
        self.failures = 0 if self.started and now - self.started >= GOOD_LIFE else self.failures
        delay: float = min(FIRST_DELAY * 2**self.failures, LONGEST_DELAY)
        self.failures += 1
        self.next_start = now + delay
        return delay

    def fruitless(self, code: int) -> bool:
        """Take note of the code that a life ended with (negative for a signal); True when it is time to recover the child."""
        own = code > 0
        self.errors = (self.errors if self.failures > 1 else 0) + 1 if own else 0
        return self.errors >= FRUITLESS

    def silent(self, now: float) -> bool:
        """True when the heartbeat has not moved for too long, by our own clock: the wall clock jumps when a laptop wakes."""
        if self.child.heartbeat is None:
            return False
        beat = self._last_beat()
        if beat != self._beat:
            self._beat, self._beat_seen = beat, now
        return now - self._beat_seen > self.child.silent_after

    def _last_beat(self) -> int | None:
        try:
            return self.child.heartbeat.stat().st_mtime_ns if self.child.heartbeat else None
        except FileNotFoundError:
            return None


class Supervisor:
    """Runs the children until it is told to stop. Start order is list order."""

    def __init__(
        self, children: Iterable[Child], on_ready: Callable[[], None] = lambda: None, held: Sequence[int] = ()
    ) -> None:
        """`on_ready` is called once, when every child that can say so is ready; `held` are descriptors the guardian keeps."""
        self._posts = [Post(child) for child in children]
        self._on_ready = on_ready
        self._held = held
        self._announced = False
        self._stops = 0
        self._last_stop = 0.0
        self._guardian: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Keep the children running until SIGTERM, SIGINT or SIGHUP, then drain; a second signal kills. Gives the exit code."""
        for number in STOPS:
            signal.signal(number, self._note_stop)
        self._guardian = self._start_guardian()
        try:
            while not self._stops:
                self._tick(time.monotonic())
                time.sleep(TICK)
            self._drain()
            # all is done: Python gives up its handlers while it ends, and a signal passed on late would then be what ended us
            for number in STOPS:
                signal.signal(number, signal.SIG_IGN)
        finally:
            self._end()
        return 0

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self._stops or now - self._last_stop > ECHO:
            self._stops += 1
            self._last_stop = now

    def _tick(self, now: float) -> None:
        for post in self._posts:
            self._look_at(post, now)
        self._start_due(now)
        if not self._announced and all(post.answered and (post.running or post.not_needed) for post in self._posts):
            self._announced = True
            self._on_ready()

    def _look_at(self, post: Post, now: float) -> None:
        """Take note of a child that ended, and end one that is silent."""
        if post.running is None:
            return
        code = post.running.poll()
        if code is not None:
            why = f"ended by itself with code {code}"
        elif post.silent(now):
            why = f"was silent for {post.child.silent_after:g} s, so it was killed"
            end_group(post.running.pid)
            post.running.wait()
        else:
            return
        self._bury(post)
        if code == NOT_NEEDED:
            post.not_needed = True
            log.info("has nothing to do here", child=post.child.name)
            return
        delay = post.delay_next(now)
        log.error(why, child=post.child.name, again_in=f"{delay:.1f}s")
        if code is not None and post.fruitless(code):
            self._recover(post)

    def _recover(self, post: Post) -> None:
        if post.child.recover is None:
            return
        post.errors = 0
        try:
            post.child.recover()
        except OSError as error:
            log.warning("can't be recovered", child=post.child.name, reason=str(error))

    def _start_due(self, now: float) -> None:
        """Start what is due. Who has never been ready holds up those after it, though not for ever."""
        for post in self._posts:
            if post.running is None and not post.not_needed and now >= post.next_start:
                self._start(post, now)
            if not post.answered and post.running and post.child.ready:
                post.answered = post.child.ready()
            if not post.answered and (post.first_started is None or now - post.first_started < PATIENCE):
                return

    def _start(self, post: Post, now: float) -> None:
        try:
            post.start(now)
        except OSError as error:
            post.first_started = now if post.first_started is None else post.first_started
            delay = post.delay_next(now)
            log.warning("can't be started", child=post.child.name, reason=str(error), again_in=f"{delay:.1f}s")
        else:
            log.debug("started", child=post.child.name, pid=post.running and post.running.pid)
            self._tell_guardian("+", post)

    def _bury(self, post: Post) -> None:
        """End what the child left in its group, such as the pool of a worker that crashed."""
        if post.running is not None:
            end_group(post.running.pid)
            self._tell_guardian("-", post)
            post.running = None

    def _drain(self) -> None:
        """Stop the children step by step, each step in its own time; a second signal ends all patience."""
        for step in sorted({post.child.stop_step for post in self._posts}):
            posts = [post for post in self._posts if post.child.stop_step == step and post.running]
            for post in posts:
                log.info("stopping", child=post.child.name)
                # to the child alone: a Celery worker lets its pool finish, which the signal would end
                post.running.terminate()  # type: ignore[union-attr]
            self._await(posts, time.monotonic())

    def _await(self, posts: Sequence[Post], began: float) -> None:
        left = list(posts)
        while left:
            for post in list(left):
                if post.running is None or post.running.poll() is not None:
                    self._bury(post)
                    left.remove(post)
                elif self._stops > 1 or time.monotonic() - began > post.child.grace:
                    log.error("did not stop in time, so it is killed", child=post.child.name)
                    end_group(post.running.pid)
                    post.running.wait()
            time.sleep(TICK / 5 if left else 0)

    def _end(self) -> None:
        """Leave nothing behind, whatever happened."""
        for post in self._posts:
            if post.running is not None:
                end_group(post.running.pid)
                post.running.wait()
                self._bury(post)
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            self._guardian.wait()

    def _start_guardian(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("guardian.py"))],
            stdin=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            pass_fds=tuple(self._held),
        )

    def _tell_guardian(self, sign: str, post: Post) -> None:
        """Keep the guardian informed; one that was killed is replaced and told everything."""
        if self._guardian is None or post.running is None:
            return
        if self._guardian.poll() is None:
            lines = f"{sign}{post.running.pid}\n"
        else:
            self._guardian = self._start_guardian()
            lines = "".join(f"+{other.running.pid}\n" for other in self._posts if other.running and other is not post)
            lines += f"{sign}{post.running.pid}\n"
        try:
            self._guardian.stdin.write(lines.encode())  # type: ignore[union-attr]
        except BrokenPipeError:
            log.warning("the guardian is gone; the next start or end of a child replaces it")
