"""Two Sarings are measured in turn, and what both readers cost stands beside what one did."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import psutil  # type: ignore[import-untyped]
import pytest

from bench import cascade, sustained
from bench.cascade import Pair, Waited
from bench.saring import Saring, asleep
from bench.sustained import MARK, ROLES, Load

TREE = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Saring]:
    """A process with a child, in place of a Saring."""
    process = subprocess.Popen([sys.executable, "-c", TREE])
    top = psutil.Process(process.pid)
    until = time.monotonic() + 30
    while not top.children() and time.monotonic() < until:
        time.sleep(0.02)
    family = [top, *top.children()]
    yield Saring(process, tmp_path, "http://127.0.0.1:9", {})
    for one in family:
        one.kill()
    process.wait()


def statuses(running: Saring) -> set[str]:
    top = psutil.Process(running.process.pid)
    return {one.status() for one in (top, *top.children(recursive=True))}


def test_whoever_sleeps_has_no_process_that_computes_and_wakes_whatever_happened(running: Saring) -> None:
    with asleep(running):
        assert len(psutil.Process(running.process.pid).children()) == 1
        assert statuses(running) == {psutil.STATUS_STOPPED}
    assert psutil.STATUS_STOPPED not in statuses(running)
    with pytest.raises(RuntimeError), asleep(running):
        raise RuntimeError
    assert psutil.STATUS_STOPPED not in statuses(running)


def a_saring(name: str) -> Saring:
    return Saring(None, Path(name), f"http://{name}", {})  # type: ignore[arg-type]


def test_each_is_read_in_turn_while_the_other_sleeps_after_once_that_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []

    @contextmanager
    def sleeping(other: Saring) -> Iterator[None]:
        order.append(f"{other.data_dir} sleeps")
        yield
        order.append(f"{other.data_dir} wakes")

    def take(one: Saring) -> int:
        order.append(str(one.data_dir))
        return len(order)

    rounds: list[None] = []
    monkeypatch.setattr(cascade, "asleep", sleeping)
    monkeypatch.setattr(cascade, "WAKING", 0.0)
    monkeypatch.setattr(cascade, "show_that_it_reads", lambda one: order.append(f"{one.data_dir} reads"))
    both, first = Pair(a_saring("both"), a_saring("first")).in_turn(take, 2, lambda: rounds.append(None))
    turn = ["first sleeps", "both reads", "both", "first wakes", "both sleeps", "first", "both wakes"]
    assert order == turn * 3
    assert (both, first) == ([10, 17], [13, 20])
    assert len(rounds) == 2


def waits(*ms: float, by_both: bool = True) -> list[Waited]:
    return [Waited(one, by_both) for one in ms]


@pytest.mark.parametrize(("longest", "met"), [(299.0, True), (301.0, False)])
def test_of_single_comments_95_in_a_hundred_may_wait_300_milliseconds(longest: float, met: bool) -> None:
    both = [waits(*[20.0] * 10), [*waits(*[longest] * 9), *waits(longest, by_both=False)]]
    p50, p95, read = cascade.waited(both, [waits(*[10.0] * 10)], "pre, sqlite")
    assert (p50.name, p50.met) == ("accepted to decided, both, pre, sqlite, p50", None)
    assert (p95.readings, p95.ceiling_readings, p95.met) == ([longest], [10.0], met)
    assert read.readings == [95.0]


@pytest.mark.parametrize(("rates", "met"), [([90.0, 91.0, 10.0], True), ([89.0, 89.0, 200.0], False)])
def test_a_rush_may_take_a_tenth_longer(rates: list[float], met: bool) -> None:
    measure = cascade.decided(rates, [100.0] * 3, "post, postgresql")
    assert measure.met is met
    assert str(measure.bar) == "ratio ≥ 0.9"


def test_a_second_reader_that_reads_nothing_is_no_measurement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "saring.log").write_text("the reader's file is damaged")
    asked: list[float] = []
    monkeypatch.setattr(cascade, "SHOWN", 0.2)
    monkeypatch.setattr(
        cascade, "trickled", lambda _running, seconds: asked.append(seconds) or waits(9.0, by_both=False)
    )
    silent = Saring(None, tmp_path, "http://127.0.0.1:9", {})  # type: ignore[arg-type]
    with pytest.raises(click.ClickException, match="reads nothing:\nthe reader's file is damaged"):
        cascade.show_that_it_reads(silent)
    monkeypatch.setattr(cascade, "trickled", lambda _running, _seconds: [*waits(9.0, by_both=False), *waits(9.0)])
    cascade.show_that_it_reads(silent)


def until_sent(sent: Sequence[object], number: int) -> None:
    until = time.monotonic() + 30
    while len(sent) < number and time.monotonic() < until:
        time.sleep(0.01)


def test_two_loads_at_one_saring_send_comments_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []

    class Taken:
        def __init__(self, _url: str) -> None:
            pass

        def ask(self, prepared: bytes) -> int:
            time.sleep(0.001)
            sent.append(prepared)
            return 202

        def close(self) -> None:
            pass

    monkeypatch.setattr(sustained, "Connection", Taken)
    ids: list[set[bytes]] = []
    for first in (0, 1_000_000):
        sent.clear()
        load = Load("http://127.0.0.1:9/v1/comments", "key", [b'{"id":"' + MARK + b'-000"}'], 1, None, first)
        load.start()
        until_sent(sent, 5)
        load.stop()
        found = [re.findall(rb'"id":"(\w+-\d+)"', one)[0] for one in sent]
        assert load.accepted == len(found) == len(set(found)) >= 5
        ids.append(set(found))
    assert not ids[0] & ids[1]


def test_a_load_at_a_pace_keeps_it_whatever_its_first_number(monkeypatch: pytest.MonkeyPatch) -> None:
    at: list[float] = []

    class Noted:
        def __init__(self, _url: str) -> None:
            pass

        def ask(self, _prepared: bytes) -> int:
            at.append(time.monotonic())
            return 202

        def close(self) -> None:
            pass

    monkeypatch.setattr(sustained, "Connection", Noted)
    load = Load("http://127.0.0.1:9/v1/comments", "key", [MARK], 1, 20.0, 5_000_000)
    began = time.monotonic()
    load.start()
    until_sent(at, 5)
    load.stop()
    assert len(at) >= 5
    assert at[4] - began >= 4 / 20


def test_the_second_readers_process_has_a_role_of_its_own() -> None:
    argv = ["python", "-m", "service.cli", "worker", "--queue", "read", "--name", "reader", "--concurrency", "1"]
    assert sustained._role(argv) == "reader"
    assert "reader" in ROLES
