"""Wake-ups on a real broker: few of them, and never in the way."""

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from service.runtime.broker import MOST_WAITING, PRESENCE, READER, Waker, waker
from service.settings import Settings
from tests.integration.runtime.conftest import Broker


@pytest.fixture
def redis(own_broker: Broker) -> Iterator[Redis]:
    with Redis.from_url(own_broker.server.url) as client:
        yield client


def test_a_burst_publishes_one_wake_up(wake: Waker, redis: Redis) -> None:
    for _ in range(50):
        wake("score_pending")
    assert redis.llen("score") == 1


def test_the_threads_of_a_process_share_the_burst(wake: Waker, redis: Redis) -> None:
    threads = [threading.Thread(target=wake, args=["score_pending"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redis.llen("score") == 1
    assert wake.failures == 0


def test_a_burst_of_one_task_holds_up_no_other(wake: Waker, redis: Redis) -> None:
    wake("score_pending")
    wake("deliver_due")
    assert (redis.llen("score"), redis.llen("deliver")) == (1, 1)


def test_a_worker_that_is_awake_lets_the_next_wake_up_through(wake: Waker, redis: Redis) -> None:
    wake("score_pending")
    wake.awake("score_pending")
    wake("score_pending")
    assert redis.llen("score") == 2


def test_a_poke_heeds_no_burst(wake: Waker, redis: Redis) -> None:
    wake("score_pending")
    wake.poke("score_pending")
    assert redis.llen("score") == 2


def test_nothing_piles_up_while_no_worker_runs(wake: Waker, redis: Redis) -> None:
    for _ in range(MOST_WAITING + 5):
        wake.awake("score_pending")
        wake("score_pending")
        wake.poke("score_pending")
        wake.pulse()
    assert redis.llen("score") == MOST_WAITING
    assert not redis.exists("pulse")


def test_a_process_opens_its_own_connections_after_a_fork(wake: Waker, redis: Redis) -> None:
    wake("score_pending")
    pid = os.fork()
    if pid == 0:
        wake.awake("score_pending")
        wake("score_pending")
        os._exit(wake.failures)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    wake.awake("score_pending")
    wake("score_pending")
    assert redis.llen("score") == 3
    assert wake.failures == 0


def test_the_first_wake_up_after_a_restart_gets_through(wake: Waker, own_broker: Broker, redis: Redis) -> None:
    wake("score_pending")
    own_broker.kill()
    own_broker.start()
    wake.awake("score_pending")
    wake("score_pending")
    assert wake.failures == 0
    # the first one outlived the kill, or the disk had not been asked yet: one second may be lost
    assert redis.llen("score") in {1, 2}


def test_a_broker_that_is_gone_costs_nothing(wake: Waker, own_broker: Broker) -> None:
    own_broker.kill()
    began = time.monotonic()
    for _ in range(100):
        wake("score_pending")
    assert time.monotonic() - began < 0.5
    assert wake.failures == 1


def test_a_broker_that_hangs_costs_little_once(own_settings: Settings) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        wake = waker(Settings.from_env({"SARING_DATA_DIR": str(own_settings.data_dir), "SARING_REDIS_URL": url}))
        began = time.monotonic()
        wake("score_pending")
        assert time.monotonic() - began < 1.5
        began = time.monotonic()
        wake("score_pending")
        assert time.monotonic() - began < 0.01
    assert wake.failures == 1


def test_after_a_while_it_tries_again(
    wake: Waker, own_broker: Broker, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.runtime.broker.AWAY", 0.1)
    own_broker.kill()
    wake("score_pending")
    own_broker.start()
    time.sleep(0.1)
    wake("score_pending")
    assert redis.llen("score") == 1
    assert wake.failures == 1


def test_a_reader_is_known_by_its_pace_until_it_is_lost_or_silent(wake: Waker, redis: Redis) -> None:
    assert wake.reader_pace() is None
    wake.show_reader(9.5)
    assert wake.reader_pace() == 9.5
    assert 0 < int(redis.pttl(READER)) <= PRESENCE  # type: ignore[arg-type]
    wake.lose_reader()
    assert wake.reader_pace() is None


def test_without_a_broker_no_reader_is_known(wake: Waker, own_broker: Broker) -> None:
    wake.show_reader(9.5)
    own_broker.kill()
    assert wake.reader_pace() is None
