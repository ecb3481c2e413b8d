"""Back-pressure: no more comments are taken in than may wait, and no site is locked out by another."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from service.bootstrap import Services
from service.domain.errors import TooManyPending
from service.moderation.accept import accept
from service.moderation.gate import LONGEST_STANDING, LONGEST_WAIT, Gate
from service.moderation.score import score_batch
from service.moderation.sites import Credentials, add_site
from service.store import Store
from service.store.backlog import Backlog
from tests.factories import a_comment


class Seconds:
    """A monotonic clock that stands still until it's told otherwise."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def send(gate: Gate, store: Store, site: Credentials, count: int = 1) -> None:
    with gate.room_for(site.site_id, count):
        accept([a_comment() for _ in range(count)], site.site_id, store, lambda: None)


def waiting(store: Store, most: int = 1_000) -> int:
    with store.read() as tx:
        return Backlog(tx).depth(most)


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """What is counted of comments and of sites that wait inside the block, each statement with its parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "count(" in statement or "RECURSIVE waiting" in statement:
            asked.append((statement, parameters))

    sa.event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(store.engine, "before_cursor_execute", note)


def test_at_the_limit_nothing_more_is_stored(store: Store, site: Credentials, seconds: Seconds) -> None:
    gate = Gate(store, 3, seconds)
    for _ in range(3):
        send(gate, store, site)
    for _ in range(5):
        with pytest.raises(TooManyPending):
            send(gate, store, site)
    assert waiting(store) == 3


def test_a_batch_larger_than_the_limit_comes_in_while_nothing_waits(
    store: Store, site: Credentials, seconds: Seconds
) -> None:
    gate = Gate(store, 3, seconds)
    send(gate, store, site, 10)
    with pytest.raises(TooManyPending):
        send(gate, store, site)


def test_what_another_process_took_in_is_seen_after_a_second(store: Store, site: Credentials, seconds: Seconds) -> None:
    ours, theirs = Gate(store, 3, seconds), Gate(store, 3, seconds)
    send(ours, store, site)
    send(theirs, store, site, 5)
    send(ours, store, site)
    seconds.now += 1
    with pytest.raises(TooManyPending):
        send(ours, store, site)


def test_once_the_backlog_is_worked_off_comments_come_in_again(
    services: Services, site: Credentials, seconds: Seconds
) -> None:
    gate, store = Gate(services.store, 3, seconds), services.store
    send(gate, store, site, 4)
    with pytest.raises(TooManyPending):
        send(gate, store, site)
    score_batch(store, services.classifier, limit=10, lease=30)
    seconds.now += 1
    send(gate, store, site)
    assert waiting(store) == 1


def test_a_count_that_takes_long_stands_for_seconds_and_not_for_minutes(
    services: Services, site: Credentials, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(backlog: Backlog, most: int) -> int:
        seconds.now += 2
        return counted(backlog, most)

    counted = Backlog.depth
    monkeypatch.setattr(Backlog, "depth", slowly)
    gate, store = Gate(services.store, 3, seconds), services.store
    send(gate, store, site, 4)
    score_batch(store, services.classifier, limit=10, lease=30)
    seconds.now += LONGEST_STANDING - 0.1
    with pytest.raises(TooManyPending):
        send(gate, store, site)
    seconds.now += 0.2
    send(gate, store, site)


def test_one_sites_flood_locks_no_other_site_out(
    store: Store, site: Credentials, other_site: Credentials, seconds: Seconds
) -> None:
    gate = Gate(store, 20, seconds)
    send(gate, store, site, 20)
    seconds.now += 1
    with pytest.raises(TooManyPending):
        send(gate, store, site)
    # its share is 20 / (1 waiting + 1), and the fifth above the limit has room for 4
    for _ in range(4):
        send(gate, store, other_site)
    for sender in (site, other_site):
        with pytest.raises(TooManyPending):
            send(gate, store, sender)
    assert waiting(store) == 24


def test_a_small_site_gets_its_share_of_the_reserve_and_no_more(
    store: Store, site: Credentials, other_site: Credentials, seconds: Seconds
) -> None:
    gate = Gate(store, 100, seconds)
    third = add_site("third.example", None, store, allow_private=True)
    send(gate, store, site, 94)
    send(gate, store, other_site, 30)
    seconds.now += 1
    # 124 wait: beyond the limit and a fifth, where nobody is let in
    with pytest.raises(TooManyPending):
        send(gate, store, third)
    gate = Gate(store, 110, seconds)
    # at 110 two sites wait and a share is 36: the second has not used its own up
    send(gate, store, other_site, 6)
    with pytest.raises(TooManyPending):
        send(gate, store, other_site)
    send(gate, store, third)


def test_it_counts_once_a_second_however_many_ask(
    store: Store, site: Credentials, other_site: Credentials, seconds: Seconds
) -> None:
    gate = Gate(store, 50, seconds)
    send(gate, store, site, 50)
    with statements(store) as asked:
        for _ in range(100):
            with pytest.raises(TooManyPending):
                gate.room_for(site.site_id, 1).__enter__()
        with gate.room_for(other_site.site_id, 1), gate.room_for(other_site.site_id, 1):
            pass
    # of each site that asked, once
    assert len(asked) == 2
    seconds.now += 1
    with statements(store) as asked, gate.room_for(other_site.site_id, 1):
        pass
    # all, the sites that wait, and this one's own
    assert ["RECURSIVE waiting" in statement for statement, _ in asked] == [False, True, False]


def test_what_is_being_stored_while_it_counts_is_not_forgotten(
    store: Store, site: Credentials, seconds: Seconds
) -> None:
    gate = Gate(store, 3, seconds)
    with gate.room_for(site.site_id, 3):
        seconds.now += 1
        with pytest.raises(TooManyPending):
            gate.room_for(site.site_id, 1).__enter__()


def test_what_was_not_stored_after_all_is_given_back(store: Store, site: Credentials, seconds: Seconds) -> None:
    gate = Gate(store, 3, seconds)
    with pytest.raises(ZeroDivisionError), gate.room_for(site.site_id, 3):
        raise ZeroDivisionError
    seconds.now += 1
    send(gate, store, site)


def test_threads_together_pass_the_limit_by_no_more_than_one_request(store: Store, site: Credentials) -> None:
    gate = Gate(store, 25, lambda: 1.0)
    refused: list[bool] = []
    send(gate, store, site)

    def flood() -> None:
        for _ in range(5):
            try:
                send(gate, store, site, 2)
            except TooManyPending:
                refused.append(True)

    threads = [threading.Thread(target=flood) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waiting(store) == 25
    assert len(refused) == 30 - 12


def test_the_wait_is_told_from_the_pace_of_the_workers(services: Services, site: Credentials, seconds: Seconds) -> None:
    gate, store = Gate(services.store, 10, seconds), services.store
    send(gate, store, site, 30)
    with pytest.raises(TooManyPending) as nobody_works:
        send(gate, store, site)
    assert nobody_works.value.retry_after == LONGEST_WAIT
    score_batch(store, services.classifier, limit=20, lease=30)
    seconds.now += 10
    with pytest.raises(TooManyPending) as two_a_second:
        send(gate, store, site)
    # one more than the low water of 9, at 2 a second
    assert two_a_second.value.retry_after == 1


PENDING = "ix_comments_site_id_pending"


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (lambda b, _: b.depth(5), {PENDING}),
        (lambda b, site: b.depth_of(site, 5), {PENDING}),
        (lambda b, _: b.sites(), {PENDING}),
    ],
)
def test_counting_is_done_by_an_index(
    store: Store, site: Credentials, ask: Callable[[Backlog, str], int], wanted: set[str]
) -> None:
    with store.begin(by_index=True) as tx:
        with statements(store) as asked:
            ask(Backlog(tx), site.site_id)
        [(statement, parameters)] = asked
        explain = "EXPLAIN QUERY PLAN " if tx.sqlite else "EXPLAIN "
        plan = " ".join(str(row) for row in tx.connection.exec_driver_sql(explain + statement, parameters))
    assert any(f" {index}" in plan for index in wanted), plan
    assert "Seq Scan on comments" not in plan
    # SQLite's word for reading a table whole has no index behind it
    assert not re.search(r"SCAN (comments|c)'", plan)
