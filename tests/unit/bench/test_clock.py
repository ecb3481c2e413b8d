"""The clock that is turned: what its processes read, and that they can still sleep."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.clock import Clock


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock", Path("/usr/lib/libfaketime.so"))


def shown(clock: Clock) -> str:
    return Path(clock.variables["FAKETIME_TIMESTAMP_FILE"]).read_text().strip()


def test_it_is_right_until_it_is_turned(clock: Clock) -> None:
    assert shown(clock) == "+0"
    clock.turn(-90)
    assert shown(clock) == "-90"


def test_it_catches_up_with_the_latest_time_ever_shown(clock: Clock) -> None:
    for offset in (5, 7_200, -1_800):
        clock.turn(offset)
    clock.catch_up()
    assert shown(clock) == "+7200"


def test_python_sleeps_as_long_as_told_with_the_other_call(clock: Clock) -> None:
    code = (
        "import time; began = time.monotonic(); time.sleep(0.05); time.sleep(0); "
        "print(time.sleep.__module__, 0.05 <= time.monotonic() - began < 5)"
    )
    env = {**os.environ, "PYTHONPATH": clock.variables["PYTHONPATH"]}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["sitecustomize", "True"]
