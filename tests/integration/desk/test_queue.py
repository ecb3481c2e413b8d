"""Who gets which comment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa

from service.moderation.queue import HAND, MAX_HAND, Hand, deal, holder, put_back, search, standing
from service.store import Store
from service.store.queue import Queue
from tests.conftest import Clock
from tests.integration.desk.conftest import Queued


def ids_of(hand: Hand) -> list[str]:
    return [comment.id for comment in hand.fresh]


def test_the_worst_comes_first(store: Store, queued: Queued, ayu: str) -> None:
    mild, worst, middle = queued(risk=1.1), queued(risk=1.9), queued(risk=1.5)
    assert ids_of(deal(store, queued.site_id, ayu)) == [worst.id, middle.id, mild.id]


def test_of_equals_the_one_that_waited_longest_comes_first(store: Store, queued: Queued, ayu: str) -> None:
    first, second = queued(), queued()
    assert ids_of(deal(store, queued.site_id, ayu)) == [first.id, second.id]


def test_a_hand_is_small(store: Store, queued: Queued, ayu: str) -> None:
    for _ in range(HAND + 2):
        queued()
    assert len(deal(store, queued.site_id, ayu).fresh) == HAND


def test_a_hand_can_be_asked_to_grow_but_not_without_end(store: Store, queued: Queued, ayu: str) -> None:
    for _ in range(MAX_HAND + 2):
        queued()
    assert len(deal(store, queued.site_id, ayu, size=1_000).fresh) == MAX_HAND


def test_two_moderators_never_hold_the_same_comment(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    for _ in range(7):
        queued()
    mine, theirs = deal(store, queued.site_id, ayu), deal(store, queued.site_id, bima)
    assert len(ids_of(mine)) == 5
    assert len(ids_of(theirs)) == 2
    assert not set(ids_of(mine)) & set(ids_of(theirs))


def test_they_do_not_when_they_ask_at_the_same_time_either(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    for _ in range(30):
        queued()
    with ThreadPoolExecutor(8) as pool:
        hands = list(pool.map(lambda who: (who, deal(store, queued.site_id, who, size=20)), [ayu, bima] * 8))
    mine = {id for who, hand in hands if who == ayu for id in ids_of(hand)}
    theirs = {id for who, hand in hands if who == bima for id in ids_of(hand)}
    assert not mine & theirs
    assert len(mine | theirs) == 30


def test_a_page_that_is_opened_again_shows_the_same_cards(store: Store, queued: Queued, ayu: str) -> None:
    first, second = queued(), queued()
    deal(store, queued.site_id, ayu)
    assert ids_of(deal(store, queued.site_id, ayu)) == [first.id, second.id]


def test_cards_on_the_page_are_not_dealt_twice(store: Store, queued: Queued, ayu: str) -> None:
    first = queued()
    deal(store, queued.site_id, ayu)
    hand = deal(store, queued.site_id, ayu, shown=[first.id])
    assert hand.fresh == ()
    assert hand.lost == ()


def test_a_claim_ends_by_itself(store: Store, queued: Queued, ayu: str, bima: str, clock: Clock) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    clock.forward(minutes=5, seconds=1)
    assert ids_of(deal(store, queued.site_id, bima)) == [comment.id]


def test_a_claim_that_is_renewed_does_not_end(store: Store, queued: Queued, ayu: str, bima: str, clock: Clock) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    for _ in range(3):
        clock.forward(minutes=4)
        assert deal(store, queued.site_id, ayu, shown=[comment.id]).lost == ()
    assert deal(store, queued.site_id, bima).fresh == ()


def test_a_page_learns_which_cards_went_to_others(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock
) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    clock.forward(minutes=6)
    deal(store, queued.site_id, bima)
    assert deal(store, queued.site_id, ayu, shown=[comment.id]).lost == (comment.id,)


def test_a_skipped_comment_goes_behind_the_others_and_comes_again(store: Store, queued: Queued, ayu: str) -> None:
    worst, other = queued(risk=2.0), queued(risk=1.0)
    put_back(store, queued.site_id, ayu, [worst.id])
    hand = deal(store, queued.site_id, ayu, passed=[worst.id])
    assert ids_of(hand) == [other.id]
    put_back(store, queued.site_id, ayu, [other.id])
    again = deal(store, queued.site_id, ayu, passed=[worst.id, other.id])
    assert ids_of(again) == [worst.id, other.id]
    assert again.passed == ()


def test_what_one_skips_another_gets(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    put_back(store, queued.site_id, ayu, [comment.id])
    assert ids_of(deal(store, queued.site_id, bima)) == [comment.id]


def test_nobody_can_put_back_what_another_holds(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    put_back(store, queued.site_id, bima, [comment.id])
    held = holder(store, queued.site_id, comment.id)
    assert held is not None
    assert held.name == "Ayu"


def test_a_closing_page_leaves_what_another_page_has_renewed(
    store: Store, queued: Queued, ayu: str, clock: Clock
) -> None:
    comment = queued()
    old = deal(store, queued.site_id, ayu)
    clock.forward(seconds=1)
    deal(store, queued.site_id, ayu)
    put_back(store, queued.site_id, ayu, [comment.id], old.until)
    assert holder(store, queued.site_id, comment.id) is not None


def test_a_closing_page_gives_back_its_own(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    hand = deal(store, queued.site_id, ayu)
    put_back(store, queued.site_id, ayu, [comment.id], hand.until)
    assert holder(store, queued.site_id, comment.id) is None


def test_another_sites_queue_stays_shut(store: Store, queued: Queued, elsewhere: Queued, ayu: str) -> None:
    theirs = elsewhere()
    assert deal(store, queued.site_id, ayu).fresh == ()
    hand = deal(store, queued.site_id, ayu, shown=[theirs.id])
    assert hand.lost == (theirs.id,)
    assert holder(store, elsewhere.site_id, theirs.id) is None


def test_the_numbers_beside_the_queue(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    for _ in range(7):
        queued()
    deal(store, queued.site_id, bima)
    counts = standing(store, queued.site_id, ayu).counts
    assert (counts.waiting, counts.with_others) == (7, 5)


def test_search_finds_words_and_names_in_the_queue(store: Store, queued: Queued) -> None:
    found, _other = queued(text="Dasar Goblok 100%"), queued(text="halo")
    assert [comment.id for comment in search(store, queued.site_id, "goblok")] == [found.id]
    assert [comment.id for comment in search(store, queued.site_id, "0%")] == [found.id]
    assert search(store, queued.site_id, "%") == [found]
    assert len(search(store, queued.site_id, "ayu")) == 2


def test_claiming_reads_the_queues_index(store: Store, queued: Queued) -> None:
    """Never the whole table, however many comments were decided before."""
    statements: list[tuple[str, object]] = []
    with store.begin() as tx:
        sa.event.listen(tx.connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        Queue(tx, queued.site_id).claim_worst("01a20dd2-1159-735a-9cc6-514c279da40e", tx.now + timedelta(minutes=5), 5)
    select, parameters = statements[0]
    with store.begin() as tx:
        if tx.sqlite:
            plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {select}", parameters).all()
        else:
            tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            tx.connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            tx.connection.exec_driver_sql("SET LOCAL enable_sort = off")
            plan = tx.connection.exec_driver_sql(f"EXPLAIN {select}", parameters).all()
    assert "ix_comments_priority" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
    assert "Sort" not in str(plan)
