"""Starts the Celery worker of this process."""

import warnings
from collections.abc import Callable, Sequence

import structlog
from celery import Celery, Task, signals
from celery.exceptions import SecurityWarning

from service.runtime import traces
from service.runtime.broker import PULSE, READ
from service.runtime.lifeline import die_with_parent
from service.runtime.priority import give_way, give_way_to_all


def work(
    app: Celery, node: str, queues: Sequence[str], concurrency: int, begin: Callable[[], None] = lambda: None
) -> None:
    """Take tasks from the queues until SIGTERM, then finish the running ones and return.

    `begin` is called in each process of the pool, before its first task.
    The logs stay as they were set up: Celery leaves them alone while somebody listens to `setup_logging`.
    """
    if set(queues) == {READ}:
        give_way_to_all()
    else:
        give_way()
    # its warning about root is about pickles: ours takes JSON alone
    warnings.filterwarnings("ignore", category=SecurityWarning)
    signals.setup_logging.connect(_leave_logging)

    def start_of_pool_process(**_: object) -> None:
        # a worker that is killed would leave its pool waiting for ever
        die_with_parent()
        begin()

    # not weakly: nobody else holds that function
    signals.worker_process_init.connect(start_of_pool_process, weak=False)
    signals.worker_process_shutdown.connect(_end_of_pool_process)
    signals.task_prerun.connect(_name_task)
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


def _end_of_pool_process(**_: object) -> None:
    # a pool's process leaves without the interpreter's own clean end
    traces.stop()


def _name_task(task: Task, task_id: str, **_: object) -> None:
    """Let each line that is logged meanwhile say for which message."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, message_id=task_id)
