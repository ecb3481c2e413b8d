"""Starts the Celery worker of this process."""

import warnings
from collections.abc import Sequence

from celery import Celery, signals
from celery.exceptions import SecurityWarning

from service.runtime.broker import PULSE
from service.runtime.lifeline import die_with_parent


def work(app: Celery, node: str, queues: Sequence[str], concurrency: int) -> None:
    """Take tasks from the queues until SIGTERM, then finish the running ones and return.

    The logs stay as they were set up: Celery leaves them alone while somebody listens to `setup_logging`.
    """
    # its warning about root is about pickles: ours takes JSON alone
    warnings.filterwarnings("ignore", category=SecurityWarning)
    signals.setup_logging.connect(_leave_logging)
    signals.worker_process_init.connect(_start_of_pool_process)
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--hostname", node,
            "--queues", ",".join([*queues, PULSE]),
            "--pool", "prefork",
            "--concurrency", str(concurrency),
            # what workers would tell each other is of no use here, and is sent through the broker
            "--without-mingle",
            "--without-gossip",
            "--without-heartbeat",
        ]
    )  # fmt: skip


def _leave_logging(**_: object) -> None:
    """Celery asks who sets up logging: it has been done."""


def _start_of_pool_process(**_: object) -> None:
    # a worker that is killed would leave its pool waiting for ever
    die_with_parent()
