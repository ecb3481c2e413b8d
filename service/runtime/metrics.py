"""Prometheus metrics: what is counted and timed, and how the processes of one host answer for it together.

Each process writes its numbers into files of its own below one folder, and whoever is asked adds up all files
(prometheus_client's multiprocess mode). docs/metrics.md has a row for each metric. No label is made of what a user sent, and
none names the site: every label multiplies what must be kept, sites are many, and what a site asks is answered by the database.

prometheus_client is imported on first use: it looks at the environment for the folder as it is imported.
"""

import fcntl
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from service.domain.decision import Action, Actor
from service.runtime.heartbeat import node

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram
    from prometheus_client.registry import Collector, CollectorRegistry

_Kind = TypeVar("_Kind", "Counter", "Histogram")

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder; prometheus_client's own name for it."""

RESERVED = {"counter": 1 << 16, "histogram": 1 << 18, "gauge_livesum": 1 << 13}
"""Bytes of disk taken for each kind of file at the start: a write into a hole of a mapped file kills the process when the disk is
full. Some 40 routes fill 130 kB of histograms."""

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PATIENT = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3_600.0, 86_400.0)
"""Upper bounds of histograms in seconds: what is answered at once, and what may wait for a worker or a site."""

KINDS = ("new", "edit", "known")
STEPS = ("claim", "score", "record")
OUTCOMES = ("delivered", "retry", "slow_down", "gone", "dead")
TASKS = ("score_pending", "deliver_due")
READ = ("changed", "same", "late", "failed")
WAITED = ("held", "decided")
DECIDED = ("decided", "undecided")
ASKED = ("read", "unneeded", "late", "busy", "spared", "failed")
"""Values of labels, known beforehand so that each series is there, at 0, before anything happens."""


def fresh(data_dir: Path, name: str) -> Path:
    """A folder for the metrics of the processes below `name` on this host, without those of processes that are gone."""
    folder = data_dir / "metrics" / node(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in folder.glob("*.db"):
        if not _alive(int(path.stem.rpartition("_")[2])):
            path.unlink(missing_ok=True)
    return folder


def keep(data_dir: Path, name: str) -> bool:
    """Choose where this process and its children count; true when it stands alone, below no supervisor that gathers.

    To be called before anything is counted.
    """
    if os.environ.get(FOLDER):
        return False
    os.environ[FOLDER] = str(fresh(data_dir, name))
    return True


def start(part: str) -> None:
    """Begin to count in this process, as one of this part. Takes over the numbers of one that died, so that few files stay."""
    if folder := _folder():
        with _locked(folder):
            _take_over(folder)
    meter().processes.labels(part).set(1)


def serve(port: int) -> None:
    """Answer `/metrics` on a port of every address, in a thread."""
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry()
    registry.register(_Gathered())
    start_http_server(port, registry=registry)


def exposition(more: "Collector") -> bytes:
    """What all processes of the folder counted, and what `more` finds at the time of asking."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Gathered())
    registry.register(more)
    return generate_latest(registry)


class _Gathered:
    """The sum over all processes; without a folder, what this one counted."""

    def collect(self) -> list[Any]:
        """The metrics. The numbers of those that died stay, but they are no living processes."""
        from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

        folder = _folder()
        if folder is None:
            return list(meter().registry.collect())
        with _locked(folder):
            for pid in _dead(folder, "gauge_livesum"):
                mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
            return list(MultiProcessCollector(None, str(folder)).collect())  # type: ignore[no-untyped-call]


class Meter:
    """Every metric that processes count, with the children of known labels resolved once."""

    def __init__(self, registry: "CollectorRegistry") -> None:
        from prometheus_client import Counter, Gauge, Histogram

        self.registry = registry

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(name, meaning, labels, registry=registry)

        def seconds(name: str, meaning: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(name, meaning, labels, registry=registry, buckets=bounds)

        self.processes = Gauge(
            "saring_processes", "Living processes", ["part"], registry=registry, multiprocess_mode="livesum"
        )
        self.requests = counter("saring_requests_total", "Requests answered", "route", "method", "status")
        self.request_seconds = seconds("saring_request_seconds", "To answer a request", FAST, "route", "method")
        self.refused = counter("saring_refused_total", "Requests refused", "reason")
        self.accepted = _by(counter("saring_comments_accepted_total", "Comments taken in", "kind"), KINDS)
        self.scored = counter("saring_comments_scored_total", "Comments taken by a worker to be scored")
        self.batch = _by(seconds("saring_batch_seconds", "Steps of a batch", FAST, "step"), STEPS)
        self.decided_seconds = seconds("saring_decided_seconds", "From received to decided by policy", PATIENT)
        decisions = counter("saring_decisions_total", "Decisions recorded", "action", "actor")
        self.decisions = {
            (action.value, actor.value): decisions.labels(action.value, actor.value)
            for action in Action
            for actor in Actor
        }
        self.read = _by(counter("saring_second_readings_total", "Comments for the second reader", "outcome"), READ)
        self.read_seconds = _by(
            seconds("saring_second_reading_seconds", "From handed to read", PATIENT, "what"), WAITED
        )
        self.attempts = _by(seconds("saring_delivery_attempt_seconds", "Calls to sites", PATIENT, "outcome"), OUTCOMES)
        self.delivered_seconds = seconds("saring_delivered_seconds", "From decided to delivered", PATIENT)
        self.wake_failures = counter("saring_wakeup_failures_total", "Calls to the broker that failed")
        self.at_once = _by(seconds("saring_at_once_seconds", "To judge while a caller waits", FAST, "outcome"), DECIDED)
        self.asked = _by(counter("saring_at_once_readings_total", "Requests that both might read", "outcome"), ASKED)
        self.lost = counter("saring_at_once_lost_total", "Comments answered at once that could not be stored")
        self.rounds_failed = counter("saring_sweeper_failed_rounds_total", "Duties of the sweeper that failed")
        self.helped = _by(counter("saring_sweeper_helped_total", "Workers' tasks that the sweeper did", "task"), TASKS)
        self._routes: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the template of one of our rules, never a path that somebody asked for."""
        key = route, method, status // 100
        found = self._routes.get(key)
        if found is None:
            children = (
                self.requests.labels(route, method, f"{status // 100}xx"),
                self.request_seconds.labels(route, method),
            )
            found = self._routes.setdefault(key, children)
        found[0].inc()
        found[1].observe(seconds)

    def batch_done(self, seconds: Mapping[str, float], taken: int, waited: Iterable[float]) -> None:
        """Count a batch: the seconds of each step, how many comments, and the seconds that each decided one had waited."""
        for step, duration in seconds.items():
            self.batch[step].observe(duration)
        self.scored.inc(taken)
        observe_all(self.decided_seconds, waited)


def _by(metric: "_Kind", values: Iterable[str]) -> "dict[str, _Kind]":
    return {value: metric.labels(value) for value in values}


def observe_all(histogram: "Histogram", amounts: Iterable[float]) -> None:
    """Observe many at once: a call for each would take several microseconds."""
    bounds, buckets = histogram._upper_bounds, histogram._buckets  # noqa: SLF001 - there is no public way to observe in bulk
    counts, total = [0] * len(bounds), 0.0
    for amount in amounts:
        counts[bisect_left(bounds, amount)] += 1
        total += amount
    histogram._sum.inc(total)  # noqa: SLF001 - see above
    for bucket, count in zip(buckets, counts, strict=True):
        if count:
            bucket.inc(count)


_making, _made = Lock(), list[Meter]()


def meter() -> Meter:
    """The metrics of this process, made on first use. Two of them would overwrite each other's numbers in one file."""
    if not _made:
        from prometheus_client import CollectorRegistry

        with _making:
            if not _made:
                _made.append(Meter(CollectorRegistry()))
    return _made[0]


def refused(reason: str) -> None:
    """Count a request that was refused. `reason` is a word of ours, such as "rate_limit", never one of the request's."""
    meter().refused.labels(reason).inc()


def decided(counts: Mapping[tuple[str, str], int]) -> None:
    """Count decisions by action and actor, after they were committed."""
    for key, count in counts.items():
        meter().decisions[key].inc(count)


def _folder() -> Path | None:
    named = os.environ.get(FOLDER)
    return Path(named) if named else None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder for oneself: a sum taken while files change hands would lack some or count them twice."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _take_over(folder: Path) -> None:
    """Make this process's files of those that a dead process left, or anew; all their bytes are on disk from here on."""
    for kind, size in RESERVED.items():
        mine, left = _file(folder, kind, os.getpid()), _dead(folder, kind)
        if kind.startswith("gauge"):
            # a process that took over a dead one's would be two living ones
            for pid in (*left, os.getpid()):
                _file(folder, kind, pid).unlink(missing_ok=True)
        elif left and not mine.exists():
            _file(folder, kind, left[0]).rename(mine)
        if hasattr(os, "posix_fallocate"):
            with mine.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, size)


def _file(folder: Path, kind: str, pid: int) -> Path:
    return folder / f"{kind}_{pid}.db"


def _dead(folder: Path, kind: str) -> list[int]:
    """Processes that left a file of this kind and live no more."""
    pids = [int(path.stem.rpartition("_")[2]) for path in folder.glob(f"{kind}_*.db")]
    return [pid for pid in pids if not _alive(pid)]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
