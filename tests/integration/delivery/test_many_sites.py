"""A slow or dead site delays no other, and each is called by no more than it may be at a time."""

import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from structlog.testing import capture_logs

from service.bootstrap import Services
from service.moderation.lanes import FIRST_CALLS
from tests.conftest import Clock
from tests.integration.delivery.place import Place, a_site, counts, decide_for, deliver, row, waiting

SITES = 20


def until(true: Callable[[], bool], seconds: float = 8) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_twenty_dead_sites_hold_up_no_healthy_one(services: Services, places: Callable[..., Place]) -> None:
    silent, healthy = places(), places()
    silent.held.clear()
    dead = [a_site(services, f"dead-{number}.example", silent.url, 6) for number in range(SITES)]
    site_id = a_site(services, "healthy.example", healthy.url, 40)
    sending = threading.Thread(target=lambda: deliver(services, concurrency=8))
    sending.start()
    assert until(lambda: len(healthy.got) == 40, 1.9), "the dead sites' time-out of two seconds was waited for"
    # and while they are waited for, what becomes due is still delivered
    assert until(lambda: silent.at_once >= SITES)
    decide_for(services, site_id, 3)
    assert until(lambda: len(healthy.got) == 43, 1.5)
    sending.join()
    assert counts(services, site_id)["delivered"] == 43
    assert all(row(services, one).callback_failures for one in dead)


def test_what_becomes_due_after_time_is_up_does_not_wait_for_a_silent_call(
    services: Services, places: Callable[..., Place]
) -> None:
    silent, healthy = places(), places()
    silent.held.clear()
    a_site(services, "dead.example", silent.url, 1)
    site_id = a_site(services, "healthy.example", healthy.url, 1)
    sending = threading.Thread(target=lambda: deliver(services, seconds=0.3))
    began = time.monotonic()
    sending.start()
    time.sleep(0.6)
    decide_for(services, site_id, 1)
    assert until(lambda: len(healthy.got) == 2, 1)
    assert time.monotonic() - began < 2
    sending.join()


def test_a_silent_site_is_called_by_few_at_a_time(services: Services, place: Place) -> None:
    place.held.clear()
    a_site(services, "dead.example", place.url, 20)
    sending = threading.Thread(target=lambda: deliver(services, concurrency=16, seconds=0.5))
    sending.start()
    sending.join()
    assert place.most_at_once == FIRST_CALLS


def test_a_site_is_called_by_no_more_than_it_may_be_over_connections_that_are_kept(
    services: Services, place: Place
) -> None:
    place.pause = 0.005
    site_id = a_site(services, "busy.example", place.url, 120)
    deliver(services, concurrency=5)
    assert counts(services, site_id)["delivered"] == 120
    assert 1 < place.most_at_once <= 5
    assert place.connections <= 5
    assert set(place.times_each().values()) == {1}


def test_what_was_claimed_and_not_sent_is_due_again_as_if_never_claimed(services: Services, place: Place) -> None:
    place.held.clear()
    site_id = a_site(services, "dead.example", place.url, 30)
    deliver(services, concurrency=16, seconds=0.3)
    assert sum(one.attempts for one in waiting(services, site_id)) == len(place.got)


def test_a_site_that_asks_for_time_is_left_alone_and_loses_no_attempt(
    services: Services, place: Place, clock: Clock
) -> None:
    place.status, place.headers = 429, {"retry-after": "600"}
    site_id = a_site(services, "tired.example", place.url, 30)
    deliver(services)
    called = len(place.got)
    assert called <= FIRST_CALLS
    clock.forward(seconds=590)
    assert deliver(services) == 0
    assert sum(one.attempts for one in waiting(services, site_id)) == called


def test_every_attempt_is_heard_of_with_its_outcome_and_seconds(services: Services, place: Place) -> None:
    site_id = a_site(services, "news.example", place.url, 3)
    with capture_logs() as logs:
        deliver(services)
    heard = [line for line in logs if line["event"] == "site called"]
    assert [(line["site_id"], line["outcome"], line["events"]) for line in heard] == [(site_id, "delivered", 1)] * 3
    assert {line["webhook_id"] for line in heard} == place.times_each().keys()
    assert all(0 < line["ms"] < 2_000 for line in heard)


def test_statements_grow_with_neither_deliveries_nor_failures(services: Services, place: Place) -> None:
    place.status = 503

    def statements(count: int) -> int:
        site_id = a_site(services, f"counted-{count}.example", place.url, count, batch=500)
        ran: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.lstrip().upper().startswith(("UPDATE DELIVERIES", "WITH")):
                ran.append(statement)

        sa.event.listen(services.store.engine, "before_cursor_execute", note)
        deliver(services)
        sa.event.remove(services.store.engine, "before_cursor_execute", note)
        assert len(waiting(services, site_id)) == count
        return len(ran)

    assert statements(100) == statements(2)
