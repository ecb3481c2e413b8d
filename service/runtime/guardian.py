"""The guardian: ends every process group of a supervisor that was killed.

Run as a script of its own (standard library only) with its standard input at the end of a pipe that the supervisor alone
writes to: `+123` when it has started group 123, `-123` when that group has ended. The kernel closes the pipe when the
supervisor dies, however it dies; the guardian then kills the groups that are left, with all their grandchildren. It also holds
the lock of the data folder until that is done, so that a new start never meets what the last one left.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    """Follow the pipe to its end, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        end_group(group)


def end_group(group: int) -> None:
    """Kill every process of the group; one that has ended already is fine."""
    # macOS answers "not permitted" for a group of zombies
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
