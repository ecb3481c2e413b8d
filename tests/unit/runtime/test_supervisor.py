"""The supervisor: restarts, order, and that nothing stays behind."""

import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from service.runtime import supervisor
from service.runtime.supervisor import Child, Post
from tests.unit.runtime.tree import Tree, alive, until

Start = Callable[..., Tree]
Dummy = Callable[..., dict[str, object]]


def test_a_crashed_child_is_restarted_with_growing_delay(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("crasher", "crash"))
    until(lambda: len(tree.events("start")) >= 4)
    starts = [event.at for event in tree.events("start")]
    delays = [later - earlier for earlier, later in pairwise(starts)]
    assert delays[0] < delays[1] < delays[2]


def test_a_child_that_fails_again_and_again_is_recovered(start_tree: Start, dummy: Dummy, tmp_path: Path) -> None:
    recovered = tmp_path / "recovered"
    tree = start_tree(dummy("crasher", "crash", recovered=str(recovered)))
    until(recovered.exists)
    assert len(tree.events("start")) >= supervisor.FRUITLESS


def test_only_errors_of_its_own_in_short_lives_call_for_recovery() -> None:
    post = Post(Child("any", ["true"]))

    def after(*codes: int) -> list[bool]:
        return [post.delay_next(now=0.0) > 0 and post.fruitless(code) for code in codes]

    assert after(1, 1, 1) == [False, False, True]
    assert after(-9, 1, 1, 1) == [False, False, False, True]
    post.started = 1.0
    post.delay_next(now=1.0 + supervisor.GOOD_LIFE)
    assert not post.fruitless(1)


def test_the_delay_doubles_up_to_its_limit() -> None:
    post = Post(Child("any", ["true"]))
    assert [post.delay_next(now=0.0) for _ in range(8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_good_life_is_not_held_against_a_child() -> None:
    post = Post(Child("any", ["true"]))
    for _ in range(5):
        post.delay_next(now=1.0)
    post.started = 1.0
    assert post.delay_next(now=1.0 + supervisor.GOOD_LIFE) == supervisor.FIRST_DELAY


def test_a_silent_child_is_killed_and_started_again(start_tree: Start, dummy: Dummy, tmp_path: Path) -> None:
    beats = tmp_path / "heartbeat"
    tree = start_tree(dummy("hung", f"beats={beats}", "deaf", heartbeat=str(beats), silent_after=0.5))
    until(lambda: len(tree.events("start")) >= 2)
    first, second = tree.events("start")[:2]
    assert first.pid != second.pid
    assert second.at - first.at > 0.5


def test_an_old_heartbeat_is_not_held_against_a_new_child(tmp_path: Path) -> None:
    beats = tmp_path / "heartbeat"
    beats.touch()
    post = Post(Child("any", ["sleep", "5"], heartbeat=beats, silent_after=10.0))
    post.start(now=1_000.0)
    assert not post.silent(now=1_009.0)
    assert post.silent(now=1_011.0)
    assert post.running is not None
    post.running.kill()
    post.running.wait()


def test_who_comes_later_waits_until_the_first_is_ready(start_tree: Start, dummy: Dummy, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    tree = start_tree(dummy("first", gate=str(gate)), dummy("second"))
    until(lambda: tree.events("start", "first"))
    with pytest.raises(AssertionError, match="in time"):
        until(lambda: tree.events("start", "second"), seconds=0.5)
    gate.touch()
    until(lambda: tree.events("start", "second"))


def test_it_says_so_when_all_are_ready(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("one"), dummy("two"))
    assert tree.supervisor.stdout is not None
    assert "ready\n" in iter(tree.supervisor.stdout.readline, "")


def test_a_child_that_is_not_needed_is_not_started_again_and_holds_up_nobody(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("unneeded", f"leaves={supervisor.NOT_NEEDED}"), dummy("other"))
    assert tree.supervisor.stdout is not None
    until(lambda: tree.events("start", "other"))
    assert "ready\n" in iter(tree.supervisor.stdout.readline, "")
    with pytest.raises(AssertionError, match="in time"):
        until(lambda: len(tree.events("start", "unneeded")) > 1, seconds=1.0)
    assert tree.stop() == 0


def test_children_stop_step_by_step(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(
        dummy("broker", stop_step=4),
        dummy("worker", stop_step=3),
        dummy("beat", stop_step=2),
        dummy("web", stop_step=1),
    )
    until(lambda: len(tree.events("start")) == 4)
    assert tree.stop() == 0
    assert [event.name for event in tree.events("stop")] == ["web", "beat", "worker", "broker"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_leaves_nothing_behind(start_tree: Start, dummy: Dummy, number: int) -> None:
    tree = start_tree(dummy("parent", "family"), dummy("other"))
    until(lambda: len(tree.pids()) == 3)
    assert tree.stop(number) == 0
    until(lambda: not any(map(alive, tree.pids())), seconds=2)


def test_a_killed_supervisor_leaves_nothing_behind(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("parent", "family", "deaf"), dummy("other", "deaf"))
    until(lambda: len(tree.pids()) == 3)
    tree.stop(signal.SIGKILL)
    until(lambda: not any(map(alive, tree.pids())), seconds=2)


def test_a_crashed_child_leaves_no_children_of_its_own(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("parent", "family", "crash"))
    until(lambda: len(tree.events("grandchild")) >= 2)
    until(lambda: not alive(tree.events("grandchild")[0].pid))


def test_a_deaf_child_is_killed_after_its_grace(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("deaf", "deaf", grace=0.3))
    until(lambda: tree.events("start"))
    assert tree.stop() == 0
    assert not any(map(alive, tree.pids()))


def test_a_second_signal_ends_all_patience(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("deaf", "deaf", grace=60.0))
    until(lambda: tree.events("start"))
    tree.supervisor.send_signal(signal.SIGTERM)
    with pytest.raises(AssertionError, match="in time"):
        until(lambda: tree.supervisor.poll() is not None, seconds=0.5)
    assert tree.stop() == 0
    assert not any(map(alive, tree.pids()))


def test_a_signal_that_is_passed_on_once_more_is_one_stop(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("worker", stop_step=2), dummy("web", stop_step=1))
    until(lambda: len(tree.events("start")) == 2)
    tree.supervisor.send_signal(signal.SIGTERM)
    time.sleep(0.05)
    assert tree.stop() == 0
    assert [event.name for event in tree.events("stop")] == ["web", "worker"]


def test_signals_that_come_until_its_very_end_do_not_change_how_it_ends(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree(dummy("worker"))
    until(lambda: tree.events("start"))
    while tree.supervisor.poll() is None:
        tree.supervisor.send_signal(signal.SIGTERM)
        time.sleep(0.001)
    assert tree.supervisor.returncode == 0


def test_a_child_that_can_not_be_started_holds_up_nobody_else(start_tree: Start, dummy: Dummy) -> None:
    tree = start_tree({"name": "missing", "argv": ["/no/such/program"]}, dummy("other"))
    until(lambda: tree.events("start", "other"))
