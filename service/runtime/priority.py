"""Who goes first when there are fewer cores than processes that compute: whoever answers a caller that waits."""

import os
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

NICE = 10
"""Steps of niceness: the share of a core is a tenth of one who competes for it, and all of it while nobody does."""

NICEST = 19
"""The last step: a seventieth."""

AUTOGROUP = Path("/proc/self/autogroup")
"""Linux shares the cores among sessions first, each as nice as stands here, and only within one by the processes' own niceness
(man 7 sched). Each part that the supervisor starts leads a session of its own. Not there in other systems and kernels."""


def give_way() -> None:
    """Let this process, and those that it will start, compute while nobody else wants the core. Its own speed stays the same.

    Batches of comments that may wait a second would otherwise hold up, for some milliseconds each, a caller that counts them.
    """
    # SCHED_BATCH: nor push anybody aside when it has waited for the database
    _step_back(NICE, "SCHED_BATCH")


def give_way_to_all() -> None:
    """Let this process, and those that it will start, compute only while nobody wants the core, not even who gives way.

    What it does makes better what is done already, so that under load it is the first that is left out.
    """
    _step_back(NICEST, "SCHED_IDLE")


def _step_back(steps: int, policy: str) -> None:
    os.nice(steps)
    if hasattr(os, policy):
        os.sched_setscheduler(0, getattr(os, policy), os.sched_param(0))
    if os.getsid(0) == os.getpid() and AUTOGROUP.exists():
        try:
            AUTOGROUP.write_text(f"{steps}\n")
        except OSError as error:
            log.warning("this session's share of the cores stays as it is", reason=str(error))
