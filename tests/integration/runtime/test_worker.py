"""A real worker on a real broker, and what happens to it when one of them dies."""

import os
import signal
import time
from collections.abc import Callable

from service.runtime.broker import Waker
from tests.integration.runtime.conftest import Broker, Worker
from tests.unit.runtime.tree import alive, until

Start = Callable[[], Worker]


def test_a_wake_up_reaches_the_worker(start_worker: Start, wake: Waker) -> None:
    worker = start_worker()
    wake("score_pending")
    wake("deliver_due")
    until(lambda: worker.count("score_pending") == 1 and worker.count("deliver_due") == 1)


def test_a_pulse_reaches_every_worker(start_worker: Start, wake: Waker) -> None:
    workers = start_worker(), start_worker()
    before = [worker.count("pulse") for worker in workers]
    wake.pulse()
    until(lambda: all(worker.count("pulse") > earlier for worker, earlier in zip(workers, before, strict=True)))


def test_an_idle_worker_outlives_the_broker(start_worker: Start, own_broker: Broker, wake: Waker) -> None:
    worker = start_worker()
    for number in (1, 2):
        own_broker.kill()
        time.sleep(0.2)
        own_broker.start()

        def woken(number: int = number) -> bool:
            wake.poke("score_pending")
            time.sleep(0.2)
            return worker.count("score_pending") >= number

        until(woken, seconds=20)
    assert worker.process.poll() is None


def test_a_pool_does_not_outlive_its_worker(start_worker: Start) -> None:
    worker = start_worker()
    pool = worker.pool()
    assert pool
    worker.process.kill()
    until(lambda: not any(map(alive, pool)), seconds=3)


def test_a_worker_stops_when_asked(start_worker: Start) -> None:
    worker = start_worker()
    os.kill(worker.process.pid, signal.SIGTERM)
    assert worker.process.wait(10) == 0
