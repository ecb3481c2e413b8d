"""A child for the supervisor's tests: writes down when it starts and stops, and misbehaves as asked.

python dummy.py EVENTS NAME [crash] [deaf] [family] [beats=PATH] [leaves=CODE]
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

events, name, *ways = sys.argv[1:]


def note(what: str, pid: int) -> None:
    """One line, written at once: several processes write to the file."""
    with Path(events).open("a") as file:
        file.write(f"{what} {name} {pid} {time.monotonic()}\n")


def stop(_number: int, _frame: object) -> None:
    """Note the stop, unless told to be deaf."""
    if "deaf" not in ways:
        note("stop", os.getpid())
        os._exit(0)


signal.signal(signal.SIGTERM, stop)
note("start", os.getpid())
if "family" in ways:
    note("grandchild", subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"]).pid)
if "crash" in ways:
    sys.exit(3)
for way in ways:
    if way.startswith("leaves="):
        sys.exit(int(way.removeprefix("leaves=")))
    if way.startswith("beats="):
        # alive, with a few signs of life and then none
        for _ in range(3):
            Path(way.removeprefix("beats=")).touch()
            time.sleep(0.1)
time.sleep(60)
