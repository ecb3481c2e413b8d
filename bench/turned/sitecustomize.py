"""For Python under libfaketime 0.9.10, whose `clock_nanosleep` refuses every sleep once it leaves the monotonic clock alone.

Python imports this at its start when this folder is on its path; `time.sleep` then waits by another call of the system.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Sleep as `time.sleep` does."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select((), (), (), seconds)


time.sleep = sleep
