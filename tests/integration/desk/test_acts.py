"""Acts on many comments at once: near-identical ones, an author's others; their reasons and notes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.bootstrap import Services
from service.domain.comment import Author, Status
from service.domain.decision import Action, Reason
from service.domain.errors import Invalid, NotFound
from service.domain.reasons import ChosenReason
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.note import add_note
from service.moderation.queue import deal
from service.moderation.review import Act, escalate, hide_others, others_of, review, undo
from service.moderation.score import score_batch
from service.moderation.sites import set_callback
from service.moderation.steer import reasons_of, set_goal, set_reasons, set_second_look_share
from service.store import Store
from service.store.deliveries import Deliveries
from service.store.sites import Sites
from tests.factories import a_comment
from tests.integration.desk.acts import APPROVE, REJECT, as_seen, last_of, make_alike, nothing, statuses
from tests.integration.desk.conftest import Queued
from tests.remarks import notes_of


def test_a_reason_of_the_sites_list_is_kept_and_told(store: Store, queued: Queued, ayu: str) -> None:
    set_callback("news.example", "http://127.0.0.1:1/", store, allow_private=True)
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.REJECT, "hate"))
    assert last_of(store, comment).reasons == (Reason("hate", Action.REJECT),)
    with store.read() as tx:
        told = next(
            one.body for one in Deliveries(tx, queued.site_id).page("waiting") if one.event == "comment.rejected"
        )
    assert '"reasons":[{"code":"hate","action":"reject"}]' in told


@pytest.mark.parametrize(
    "act",
    [
        Act(Action.REJECT, "no_such"),
        Act(Action.APPROVE, "hate"),
        Act(Action.FLAG),
        Act(Action.REJECT, note="x" * 2_001),
    ],
)
def test_an_act_that_cannot_be_records_nothing(store: Store, queued: Queued, ayu: str, act: Act) -> None:
    comment = queued()
    with pytest.raises(Invalid):
        review(store, nothing, queued.site_id, ayu, [as_seen(comment)], act)
    assert queued.status(comment.id) is Status.FLAGGED


def test_a_site_has_reasons_of_its_own_and_may_return_to_the_usual(store: Store, queued: Queued, ayu: str) -> None:
    own = (ChosenReason("spam"), ChosenReason("libel", "Fitnah"))
    set_reasons(store, queued.site_id, own)
    assert reasons_of(store, queued.site_id) == own
    with pytest.raises(Invalid):
        review(store, nothing, queued.site_id, ayu, [as_seen(queued())], Act(Action.REJECT, "hate"))
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], Act(Action.REJECT, "libel"))
    assert last_of(store, comment).reasons[0].code == "libel"
    set_reasons(store, queued.site_id, ())
    assert len(reasons_of(store, queued.site_id)) == 9


def test_a_goal_and_a_share_are_kept_within_bounds(store: Store, queued: Queued) -> None:
    set_goal(store, queued.site_id, 900)
    set_second_look_share(store, queued.site_id, 0.25)
    with store.read() as tx:
        site = Sites(tx).get(queued.site_id)
    assert site is not None
    assert (site.queue_goal_seconds, site.second_look_share) == (900, 0.25)
    for goal in (0, 59, 10**12):
        with pytest.raises(Invalid):
            set_goal(store, queued.site_id, goal)
    for share in (-0.1, 1.1, float("nan"), float("inf")):
        with pytest.raises(Invalid):
            set_second_look_share(store, queued.site_id, share)


def test_the_worker_says_which_flagged_comments_are_alike(services: Services, queued: Queued) -> None:
    texts = (
        "Muchas gracias por la información, muy buen artículo",
        "MUCHAS gracias por la información: muy buen artículo!!! 12",
        "Terima kasih banyak atas beritanya",
    )
    sent = accept([a_comment(text=text) for text in texts], queued.site_id, services.store, nothing)
    score_batch(services.store, services.classifier, limit=10, lease=30)
    first, second, kind = (queued.now(one.id) for one in sent)
    assert {first.status, second.status} == {Status.FLAGGED}
    assert first.likeness is not None
    assert (second.likeness, kind.likeness) == (first.likeness, None)


def test_an_edited_text_is_like_none_until_it_is_scored(services: Services, queued: Queued) -> None:
    comment = queued(id="c1")
    make_alike(services.store, comment)
    accept([a_comment(id="c1", text="another")], queued.site_id, services.store, nothing)
    assert queued.now(comment.id).likeness is None


def test_near_identical_comments_are_decided_together(store: Store, queued: Queued, ayu: str) -> None:
    same = [queued() for _ in range(4)]
    other = queued()
    make_alike(store, *same)
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(same[2])], REJECT)
    assert reviewed.decided == tuple(comment.id for comment in same)
    assert statuses(queued, [*same, other]) == [Status.REJECTED] * 4 + [Status.FLAGGED]
    [act_id] = {last_of(store, comment).act_id for comment in same}
    assert act_id is not None


def test_one_decision_by_itself_has_no_act(store: Store, queued: Queued, ayu: str) -> None:
    comment = queued()
    review(store, nothing, queued.site_id, ayu, [as_seen(comment)], REJECT)
    assert last_of(store, comment).act_id is None


def test_near_identical_comments_are_left_when_asked_to(store: Store, queued: Queued, ayu: str) -> None:
    same = [queued() for _ in range(2)]
    make_alike(store, *same)
    review(store, nothing, queued.site_id, ayu, [as_seen(same[0])], REJECT, alike=False)
    assert statuses(queued, same) == [Status.REJECTED, Status.FLAGGED]


def test_what_is_alike_but_held_escalated_decided_or_elsewhere_stays(
    store: Store, queued: Queued, elsewhere: Queued, ayu: str, bima: str
) -> None:
    held = queued(risk=9)
    deal(store, queued.site_id, bima, size=1)
    seen, passed_on, approved, theirs = queued(), queued(), queued(), elsewhere()
    escalate(store, queued.site_id, bima, [as_seen(passed_on)], None)
    decide_by_api(approved.id, Action.APPROVE, None, None, queued.site_id, store)
    make_alike(store, held, seen, passed_on, approved, theirs)
    assert review(store, nothing, queued.site_id, ayu, [as_seen(seen)], REJECT).decided == (seen.id,)


def test_an_overtaken_comment_takes_none_along(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    same = [queued() for _ in range(2)]
    review(store, nothing, queued.site_id, bima, [as_seen(same[0])], APPROVE)
    make_alike(store, *same)
    reviewed = review(store, nothing, queued.site_id, ayu, [as_seen(same[0])], REJECT)
    assert (reviewed.decided, reviewed.overtaken[0].by) == ((), "Bima")
    assert queued.status(same[1].id) is Status.FLAGGED


def test_two_who_decide_the_same_many_at_once_share_them_out(store: Store, queued: Queued, ayu: str, bima: str) -> None:
    same = [queued() for _ in range(12)]
    make_alike(store, *same)
    with ThreadPoolExecutor(6) as pool:
        acts = [(ayu, same[0]), (bima, same[-1])] * 3
        answers = list(
            pool.map(lambda act: review(store, nothing, queued.site_id, act[0], [as_seen(act[1])], REJECT), acts)
        )
    assert sorted(id for answer in answers for id in answer.decided) == [comment.id for comment in same]


def test_an_authors_others_are_hidden_in_one_act(store: Store, queued: Queued, elsewhere: Queued, ayu: str) -> None:
    troll = Author("troll", "Troll")
    flagged, approved, rejected = (queued(author=troll) for _ in range(3))
    other, theirs = queued(), elsewhere(author=troll)
    decide_by_api(approved.id, Action.APPROVE, None, None, queued.site_id, store)
    decide_by_api(rejected.id, Action.REJECT, None, None, queued.site_id, store)
    (pending,) = accept([a_comment(author=troll)], queued.site_id, store, nothing)
    author_id = flagged.author.id
    assert others_of(store, queued.site_id, author_id) == 2
    assert hide_others(store, nothing, queued.site_id, ayu, author_id, Act(Action.REJECT, "spam")) == 2
    assert statuses(queued, [flagged, approved, rejected, other]) == [Status.REJECTED] * 3 + [Status.FLAGGED]
    assert (queued.status(pending.id), elsewhere.status(theirs.id)) == (Status.PENDING, Status.FLAGGED)
    assert others_of(store, queued.site_id, author_id) == 0
    undone = undo(store, nothing, queued.site_id, ayu)
    assert undone is not None
    assert statuses(queued, [flagged, approved]) == [Status.FLAGGED, Status.APPROVED]


def test_an_authors_others_are_hidden_by_nothing_but_rejecting(store: Store, queued: Queued, ayu: str) -> None:
    with pytest.raises(Invalid):
        hide_others(store, nothing, queued.site_id, ayu, queued().author.id, APPROVE)


def test_an_author_of_another_site_has_no_others(store: Store, queued: Queued, elsewhere: Queued, ayu: str) -> None:
    theirs = elsewhere()
    assert others_of(store, queued.site_id, theirs.author.id) == 0
    assert hide_others(store, nothing, queued.site_id, ayu, theirs.author.id, REJECT) == 0
    assert elsewhere.status(theirs.id) is Status.FLAGGED


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001, "a\x00b", "\ud800"])
def test_a_note_that_cannot_be_is_refused(store: Store, queued: Queued, ayu: str, text: str) -> None:
    with pytest.raises(Invalid):
        add_note(store, queued.site_id, ayu, queued().id, text)


def test_notes_stand_in_their_order_and_only_on_the_own_sites_comments(
    store: Store, queued: Queued, elsewhere: Queued, ayu: str, bima: str
) -> None:
    comment, theirs = queued(), elsewhere()
    add_note(store, queued.site_id, ayu, comment.id, "first")
    add_note(store, queued.site_id, bima, comment.id, "second")
    assert [(note.text, note.name) for note in notes_of(store, queued.site_id, comment.id)] == [
        ("first", "Ayu"),
        ("second", "Bima"),
    ]
    assert notes_of(store, elsewhere.site_id, comment.id) == []
    with pytest.raises(NotFound):
        add_note(store, queued.site_id, ayu, theirs.id, "x")
