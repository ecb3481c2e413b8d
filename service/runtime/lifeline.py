"""How a process ends: with the one that started it, so that nothing stays behind, and told before the server waits for it."""

import ctypes
import os
import select
import signal
import sys
import threading
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


LOOK_EVERY = 0.5
"""Seconds after which it is looked whether the main thread has ended without a signal."""


def on_stop(act: Callable[[], None]) -> None:
    """Call `act`, in a thread, when this process is told to end, beside what its server does then, or ends by itself.

    The process waits for it. From the main thread alone.
    The server's own function for SIGTERM can't be known, since it is set later; Python writes each signal's number here as well.
    """
    told, telling = os.pipe()
    os.set_blocking(telling, False)
    signal.set_wakeup_fd(telling, warn_on_full_buffer=False)

    def wait() -> None:
        # a daemon would be gone with the main thread, however much it had to do; and no other exit is taken by all processes:
        # a forked child of multiprocessing calls nothing of atexit
        while threading.main_thread().is_alive():
            readable, _, _ = select.select([told], [], [], LOOK_EVERY)
            if readable and os.read(told, 1)[0] in (signal.SIGTERM, signal.SIGINT):
                break
        act()

    threading.Thread(target=wait, name="on-stop", daemon=False).start()
