"""Heartbeats."""

import os
import time
from pathlib import Path

from service.runtime.heartbeat import age, heartbeat_path, node, touch


def test_a_touched_heartbeat_is_young(tmp_path: Path) -> None:
    path = heartbeat_path(tmp_path, node("score-1"))
    touch(path)
    assert 0.0 <= (age(path) or 0.0) < 5.0
    assert path.exists()


def test_an_old_heartbeat_tells_its_age(tmp_path: Path) -> None:
    path = heartbeat_path(tmp_path, node("score-1"))
    touch(path)
    os.utime(path, (time.time() - 100,) * 2)
    assert 99 < (age(path) or 0.0) < 110


def test_who_never_had_a_heartbeat_has_no_age(tmp_path: Path) -> None:
    assert age(heartbeat_path(tmp_path, "nobody")) is None


def test_workers_of_one_name_on_two_hosts_are_told_apart() -> None:
    assert node("score-1") == f"score-1@{os.uname().nodename}"
