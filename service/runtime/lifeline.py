"""Ties a process to the one that started it, so that nothing stays behind when that one is killed."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def die_with_parent() -> None:
    """Have Linux kill this process when the thread that started it ends. Elsewhere only the guardian sees to that."""
    tie(os.getppid())()


def tie(parent: int) -> Callable[[], None]:
    """A function for the child, between fork and exec: everything it needs is loaded before the fork."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            # it died before the kernel knew
            os._exit(1)

    return bind
