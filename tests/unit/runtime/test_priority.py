"""Workers compute while nobody who answers a caller wants the core."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.runtime import priority

GIVING_WAY = """
import os, sys
from service.runtime import priority
way, policy = sys.argv[1:]
getattr(priority, way)()
group = priority.AUTOGROUP.read_text().split()[-1] if priority.AUTOGROUP.exists() else "none"
kept = hasattr(os, policy) and os.sched_getscheduler(0) == getattr(os, policy)
print(os.getpriority(os.PRIO_PROCESS, 0), kept, group)
child = os.fork()
if child == 0:
    kept = hasattr(os, policy) and os.sched_getscheduler(0) == getattr(os, policy)
    print(os.getpriority(os.PRIO_PROCESS, 0), kept, group, flush=True)
    os._exit(0)
sys.stdout.flush()
os.waitpid(child, 0)
"""


@pytest.mark.parametrize(
    ("way", "policy", "nice"),
    [("give_way", "SCHED_BATCH", priority.NICE), ("give_way_to_all", "SCHED_IDLE", priority.NICEST)],
)
def test_who_gives_way_is_nicer_with_all_its_children(way: str, policy: str, nice: int) -> None:
    command = [sys.executable, "-c", GIVING_WAY, way, policy]
    told = subprocess.run(command, capture_output=True, text=True, check=True, start_new_session=True).stdout.split(
        "\n"
    )
    group = str(nice) if priority.AUTOGROUP.exists() else "none"
    assert sorted(line for line in told if line) == [f"{nice} {hasattr(os, policy)} {group}"] * 2


def test_a_session_that_others_share_keeps_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "autogroup"
    file.write_text("as it was")
    monkeypatch.setattr(priority, "AUTOGROUP", file)
    monkeypatch.setattr("os.nice", lambda _: 0)
    monkeypatch.setattr("os.sched_setscheduler", lambda *_: None, raising=False)
    monkeypatch.setattr("os.getsid", lambda _: 1)
    priority.give_way()
    assert file.read_text() == "as it was"
