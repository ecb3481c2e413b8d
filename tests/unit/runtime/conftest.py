"""Supervisors over children that misbehave as asked."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.runtime.tree import HERE, Tree


@pytest.fixture
def start_tree(tmp_path: Path) -> Iterator[Callable[..., Tree]]:
    """Starts a supervisor over the children; whatever is left at the end of the test is killed."""
    trees: list[Tree] = []

    def start(*children: dict[str, object]) -> Tree:
        trees.append(Tree(tmp_path, list(children)))
        return trees[-1]

    yield start
    for tree in trees:
        if tree.supervisor.poll() is None:
            # the second signal ends all patience
            tree.supervisor.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                tree.supervisor.wait(0.5)
            tree.stop()
        tree.supervisor.communicate()
        for pid in tree.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def dummy(tmp_path: Path) -> Callable[..., dict[str, object]]:
    """Describes a child that behaves in these ways; the fields of Child may be given as well."""

    def describe(name: str, *ways: str, **fields: object) -> dict[str, object]:
        argv = [sys.executable, "-S", str(HERE / "dummy.py"), str(tmp_path / "events"), name, *ways]
        return {"name": name, "argv": argv, **fields}

    return describe
