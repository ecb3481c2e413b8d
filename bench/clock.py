"""The clock of a Saring's processes, turned by libfaketime; ours and the database's stay right."""

from collections.abc import Mapping
from pathlib import Path

LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
"""Where Debian, and where Fedora keeps the one for programs with threads."""

OFFSETS = (-7_200, -1_800, -90, -5, 5, 90, 1_800, 7_200)
"""Seconds by which the clock is wrong after a turn: the drift of a machine, a bad time server, a wrong time zone."""


def library() -> Path | None:
    """libfaketime, when it is installed."""
    return next((path for pattern in LIBRARIES for path in sorted(Path("/").glob(pattern[1:]))), None)


class Clock:
    """One machine's clock: all processes with these variables read it from a file, once a second."""

    def __init__(self, file: Path, faketime: Path) -> None:
        self._file, self._library = file, faketime
        self.offset = 0
        self.furthest = 0
        self._write()

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of those who are to live by it. What measures durations and the times of files stay true."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(Path(__file__).with_name("turned")),
        }

    def turn(self, offset: int) -> None:
        """Make it wrong by so many seconds."""
        self.offset, self.furthest = offset, max(self.furthest, offset)
        self._write()

    def catch_up(self) -> None:
        """Go on from the latest time that was ever shown: what waits for a time that the clock was taken back from, waits
        no longer."""
        self.offset = self.furthest
        self._write()

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self.offset:+d}\n")
        fresh.replace(self._file)
