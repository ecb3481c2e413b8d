"""Heartbeats: a file per working process whose time says when it last got on with its work."""

import socket
import time
from pathlib import Path


def node(name: str) -> str:
    """The name of a worker on this host, such as `score-1@host`: hosts may share a folder."""
    return f"{name}@{socket.gethostname()}"


def heartbeat_path(data_dir: Path, name: str) -> Path:
    """Where the heartbeat of this name is kept."""
    return data_dir / "run" / f"{name}.heartbeat"


def touch(path: Path) -> None:
    """Say that work goes on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch()


def age(path: Path) -> float | None:
    """Seconds since the last heartbeat by the wall clock; None when there has been none."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except FileNotFoundError:
        return None
