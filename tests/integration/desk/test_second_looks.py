"""Second looks: who gets which, and what comes of it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import Action
from service.domain.errors import Conflict
from service.domain.period import Period
from service.moderation.accept import accept
from service.moderation.erase import erase_comment
from service.moderation.insights import count
from service.moderation.review import Act, Seen, review, undo
from service.moderation.second_look import disagreements, how_many, is_sampled, look_again, next_look, pass_on
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials
from service.moderation.steer import set_second_look_share
from service.store import Store
from service.store.engine import new_id
from service.store.rows import CommentRow
from service.store.second_looks import SecondLooks
from service.store.tables import comments
from tests.browser.stage import PASSWORD
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.conftest import Queued
from tests.integration.desk.looks import decided
from tests.integration.test_plans import plan_of


def another(store: Store, site_id: str, number: int) -> str:
    """One more moderator."""
    return add_user(store, f"p{number}@news.example", f"P{number}", PASSWORD, site_id, "moderator")


def test_a_share_of_decisions_is_sampled_and_always_the_same() -> None:
    ids = [new_id() for _ in range(4_000)]
    chosen = [id for id in ids if is_sampled(id, 0.1)]
    # four standard deviations
    assert 324 <= len(chosen) <= 476
    assert all(is_sampled(id, 0.1) for id in chosen)
    assert all(is_sampled(id, 0.3) for id in chosen)
    assert not any(is_sampled(id, 0.0) for id in ids)
    assert all(is_sampled(id, 1.0) for id in ids)


def by_desk(store: Store, user_id: str, *rows: CommentRow) -> None:
    """Decisions as the desk's page takes them."""
    seen = [Seen(comment.id, comment.revision, comment.status) for comment in rows]
    review(store, lambda: None, rows[0].site_id, user_id, seen, Act(Action.REJECT))


@pytest.mark.parametrize(("share", "drawn"), [(1.0, 1), (0.0, 0)])
def test_the_desk_draws_the_share_that_the_lead_set(
    store: Store, queued: Queued, ayu: str, bima: str, share: float, drawn: int
) -> None:
    set_second_look_share(store, queued.site_id, share)
    by_desk(store, ayu, queued())
    assert how_many(store, queued.site_id, bima) == drawn


def test_of_near_identical_comments_the_one_that_was_seen_is_drawn(
    store: Store, queued: Queued, ayu: str, bima: str
) -> None:
    set_second_look_share(store, queued.site_id, 1.0)
    seen, *others = [queued() for _ in range(3)]
    with store.begin() as tx:
        tx.connection.execute(sa.update(comments).values(likeness=7))
    by_desk(store, ayu, seen)
    assert {queued.status(other.id) for other in others} == {Status.REJECTED}
    look = next_look(store, queued.site_id, bima)
    assert look is not None
    assert look.comment.id == seen.id
    assert how_many(store, queued.site_id, bima) == 1


def test_several_that_were_selected_are_not_drawn(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    set_second_look_share(store, queued.site_id, 1.0)
    by_desk(store, ayu, queued(), queued())
    assert how_many(store, queued.site_id, bima) == 0


def test_a_single_decision_comes_to_another_moderator(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    decided(store, ayu, comment)
    look = next_look(store, queued.site_id, bima)
    assert look is not None
    assert look.comment.id == comment.id
    assert how_many(store, queued.site_id, bima) == 1


def test_a_look_that_nobody_took_for_a_month_is_over(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock
) -> None:
    decided(store, ayu, queued())
    clock.forward(days=29)
    assert how_many(store, queued.site_id, bima) == 1
    clock.forward(days=2)
    assert how_many(store, queued.site_id, bima) == 0
    assert next_look(store, queued.site_id, bima) is None


def test_acts_on_several_and_shares_of_nothing_bring_none(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    decided(store, ayu, queued(), queued())
    decided(store, ayu, queued(), share=0.0)
    assert next_look(store, queued.site_id, bima) is None


def test_one_never_gets_ones_own(store: Store, queued: Queued, ayu: str) -> None:
    decided(store, ayu, queued())
    assert next_look(store, queued.site_id, ayu) is None
    assert how_many(store, queued.site_id, ayu) == 0


def test_nor_a_comment_about_which_one_has_decided_before(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    decided(store, bima, comment, share=0.0)
    decided(store, ayu, queued.now(comment.id), action=Action.APPROVE)
    assert next_look(store, queued.site_id, bima) is None


def test_a_page_that_is_opened_again_shows_the_same(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    for _ in range(2):
        decided(store, ayu, queued())
    first, again = (next_look(store, queued.site_id, bima) for _ in range(2))
    assert first is not None
    assert first == again


def test_two_moderators_never_get_the_same(store: Store, queued: Queued, ayu: str) -> None:
    people = [another(store, queued.site_id, number) for number in range(8)]
    for _ in range(8):
        decided(store, ayu, queued())
    with ThreadPoolExecutor(8) as pool:
        looks = list(pool.map(lambda who: next_look(store, queued.site_id, who), people))
    found = [look.id for look in looks if look is not None]
    assert len(set(found)) == len(found) == 8


def test_a_claim_ends_after_five_minutes(store: Store, queued: Queued, ayu: str, bima: str, clock: Clock) -> None:
    third = another(store, queued.site_id, 3)
    decided(store, ayu, queued())
    held = next_look(store, queued.site_id, bima)
    assert held is not None
    assert next_look(store, queued.site_id, third) is None
    assert how_many(store, queued.site_id, third) == 0
    clock.forward(minutes=5, seconds=1)
    assert how_many(store, queued.site_id, third) == 1
    taken = next_look(store, queued.site_id, third)
    assert taken is not None
    with pytest.raises(Conflict):
        look_again(store, queued.site_id, bima, held.id, Action.APPROVE)
    look_again(store, queued.site_id, third, taken.id, Action.APPROVE)


def test_what_is_skipped_comes_after_the_others_and_again(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    for _ in range(3):
        decided(store, ayu, queued())
    found: list[str] = []
    for _ in range(4):
        look = next_look(store, queued.site_id, bima, found[-1] if found else None)
        assert look is not None
        pass_on(store, queued.site_id, bima, look.id)
        found.append(look.id)
    assert found[:3] == sorted(set(found))
    assert found[3] == found[0]


def test_a_second_look_changes_nothing_about_the_comment(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    decided(store, ayu, comment, action=Action.REJECT)
    before = queued.now(comment.id)
    look = next_look(store, queued.site_id, bima)
    assert look is not None
    look_again(store, queued.site_id, bima, look.id, Action.APPROVE)
    assert queued.now(comment.id) == before
    assert queued.status(comment.id) is Status.REJECTED
    assert next_look(store, queued.site_id, bima) is None


def test_a_look_counts_once(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    decided(store, ayu, queued())
    look = next_look(store, queued.site_id, bima)
    assert look is not None
    look_again(store, queued.site_id, bima, look.id, Action.APPROVE)
    with pytest.raises(Conflict):
        look_again(store, queued.site_id, bima, look.id, Action.REJECT)


def test_an_edited_comment_drops_out(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued(id="edited")
    decided(store, ayu, comment)
    look = next_look(store, queued.site_id, bima)
    assert look is not None
    accept([a_comment(id="edited", text="Kini lain.")], queued.site_id, store, lambda: None)
    with pytest.raises(Conflict):
        look_again(store, queued.site_id, bima, look.id, Action.APPROVE)
    assert next_look(store, queued.site_id, bima) is None
    assert how_many(store, queued.site_id, bima) == 0


def test_an_erased_comment_drops_out(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    decided(store, ayu, comment)
    look = next_look(store, queued.site_id, bima)
    assert look is not None
    erase_comment(comment.id, queued.site_id, store)
    with pytest.raises(Conflict):
        look_again(store, queued.site_id, bima, look.id, Action.APPROVE)
    assert how_many(store, queued.site_id, bima) == 0


def test_a_decision_that_was_taken_back_drops_out(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    decided(store, ayu, queued())
    undo(store, lambda: None, queued.site_id, ayu)
    assert next_look(store, queued.site_id, bima) is None


def test_another_sites_looks_stay_shut(
    store: Store, queued: Queued, elsewhere: Queued, other_site: Credentials, ayu: str, bima: str
) -> None:
    decided(store, ayu, elsewhere())
    theirs = next_look(store, elsewhere.site_id, bima)
    assert theirs is not None
    assert next_look(store, queued.site_id, bima) is None
    assert how_many(store, queued.site_id, bima) == 0
    with pytest.raises(Conflict):
        look_again(store, queued.site_id, bima, theirs.id, Action.APPROVE)
    look_again(store, elsewhere.site_id, bima, theirs.id, Action.APPROVE)
    assert disagreements(store, queued.site_id).rows == ()
    assert len(disagreements(store, elsewhere.site_id).rows) == 1
    assert count(store, queued.site_id, Period.WEEK).agreement.kappa is None


def looked(store: Store, queued: Queued, first: str, second: str, one: Action, other: Action) -> None:
    decided(store, first, queued(), action=one)
    look = next_look(store, queued.site_id, second)
    assert look is not None
    look_again(store, queued.site_id, second, look.id, other)


def test_kappa_is_that_of_the_looks(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    approve, reject = Action.APPROVE, Action.REJECT
    for one, other, times in ((approve, approve, 4), (approve, reject, 1), (reject, approve, 2), (reject, reject, 3)):
        for _ in range(times):
            looked(store, queued, ayu, bima, one, other)
    found = count(store, queued.site_id, Period.WEEK).agreement
    assert found.pairs == {
        ("approve", "approve"): 4, ("approve", "reject"): 1, ("reject", "approve"): 2, ("reject", "reject"): 3,
    }  # fmt: skip
    assert found.kappa is not None
    assert (found.kappa.n, found.kappa.observed, found.kappa.value) == (10, 0.7, pytest.approx(0.4))


def test_disagreements_are_listed_the_last_first(
    store: Store, queued: Queued, ayu: str, bima: str, clock: Clock
) -> None:
    looked(store, queued, ayu, bima, Action.REJECT, Action.REJECT)
    for action, other in ((Action.APPROVE, Action.REJECT), (Action.REJECT, Action.APPROVE)):
        clock.forward(minutes=1)
        looked(store, queued, ayu, bima, action, other)
    found = disagreements(store, queued.site_id)
    assert [(row.first, row.second) for row in found.rows] == [
        (Action.REJECT, Action.APPROVE), (Action.APPROVE, Action.REJECT),
    ]  # fmt: skip
    assert found.older is None
    assert len(disagreements(store, queued.site_id, found.rows[0].decided_at).rows) == 1


def test_looks_are_found_by_their_indexes(store: Store, queued: Queued, ayu: str) -> None:
    def plan(ask: Callable[[SecondLooks], object]) -> str:
        return plan_of(store, lambda tx: ask(SecondLooks(tx, queued.site_id)))

    with store.read() as tx:
        now = tx.now
    # either reads what nobody has looked at, and nothing else
    open_ones = re.compile(r"ix_second_looks_open|ix_second_looks_site_id_decided_at \(site_id=\? AND decided_at=\?")
    assert open_ones.search(plan(lambda looks: looks.open_to(ayu)))
    assert open_ones.search(plan(lambda looks: looks.claim(ayu, now)))
    assert "ix_second_looks_site_id_decided_at" in plan(lambda looks: looks.pairs(now))
    assert "ix_second_looks_site_id_decided_at" in plan(lambda looks: looks.disagreements(now, 50))
