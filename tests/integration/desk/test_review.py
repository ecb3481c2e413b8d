"""Deciding and undoing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.domain.comment import Status
from service.domain.decision import Action, Actor
from service.domain.errors import NotFound
from service.moderation.accept import accept
from service.moderation.queue import deal, holder
from service.moderation.review import Act, Seen, review, undo
from service.store import Store
from service.store.decisions import Decisions
from service.store.rows import CommentRow, DecisionRow
from tests.factories import a_comment
from tests.integration.desk.conftest import Queued


def nothing() -> None:
    pass


def as_seen(comment: CommentRow) -> Seen:
    return Seen(comment.id, comment.revision, comment.status)


def decisions_of(store: Store, comment: CommentRow) -> list[DecisionRow]:
    with store.read() as tx:
        return Decisions(tx, comment.site_id).of_comment(comment.id)


def test_a_decision_is_recorded_with_its_moderator(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.REJECT, note="kasar"))
    assert reviewed.decided == (comment.id,)
    assert queued.status(comment.id) is Status.REJECTED
    last = decisions_of(store, comment)[-1]
    assert (last.actor, last.user_id, last.note) == (Actor.MODERATOR, ayu, "kasar")


def test_the_sender_is_woken_after_a_decision(store: Store, queued: Queued, ayu: str) -> None:
    woken = []
    review(store, lambda: woken.append(1), queued.site_id, ayu, [as_seen(queued())], Act(Action.APPROVE))
    assert woken == [1]


def test_a_decision_ends_the_claim(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    deal(store, queued.site_id, ayu)
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    assert holder(store, queued.site_id, comment.id) is None


def test_several_are_decided_at_once(store: Store, queued: Queued, ayu: str) -> None:
    comments = [queued() for _ in range(3)]
    reviewed = review(
        store, nothing, queued.site_id, ayu, [as_seen(comment) for comment in comments], Act(Action.REJECT)
    )
    assert len(reviewed.decided) == 3


def test_whoever_is_second_learns_who_was_first(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, bima, [as_seen(comment)], Act(Action.REJECT))
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    assert reviewed.decided == ()
    assert (reviewed.overtaken[0].by, reviewed.overtaken[0].status) == ("Bima", Status.REJECTED)
    assert queued.status(comment.id) is Status.REJECTED


def test_an_edit_overtakes_a_decision(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued(id="c-edit", text="before")
    accept([a_comment(id="c-edit", text="after")], queued.site_id, store, nothing)
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    assert reviewed.overtaken[0].edited
    assert queued.status(comment.id) is Status.PENDING


def test_what_another_holds_is_left_to_them(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    deal(store, queued.site_id, bima)
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    assert reviewed.overtaken[0].by == "Bima"
    assert queued.status(comment.id) is Status.FLAGGED


def test_one_overtaken_comment_does_not_stop_the_others(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    taken, free = queued(), queued()
    review(store, nothing, queued.site_id, bima, [as_seen(taken)], Act(Action.REJECT))
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(taken), as_seen(free)], Act(Action.APPROVE))
    assert reviewed.decided == (free.id,)


def test_of_many_who_decide_at_once_one_wins(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda who: review(store, nothing, queued.site_id, who, [as_seen(comment)], Act(Action.APPROVE)),
                [ayu, bima] * 4,
            )
        )
    assert sum(len(answer.decided) for answer in answers) == 1
    assert len(decisions_of(store, comment)) == 2


def test_another_sites_comment_is_not_found(store: Store, queued: Queued, elsewhere: Queued, ayu: str) -> None:
    own, theirs = queued(), elsewhere()
    with pytest.raises(NotFound):
        review(store, nothing, queued.site_id, ayu, [as_seen(own), as_seen(theirs)], Act(Action.APPROVE))
    assert queued.status(own.id) is Status.FLAGGED
    assert elsewhere.status(theirs.id) is Status.FLAGGED


def test_undo_leads_back_and_says_so(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued(risk=1.7)
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    restored = undo(store, nothing, queued.site_id, ayu)
    assert restored is not None
    [back] = restored.comments
    assert (back.id, back.status, back.risk) == (comment.id, Status.FLAGGED, 1.7)
    first, decided, undone = decisions_of(store, comment)
    assert undone.undoes == decided.id
    assert first.undoes is None
    assert back.author.approved == 0


def test_an_undone_comment_is_held_by_who_undid_it(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    undo(store, nothing, queued.site_id, ayu)
    assert deal(store, queued.site_id, bima).fresh == ()


def test_undo_goes_back_step_by_step_ten_times(store: Store, queued: Queued, ayu: str) -> None:
    comments = [queued() for _ in range(12)]
    for comment in comments:
        review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    undone = [undo(store, nothing, queued.site_id, ayu) for _ in range(11)]
    ids = [one.comments[0].id for one in undone if one]
    assert ids == [comment.id for comment in reversed(comments)][:10]
    assert undone[10] is None


def test_nobody_undoes_another_moderators_decision(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    review(store, nothing, queued.site_id, bima, [as_seen(queued())], Act(Action.APPROVE))
    assert undo(store, nothing, queued.site_id, ayu) is None


def test_a_decision_that_was_decided_over_is_not_undone(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    review(store, nothing, queued.site_id, bima, [as_seen(queued.now(comment.id))], Act(Action.REJECT))
    assert undo(store, nothing, queued.site_id, ayu) is None
    assert queued.status(comment.id) is Status.REJECTED


def test_a_decision_can_be_taken_again_after_undo(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.APPROVE))
    undo(store, nothing, queued.site_id, ayu)
    review(store, nothing, queued.site_id, ayu, [as_seen(queued.now(comment.id))], Act(Action.REJECT))
    assert queued.status(comment.id) is Status.REJECTED
    restored = undo(store, nothing, queued.site_id, ayu)
    assert restored is not None
    assert restored.status is Status.FLAGGED
