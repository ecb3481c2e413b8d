"""Metrics: many processes count as one, whoever of them dies, and a batch costs next to nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.parser import text_string_to_metric_families

from service.runtime import metrics
from service.runtime.metrics import FOLDER, Meter, fresh, keep, observe_all

ROOT = Path(__file__).parents[3]

COUNT = "from service.runtime import metrics; metrics.start('score'); metrics.meter().scored.inc(5)"
DIE = f"{COUNT}; import os; os.kill(os.getpid(), 9)"
ASK = """
from prometheus_client.registry import Collector
from service.runtime import metrics
class Nothing(Collector):
    def collect(self): return []
print(metrics.exposition(Nothing()).decode())
"""


def run(folder: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, FOLDER: str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not done.stderr, done.stderr
    return done.stdout


def value(text: str, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fresh(tmp_path, "up")


@pytest.fixture
def histogram() -> Histogram:
    return Meter(CollectorRegistry()).decided_seconds


@pytest.fixture(autouse=True)
def environment_as_before() -> Iterator[None]:
    before = os.environ.get(FOLDER)
    yield
    if before is None:
        os.environ.pop(FOLDER, None)
    else:
        os.environ[FOLDER] = before


def test_the_numbers_of_the_dead_stay_and_they_are_no_living_processes(folder: Path) -> None:
    for code in (COUNT, DIE, DIE):
        run(folder, code)
    told = run(folder, f"{COUNT}\n{ASK}")
    assert value(told, "saring_comments_scored_total") == 20
    assert value(told, "saring_processes", part="score") == 1


def test_a_part_that_dies_again_and_again_leaves_no_pile_of_files(folder: Path) -> None:
    for _ in range(4):
        run(folder, DIE)
    assert len(list(folder.glob("counter_*.db"))) == 1
    assert len(list(folder.glob("histogram_*.db"))) == 1
    assert value(run(folder, ASK), "saring_comments_scored_total") == 20


def test_a_full_disk_can_not_kill_who_counts_where_the_system_reserves_disk(folder: Path) -> None:
    run(folder, COUNT)
    can_reserve = hasattr(os, "posix_fallocate")
    for kind, size in metrics.RESERVED.items():
        [file] = folder.glob(f"{kind}_*.db")
        assert (file.stat().st_blocks * 512 >= size) is can_reserve


def test_a_part_below_a_supervisor_counts_where_it_gathers(tmp_path: Path, folder: Path) -> None:
    os.environ[FOLDER] = str(folder)
    assert not keep(tmp_path, "web")
    assert os.environ[FOLDER] == str(folder)


def test_a_part_alone_starts_without_what_dead_processes_left_and_leaves_the_living_theirs(tmp_path: Path) -> None:
    os.environ.pop(FOLDER, None)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    folder = fresh(tmp_path, "beat")
    for pid in (ended.pid, os.getppid()):
        (folder / f"counter_{pid}.db").touch()
    assert keep(tmp_path, "beat")
    assert [path.name for path in Path(os.environ[FOLDER]).iterdir()] == [f"counter_{os.getppid()}.db"]


def test_many_at_once_are_counted_as_one_by_one(histogram: Histogram) -> None:
    one_by_one = Meter(CollectorRegistry()).decided_seconds
    amounts = [0.0, 0.01, 0.011, 3.0, 3.0, 86_400.0, 1e9]
    observe_all(histogram, amounts)
    for amount in amounts:
        one_by_one.observe(amount)
    assert [s for m in histogram.collect() for s in m.samples if not s.name.endswith("_created")] == [
        s for m in one_by_one.collect() for s in m.samples if not s.name.endswith("_created")
    ]


def test_a_comment_of_a_batch_costs_less_than_two_microseconds(histogram: Histogram) -> None:
    amounts = [number / 100 for number in range(500)]

    def once() -> float:
        began = time.perf_counter()
        observe_all(histogram, amounts)
        return (time.perf_counter() - began) / len(amounts)

    assert min(once() for _ in range(50)) < 2e-6
