"""The Celery app and its tasks: each is woken by a message and claims its work from the database."""

import time
from collections.abc import Callable
from functools import cache

from celery import Task

from service.bootstrap import DELIVER_DUE, READ_AGAIN, SCORE_PENDING, Services, build
from service.moderation import deliver
from service.moderation.reading import read_batch
from service.moderation.score import score_batch
from service.runtime.broker import PULSE, READ, celery_app
from service.runtime.heartbeat import heartbeat_path, touch
from service.runtime.rubbish import look_seldom
from service.settings import Settings

LOOP_SECONDS = 5.0
"""A task that still finds work after this long hands over to a new wake-up: far below its time limit, and soon done at a stop."""

settings = Settings.from_env()
app = celery_app(settings)


@cache
def services() -> Services:
    """Built on first use, so after the fork: a database connection must not cross it."""
    built = build(settings)
    look_seldom()
    return built


@app.task(name=SCORE_PENDING, bind=True)
def score_pending(task: Task) -> None:
    """Score and decide what is pending."""
    s = services()

    def batch() -> int:
        scored = score_batch(
            s.store,
            s.classifier,
            limit=settings.batch_size,
            lease=settings.lease_seconds,
            rota=s.rota,
            handover=s.handover,
        )
        if scored:
            s.wake_sender()
        return scored

    work_off(task, batch)


@app.task(name=READ_AGAIN, bind=True)
def read_again(task: Task) -> None:
    """Read what waits for the second reader."""
    s = services()
    if (stack := s.stack) is None:
        return

    def batch() -> int:
        read = read_batch(s.store, s.classifier, stack, ms=settings.reader_ms, wake_scorer=s.wake_scorer)
        if read:
            s.wake_sender()
        return read

    work_off(task, batch)


# the last calls may take the longest time-out after the loop's end: above both, and below the visibility timeout
@app.task(name=DELIVER_DUE, bind=True, time_limit=100)
def deliver_due(task: Task) -> None:
    """Deliver what is due."""
    s = services()

    def batch() -> int:
        return deliver.deliver_due(
            s.store,
            s.sender,
            s.clock,
            seconds=LOOP_SECONDS,
            concurrency=settings.callback_concurrency,
            beat=lambda: touch_heartbeat(task),
        )

    work_off(task, batch)


# acknowledged at once: a pulse that comes again would say nothing new
@app.task(name=PULSE, bind=True, acks_late=False, reject_on_worker_lost=False)
def pulse(task: Task) -> None:
    """Show that messages still reach the processes of this worker, and how fast the second reader is, if it is one."""
    touch_heartbeat(task)
    if READ in app.amqp.queues.consume_from:
        services().show_reader()


def work_off(task: Task, batch: Callable[[], int]) -> None:
    """Do batches until one finds nothing. What is committed from here on brings a wake-up of its own."""
    waker = services().waker
    waker.awake(task.name)
    until = time.monotonic() + LOOP_SECONDS
    while batch():
        touch_heartbeat(task)
        if time.monotonic() > until:
            waker.poke(task.name)
            break


def touch_heartbeat(task: Task) -> None:
    """The heartbeat of the worker that runs this task, by Celery's name for it."""
    touch(heartbeat_path(settings.data_dir, task.request.hostname))
