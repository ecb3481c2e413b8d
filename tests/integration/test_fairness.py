"""Whose comments are scored next: no site's flood holds up another's, nothing is left out, nobody takes what another holds."""

import math
import threading
from collections import Counter
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from service.bootstrap import Services
from service.moderation.accept import accept
from service.moderation.score import score_batch
from service.moderation.sites import Credentials, add_site
from service.store import Store
from service.store import backlog as backlogs
from service.store.backlog import LOOK_SECONDS, SITES_AT_ONCE, Backlog, Rota
from service.store.engine import new_id
from service.store.rows import PendingRow
from service.store.tables import claims, comments
from tests.conftest import Clock
from tests.factories import a_comment

BATCH = 100


def send(store: Store, site_id: str, count: int) -> list[str]:
    """So many comments of a site, which wait since; their ids, the oldest first."""
    ids: list[str] = []
    for start in range(0, count, 500):
        sent = [a_comment() for _ in range(min(500, count - start))]
        ids += [one.id for one in accept(sent, site_id, store, lambda: None)]
    return ids


def sites(store: Store, count: int) -> list[str]:
    return [add_site(f"site-{n}.example", None, store, allow_private=True).site_id for n in range(count)]


def claim(store: Store, rota: Rota | None = None, limit: int = BATCH, seconds: float = 30) -> list[PendingRow]:
    with store.begin() as tx:
        return Backlog(tx).claim(new_id(), seconds, limit, rota)


def claim_all(store: Store, rota: Rota | None, limit: int = BATCH) -> list[list[PendingRow]]:
    """Batches until there is none."""
    batches = []
    while batch := claim(store, rota, limit):
        batches.append(batch)
    return batches


def ids_of(rows: Sequence[PendingRow]) -> list[str]:
    return [row.id for row in rows]


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock of rotas, which stands still until its one number is another."""
    now = [1_000.0]
    monkeypatch.setattr(backlogs, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("used", [False, True], ids=["no rota", "one of its own"])
def test_one_sites_flood_does_not_hold_up_another_sites_few(
    store: Store, site: Credentials, other_site: Credentials, used: bool
) -> None:
    flood = send(store, site.site_id, 1_000)
    few = send(store, other_site.site_id, 3)
    batch = claim(store, Rota() if used else None)
    assert set(few) <= set(ids_of(batch))
    # what the small site leaves of its half is the flood's, and of that the oldest first
    assert [row.id for row in batch if row.site_id == site.site_id] == flood[: BATCH - 3]


def test_a_small_site_that_comes_into_a_flood_is_next_when_the_worker_looks_again(
    store: Store, site: Credentials, other_site: Credentials, seconds: list[float]
) -> None:
    send(store, site.site_id, 1_000)
    rota = Rota()
    claim(store, rota)
    few = send(store, other_site.site_id, 3)
    seconds[0] += LOOK_SECONDS + 0.1
    assert set(few) <= set(ids_of(claim(store, rota)))


@pytest.mark.parametrize("count", [SITES_AT_ONCE + 1, 20])
def test_more_sites_than_share_a_batch_take_turns(store: Store, seconds: list[float], count: int) -> None:
    all_of_them = sites(store, count)
    for site_id in all_of_them:
        send(store, site_id, 40)
    rota = Rota()
    batches = [claim(store, rota) for _ in range(math.ceil(count / SITES_AT_ONCE))]
    assert {row.site_id for batch in batches for row in batch} == set(all_of_them)
    for batch in batches:
        shares = Counter(row.site_id for row in batch)
        assert len(shares) == SITES_AT_ONCE
        assert len(batch) == BATCH
        assert min(shares.values()) >= BATCH // SITES_AT_ONCE


def test_looking_again_keeps_the_places_in_line(store: Store, seconds: list[float]) -> None:
    all_of_them = sites(store, 20)
    for site_id in all_of_them:
        send(store, site_id, 40)
    rota, served = Rota(), set()
    for _ in range(math.ceil(20 / SITES_AT_ONCE)):
        served |= {row.site_id for row in claim(store, rota)}
        seconds[0] += LOOK_SECONDS + 0.1
    assert served == set(all_of_them)


@pytest.mark.parametrize("used", [False, True], ids=["no rota", "one of its own"])
@pytest.mark.parametrize("limit", [3, BATCH])
def test_nothing_is_left_out_or_taken_twice_when_sites_have_few(
    store: Store, seconds: list[float], used: bool, limit: int
) -> None:
    sent = [id for n, site_id in enumerate(sites(store, 11)) for id in send(store, site_id, n % 4 + 1)]
    taken = [id for batch in claim_all(store, Rota() if used else None, limit) for id in ids_of(batch)]
    assert sorted(taken) == sorted(sent)


def test_a_batch_is_as_full_as_what_waits(store: Store, seconds: list[float]) -> None:
    """What sites leave of their equal parts goes to those that have more."""
    for site_id, count in zip(sites(store, 4), (1, 2, 300, 300), strict=True):
        send(store, site_id, count)
    shares = Counter(row.site_id for row in claim(store, Rota()))
    assert sum(shares.values()) == BATCH
    assert sorted(shares.values())[:2] == [1, 2]
    assert sorted(shares.values())[2] >= BATCH // 4


def test_what_a_dead_worker_held_has_an_attempt_more_and_is_found_again_by_one_that_went_on(
    store: Store, site: Credentials, clock: Clock, seconds: list[float]
) -> None:
    oldest = send(store, site.site_id, 5)
    assert ids_of(claim(store, limit=5)) == oldest
    younger = send(store, site.site_id, 300)
    rota = Rota()
    assert ids_of(claim(store, rota)) == younger[:BATCH]
    clock.forward(seconds=31)
    # its own claim has run out as well, and it goes on behind it until it looks again
    assert ids_of(claim(store, rota)) == younger[BATCH : 2 * BATCH]
    seconds[0] += LOOK_SECONDS + 0.1
    again = claim(store, rota)
    assert ids_of(again) == [*oldest, *younger[: BATCH - 5]]
    assert {row.attempts for row in again} == {1}
    with store.read() as tx:
        stored = tx.connection.execute(sa.select(comments.c.id).where(comments.c.attempts == 0)).scalars()
        assert set(stored) == set(younger[BATCH:])


def test_what_was_decided_before_its_claim_ran_out_has_no_attempt_more(
    services: Services, store: Store, site: Credentials, clock: Clock
) -> None:
    [id] = send(store, site.site_id, 1)
    claim(store)
    with store.begin() as tx:
        tx.connection.execute(sa.update(comments).values(status="approved"))
    clock.forward(seconds=31)
    assert score_batch(store, services.classifier, limit=BATCH, lease=30) == 0
    with store.read() as tx:
        assert tx.connection.execute(sa.select(comments.c.attempts).where(comments.c.id == id)).scalar() == 0
        assert tx.connection.execute(sa.select(sa.func.count()).select_from(claims)).scalar() == 0


def test_a_claim_is_one_row_and_ends_with_its_batch(services: Services, store: Store, site: Credentials) -> None:
    send(store, site.site_id, 50)
    rows = sa.select(claims.c.comment_ids)
    with store.begin() as tx:
        taken = Backlog(tx).claim("mine", 30, BATCH)
        assert [sorted(ids) for ids in tx.connection.execute(rows).scalars()] == [sorted(ids_of(taken))]
        Backlog(tx).release("mine")
    assert score_batch(store, services.classifier, limit=BATCH, lease=30) == 50
    with store.read() as tx:
        assert list(tx.connection.execute(rows).scalars()) == []


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_at_the_same_time_never_share_a_comment(store: Store, workers: int) -> None:
    sent = [id for site_id in sites(store, 3) for id in send(store, site_id, 150)]
    start = threading.Barrier(workers)
    taken: list[list[str]] = [[] for _ in range(workers)]

    def work(number: int) -> None:
        rota = Rota()
        start.wait(10)
        for batch in claim_all(store, rota, 20):
            taken[number] += ids_of(batch)

    threads = [threading.Thread(target=work, args=[number]) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(id for ids in taken for id in ids) == sorted(sent)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_claim_waits_for_one_that_is_not_yet_committed(store: Store, site: Credentials) -> None:
    """On PostgreSQL, where two can be under way: the second would not see the first."""
    sent = send(store, site.site_id, 20)
    second: list[str] = []
    ended = threading.Event()

    def work() -> None:
        second.extend(ids_of(claim(store, limit=10)))
        ended.set()

    thread = threading.Thread(target=work)
    with store.begin() as tx:
        first = ids_of(Backlog(tx).claim("first", 30, 10))
        thread.start()
        assert not ended.wait(0.5)
    thread.join(10)
    assert (first, second) == (sent[:10], sent[10:])


def test_sites_whose_comments_are_all_held_hide_no_other(store: Store, seconds: list[float]) -> None:
    for site_id in sites(store, SITES_AT_ONCE):
        send(store, site_id, 2)
    rota = Rota()
    assert len(claim(store)) == SITES_AT_ONCE * 2
    last = add_site("last.example", None, store, allow_private=True).site_id
    [id] = send(store, last, 1)
    assert ids_of(claim(store, rota)) == [id]


def test_a_suspect_gets_its_turn_though_others_keep_coming(store: Store, site: Credentials) -> None:
    [suspect] = send(store, site.site_id, 1)
    with store.begin() as tx:
        tx.connection.execute(sa.update(comments).values(attempts=backlogs.SUSPECT_AFTER))
    rota = Rota()
    batches = []
    for _ in range(backlogs.SUSPECTS_EVERY):
        send(store, site.site_id, 2)
        batches.append(ids_of(claim(store, rota)))
    assert batches[-1] == [suspect]
    assert [len(batch) for batch in batches[:-1]] == [2] * (backlogs.SUSPECTS_EVERY - 1)


def test_small_batches_serve_every_site_in_turn(store: Store) -> None:
    waiting = sites(store, SITES_AT_ONCE)
    for site_id in waiting:
        send(store, site_id, 2)
    rota = Rota()
    served = [row.site_id for _ in range(SITES_AT_ONCE // 2) for row in claim(store, rota, limit=2)]
    # each fourth claim looks for suspects first, and finds none
    assert sorted(served) == sorted(waiting)
