"""Logs that survive whoever writes them: a line of JSON each, in the file before anything else happens."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


class Journal:
    """Adds lines to a file; several threads and several lives of a process may share it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **line: Any) -> None:
        """Add a line with one call of the system: once it returns, the kernel keeps it though we be killed."""
        os.write(self._file, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal. Raises: ValueError, for one that is not whole."""
    with path.open("rb") as file:
        for line in file:
            yield orjson.loads(line)
