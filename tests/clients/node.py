"""Published npm clients, driven unchanged: installed once from the lock beside this file, then run by Node with our scripts."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MADE_OF = ("package.json", "package-lock.json")

INSTALL_SECONDS, RUN_SECONDS = 600, 60

RunNode = Callable[[str, Mapping[str, str]], Any]
"""Runs a script (an ES module; `require` is there too) with variables of the environment; gives what it prints, read as JSON."""


@pytest.fixture(scope="session")
def node_clients() -> RunNode:
    """Node with the clients of `package.json` to import, at the versions of the lock."""
    return partial(run_node, installed())


def run_node(folder: Path, script: str, env: Mapping[str, str]) -> Any:
    """What a script prints to its standard output, as JSON. Fails with all that it wrote when it ends with an error."""
    told = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ran = subprocess.run(
        ["node", "--input-type=module", "--eval", REQUIRE + script],
        check=False,
        cwd=folder,
        env={**told, **env},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    assert ran.returncode == 0, f"node ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"
    return json.loads(ran.stdout)


REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/');\n"
"""Most of these clients were published before Node knew modules."""


def installed() -> Path:
    """The folder with the clients, installed when there is none of this lock yet; another process may be at it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise RuntimeError("these tests drive published npm clients: install Node.js 18 or newer with npm")
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in MADE_OF)).hexdigest()[:16]
    # the folder of the virtual environment, where everything else is that tests need
    everything = Path(sys.prefix) / "node-clients"
    everything.mkdir(exist_ok=True)
    folder = everything / wanted
    with (everything / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    """Install what the lock names, each checked against its hash; none of the packages runs a script."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in MADE_OF:
        shutil.copy(HERE / name, folder)
    made = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    if made.returncode:
        raise RuntimeError(f"npm could not install the published clients:\n{made.stdout}\n{made.stderr}")
    (folder / "done").touch()
