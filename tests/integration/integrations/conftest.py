"""What the formats' tests share: most are about the wire, so one database will do; those of SQL stand elsewhere."""

import shutil
from pathlib import Path

import pytest

from tests.clients.node import node_clients

__all__ = ["node_clients"]


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite file."""
    shutil.copy(sqlite_template, tmp_path / "saring.db")
    return f"sqlite:///{tmp_path / 'saring.db'}"
