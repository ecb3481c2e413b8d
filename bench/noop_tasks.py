"""The ceiling for work that comes through the broker: Celery tasks that do nothing, and one worker process that takes them."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from celery import Celery, Task
from redis import Redis

from bench.saring import Saring
from service.runtime import transport
from service.runtime.broker import client_url, kombu_url
from service.runtime.embedded import embedded_broker
from service.runtime.worker import work

QUEUE = "bench-noop"
TASKS = 2_000
PATIENCE = 60

numbers = count(1)


def app(url: str) -> Celery:
    """An app of two tasks: one does nothing, the other says that all before it were done."""
    transport.install()
    made = Celery("noop", broker=kombu_url(url), set_as_current=False)
    made.conf.update(
        task_ignore_result=True,
        task_default_queue=QUEUE,
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )

    @made.task(name="noop")
    def noop() -> None:
        pass

    @made.task(name="last", bind=True)
    def last(_task: Task, key: str) -> None:
        with Redis.from_url(client_url(url)) as client:
            client.lpush(key, 1)

    return made


@contextmanager
def noop_tasks(running: Saring) -> Iterator[Callable[[], float]]:
    """A worker on this Saring's own broker; gives what publishes TASKS tasks and says how many a second were done."""
    url = embedded_broker(running.data_dir).url
    worker = subprocess.Popen([sys.executable, "-m", "bench.noop_tasks", url], start_new_session=True)
    publisher = app(url)
    try:
        with Redis.from_url(client_url(url)) as client:
            yield lambda: _publish(publisher, client)
    finally:
        publisher.close()
        # it holds nothing, and asked to end it would print so in the midst of the progress; its pool dies with it
        worker.kill()
        worker.wait(30)


def _publish(publisher: Celery, client: Redis) -> float:
    key = f"bench:last:{next(numbers)}"
    began = time.perf_counter()
    with publisher.producer_or_acquire() as producer:
        for _ in range(TASKS):
            publisher.send_task("noop", producer=producer, queue=QUEUE)
        publisher.send_task("last", [key], producer=producer, queue=QUEUE)
    if client.brpop([key], timeout=PATIENCE) is None:
        raise RuntimeError("the tasks that do nothing were not done")
    return TASKS / (time.perf_counter() - began)


if __name__ == "__main__":
    work(app(sys.argv[1]), "noop@bench", [QUEUE], 1)
