"""What the second reader is handed, what it makes of it, and that nothing is lost or decided twice without it."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import Classifier
from classifier.reader.stack import Stack
from service.bootstrap import Services
from service.domain.comment import ATTRIBUTES, Status
from service.domain.decision import Action, Actor
from service.domain.policy import Mode, Policy, Threshold
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.erase import erase_author, erase_comment
from service.moderation.handover import READ_AHEAD_MS, Handover
from service.moderation.reading import read_batch
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.moderation.sweep import sweep
from service.moderation.tidy import tidy
from service.store import Store
from service.store.backlog import Backlog
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.policies import Policies
from service.store.readings import MOST_ATTEMPTS, Held, Readings
from service.store.rows import CommentRow, DecisionRow
from tests.conftest import Clock
from tests.encoder import BETTER, WORSE, Encoder
from tests.factories import a_comment

FINE = "Terima kasih, beritanya sangat membantu."
ABUSE = "Dasar anjing goblok lo, mampus aja sana bangsat"
PACE = 10.0


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def stack(model: Classifier, encoder: Encoder) -> Stack:
    return Stack.of(model, encoder)


@pytest.fixture
def reader() -> SimpleNamespace:
    """What a scorer knows of the second reader: its pace, and whether it was woken and given up."""
    return SimpleNamespace(pace=PACE, woken=0, given_up=0)


@pytest.fixture
def handover(reader: SimpleNamespace) -> Handover:
    def wake() -> None:
        reader.woken += 1

    def gave_up() -> None:
        reader.given_up += 1
        reader.pace = None

    return Handover(share=0.3, ms=200.0, pace=lambda: reader.pace, wake=wake, gave_up=gave_up)


def rule(services: Services, site: Credentials, **fields: object) -> None:
    with services.store.begin() as tx:
        Policies(tx, site.site_id).add(replace(Policy(), **fields))  # type: ignore[arg-type]


@pytest.fixture
def post(services: Services, site: Credentials) -> None:
    """The site shows comments until they are rejected."""
    rule(services, site, mode=Mode.POST)


def send(services: Services, site: Credentials, *texts: str) -> list[str]:
    return [
        one.id for one in accept([a_comment(text=text) for text in texts], site.site_id, services.store, lambda: None)
    ]


def score(services: Services, handover: Handover | None, limit: int = 100) -> int:
    return score_batch(services.store, services.classifier, limit=limit, lease=30, handover=handover)


def read(services: Services, stack: Stack, ms: float = 60_000.0) -> int:
    woken: list[bool] = []
    done = read_batch(services.store, services.classifier, stack, ms=ms, wake_scorer=lambda: woken.append(True))
    if woken:
        score(services, None)
    return done


def comment(store: Store, site: Credentials, id: str) -> CommentRow:
    with store.read() as tx:
        row = Comments(tx, site.site_id).get(id)
    assert row is not None
    return row


def decisions(store: Store, site: Credentials, id: str) -> list[DecisionRow]:
    with store.read() as tx:
        return Decisions(tx, site.site_id).of_comment(id)


def statuses(store: Store, site: Credentials, ids: Sequence[str]) -> list[Status]:
    return [comment(store, site, id).status for id in ids]


def waits(store: Store) -> tuple[int, int]:
    """How many are held for the second reader, and how many may be judged anew."""
    with store.read(by_index=True) as tx:
        return Held(tx).count(), Readings(tx).count()


def test_a_comment_is_held_and_then_decided_once_by_both_readers(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace, stack: Stack
) -> None:
    ids = send(services, site, WORSE, BETTER)
    assert score(services, handover) == 2
    assert statuses(services.store, site, ids) == [Status.PENDING] * 2
    assert waits(services.store) == (2, 0)
    assert reader.woken == 1
    assert read(services, stack) == 2
    worse, better = (comment(services.store, site, id) for id in ids)
    assert (worse.status, better.status) == (Status.REJECTED, Status.APPROVED)
    assert worse.model_version == stack.version == f"{services.classifier.version}+second"
    for id in ids:
        [decision] = decisions(services.store, site, id)
        assert (decision.actor, decision.model_version) == (Actor.POLICY, stack.version)
    assert waits(services.store) == (0, 0)
    assert read(services, stack) == 0


def test_who_is_held_is_not_taken_by_another_scorer(
    services: Services, site: Credentials, handover: Handover, stack: Stack
) -> None:
    send(services, site, FINE)
    score(services, handover)
    assert score(services, handover) == 0
    assert score(services, None) == 0


def test_without_a_living_reader_nothing_is_held(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace
) -> None:
    reader.pace = None
    [id] = send(services, site, FINE)
    score(services, handover)
    assert comment(services.store, site, id).status is Status.APPROVED
    assert (waits(services.store), reader.woken) == ((0, 0), 0)


def test_a_share_of_nothing_hands_nothing_over(services: Services, site: Credentials, handover: Handover) -> None:
    send(services, site, FINE)
    score(services, replace(handover, share=0.0))
    assert waits(services.store) == (0, 0)


def test_a_batch_that_fills_up_means_that_more_waits_so_nothing_is_held(
    services: Services, site: Credentials, handover: Handover
) -> None:
    send(services, site, *(f"{FINE} {n}" for n in range(4)))
    score(services, handover, limit=4)
    assert waits(services.store) == (0, 0)


def test_the_nearest_go_first_and_no_more_than_can_be_read_in_time(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace
) -> None:
    reader.pace = 100.0
    # 40 characters take 40 ms: five of ten fit into 200 ms, three are the share of ten
    texts = [f"{'baik ' * 7}{n:5}" for n in range(10)]
    ids = send(services, site, *texts)
    proba = services.classifier.predict_proba(texts)[:, 0]
    one_threshold = {"toxicity": Threshold(flag=float(np.sort(proba)[4]))}
    rule(services, site, thresholds={**dict.fromkeys(ATTRIBUTES, Threshold()), **one_threshold})
    score(services, handover)
    held = {id for id, status in zip(ids, statuses(services.store, site, ids), strict=True) if status is Status.PENDING}
    logits = np.log(proba / (1 - proba))
    far = np.abs(logits - np.sort(logits)[4])
    assert held == {ids[n] for n in np.argsort(far, kind="stable")[:3]}


def test_what_is_held_already_leaves_the_less_room(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace
) -> None:
    reader.pace = 100.0
    texts = [f"{'baik ' * 20}{n}" for n in range(3)]
    for text, held in zip(texts, (1, 1, 1), strict=True):
        send(services, site, text)
        score(services, handover)
        assert waits(services.store) == (held, 0)


def test_a_comment_whose_action_no_score_can_change_is_not_handed_over(
    services: Services, site: Credentials, handover: Handover
) -> None:
    rule(services, site, block_words=("togel",))
    [id] = send(services, site, "main togel yuk")
    score(services, handover)
    assert comment(services.store, site, id).status is Status.REJECTED
    assert waits(services.store) == (0, 0)


def test_a_reader_that_dies_before_it_takes_them_leaves_them_to_the_first(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace, stack: Stack, clock: Clock
) -> None:
    [id] = send(services, site, FINE)
    score(services, handover)
    assert score(services, handover) == 0
    clock.forward(seconds=3)
    assert sweep(services.store, clock).stale_pending
    assert score(services, handover) == 1
    assert reader.given_up == 1
    assert read(services, stack) == 0
    [decision] = decisions(services.store, site, id)
    assert decision.model_version == services.classifier.version


def test_a_reader_that_dies_after_it_took_them_leaves_them_to_the_first(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace, clock: Clock
) -> None:
    [id] = send(services, site, FINE)
    score(services, handover)
    with services.store.begin(by_index=True) as tx:
        assert [len(taken.comments) for taken in Held(tx).take(8, 1.0)] == [1]
        assert Held(tx).take(8, 1.0) == []
    clock.forward(seconds=0.9)
    assert score(services, handover) == 0
    clock.forward(seconds=0.2)
    # tried once without an end: it is not handed over again, though a reader lives
    reader.pace = PACE
    assert score(services, replace(handover, gave_up=lambda: None)) == 1
    assert len(decisions(services.store, site, id)) == 1
    assert waits(services.store) == (0, 0)


def test_a_reader_that_comes_back_late_decides_nothing_twice(
    services: Services, site: Credentials, handover: Handover, encoder: Encoder, stack: Stack, clock: Clock
) -> None:
    [id] = send(services, site, WORSE)
    score(services, handover)

    class Slow(Encoder):
        def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
            clock.forward(seconds=2)
            assert score(services, None) == 1
            return super().logits(texts)

    assert read(services, Stack.of(services.classifier, Slow())) == 1
    [decision] = decisions(services.store, site, id)
    assert decision.model_version == services.classifier.version


def test_who_has_waited_too_long_is_decided_by_the_first_reader_alone(
    services: Services, site: Credentials, handover: Handover, encoder: Encoder, stack: Stack, clock: Clock
) -> None:
    [id] = send(services, site, WORSE)
    score(services, handover)
    clock.forward(seconds=0.21)
    assert read(services, stack, ms=200.0) == 1
    [decision] = decisions(services.store, site, id)
    assert decision.model_version == services.classifier.version
    assert encoder.read == []


def test_a_second_reader_that_fails_leaves_the_decision_to_the_first(
    services: Services, site: Credentials, handover: Handover, encoder: Encoder, stack: Stack
) -> None:
    encoder.fails = True
    [id] = send(services, site, FINE)
    score(services, handover)
    assert read(services, stack) == 1
    assert comment(services.store, site, id).status is Status.APPROVED
    assert comment(services.store, site, id).model_version == services.classifier.version


def test_an_edit_while_it_is_held_is_what_both_readers_read(
    services: Services, site: Credentials, handover: Handover, stack: Stack
) -> None:
    accept([a_comment(id="c1", text=BETTER)], site.site_id, services.store, lambda: None)
    score(services, handover)
    [edited] = accept([a_comment(id="c1", text=WORSE)], site.site_id, services.store, lambda: None)
    read(services, stack)
    assert comment(services.store, site, edited.id).status is Status.REJECTED
    [decision] = decisions(services.store, site, edited.id)
    assert decision.revision == 2


def test_an_edit_while_it_is_read_is_scored_at_once(services: Services, site: Credentials, handover: Handover) -> None:
    accept([a_comment(id="c1", text=WORSE)], site.site_id, services.store, lambda: None)
    score(services, handover)

    class Editing(Encoder):
        def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
            accept([a_comment(id="c1", text=FINE)], site.site_id, services.store, lambda: None)
            return super().logits(texts)

    read(services, Stack.of(services.classifier, Editing()))
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).by_site_id("c1")
    assert row is not None
    assert (row.status, row.model_version) == (Status.APPROVED, services.classifier.version)
    assert [decision.revision for decision in decisions(services.store, site, row.id)] == [2]


@pytest.mark.parametrize("erased", [True, False])
def test_who_decides_or_erases_while_it_is_held_wins(
    services: Services, site: Credentials, handover: Handover, stack: Stack, erased: bool
) -> None:
    [id] = send(services, site, FINE)
    score(services, handover)
    if erased:
        erase_comment(id, site.site_id, services.store)
    else:
        decide_by_api(id, Action.REJECT, None, None, site.site_id, services.store)
    assert read(services, stack) == 1
    assert waits(services.store) == (0, 0)
    if not erased:
        assert [decision.actor for decision in decisions(services.store, site, id)] == [Actor.API]


def test_two_readers_never_take_the_same(services: Services, site: Credentials, handover: Handover) -> None:
    for n in range(3):
        send(services, site, f"{FINE} {n}")
        score(services, handover)
    with services.store.begin(by_index=True) as tx:
        assert len(Held(tx).take(2, 30.0)) == 2
    with services.store.begin(by_index=True) as tx:
        assert len(Held(tx).take(2, 30.0)) == 1


@pytest.mark.usefixtures("post")
def test_a_site_that_shows_at_once_is_told_anew_where_both_readers_see_it_otherwise(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace, stack: Stack
) -> None:
    ids = send(services, site, WORSE, FINE, f"{ABUSE} baik")
    score(services, handover)
    assert Status.PENDING not in statuses(services.store, site, ids)
    assert waits(services.store) == (0, 3)
    assert reader.woken == 1
    before = [comment(services.store, site, id) for id in ids]
    assert before[2].status is not Status.APPROVED
    assert read(services, stack) == 3
    worse, fine, better = (comment(services.store, site, id) for id in ids)
    assert (worse.status, fine.status, better.status) == (Status.REJECTED, Status.APPROVED, Status.APPROVED)
    assert [len(decisions(services.store, site, id)) for id in ids] == [2, 1, 2]
    assert {one.model_version for one in (worse, fine, better)} == {stack.version}
    assert worse.author.rejected == 1
    assert worse.author.approved == 2
    assert waits(services.store) == (0, 0)


@pytest.mark.usefixtures("post")
def test_the_same_action_changes_scores_and_place_and_nothing_else(
    services: Services, site: Credentials, handover: Handover, stack: Stack
) -> None:
    rule(services, site, mode=Mode.POST, thresholds=dict.fromkeys(ATTRIBUTES, Threshold(flag=0.05)))
    [id] = send(services, site, "kamu bodoh sekali, buruk")
    score(services, handover)
    before = comment(services.store, site, id)
    assert before.status is Status.FLAGGED
    read(services, stack)
    after = comment(services.store, site, id)
    assert after.risk > before.risk
    assert after.priority > before.priority
    assert after.model_version == stack.version
    assert after.likeness == before.likeness
    assert (after.status, after.decisions) == (before.status, before.decisions) == (Status.FLAGGED, 1)


@pytest.mark.usefixtures("post")
def test_what_changed_since_is_left_as_it_is(
    services: Services, site: Credentials, handover: Handover, encoder: Encoder, stack: Stack
) -> None:
    accept([a_comment(id="c1", text=WORSE)], site.site_id, services.store, lambda: None)
    [decided, erased] = send(services, site, WORSE, WORSE)
    score(services, handover)
    accept([a_comment(id="c1", text=FINE)], site.site_id, services.store, lambda: None)
    decide_by_api(decided, Action.FLAG, None, None, site.site_id, services.store)
    erase_comment(erased, site.site_id, services.store)
    assert waits(services.store) == (0, 2)
    assert read(services, stack) == 2
    assert encoder.read == []
    assert comment(services.store, site, decided).status is Status.FLAGGED
    assert waits(services.store) == (0, 0)


@pytest.mark.usefixtures("post")
def test_who_decides_while_it_is_judged_anew_wins(services: Services, site: Credentials, handover: Handover) -> None:
    [id] = send(services, site, WORSE)
    score(services, handover)

    class Deciding(Encoder):
        def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
            decide_by_api(id, Action.FLAG, None, None, site.site_id, services.store)
            return super().logits(texts)

    read(services, Stack.of(services.classifier, Deciding()))
    row = comment(services.store, site, id)
    assert (row.status, row.model_version) == (Status.FLAGGED, services.classifier.version)
    assert [one.actor for one in decisions(services.store, site, id)] == [Actor.POLICY, Actor.API]


@pytest.mark.usefixtures("post")
def test_an_edit_is_handed_over_anew_while_the_old_text_is_read(
    services: Services, site: Credentials, handover: Handover, stack: Stack
) -> None:
    [first] = accept([a_comment(id="c1", text=FINE)], site.site_id, services.store, lambda: None)
    score(services, handover)

    class Editing(Encoder):
        def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
            accept([a_comment(id="c1", text=WORSE)], site.site_id, services.store, lambda: None)
            score(services, handover)
            return super().logits(texts)

    read(services, Stack.of(services.classifier, Editing()))
    assert waits(services.store) == (0, 1)
    read(services, stack)
    assert comment(services.store, site, first.id).status is Status.REJECTED


@pytest.mark.usefixtures("post")
def test_a_reader_that_dies_leaves_decided_comments_to_the_next_and_gives_up_at_last(
    services: Services, site: Credentials, handover: Handover, encoder: Encoder, stack: Stack, clock: Clock
) -> None:
    send(services, site, WORSE)
    score(services, handover)
    for attempt in range(MOST_ATTEMPTS):
        with services.store.begin(by_index=True) as tx:
            assert len(Readings(tx).take(f"dies-{attempt}", 8, 30)) == 1
        assert read(services, stack) == 0
        clock.forward(seconds=31)
    assert read(services, stack) == 1
    assert encoder.read == []
    assert waits(services.store) == (0, 0)


@pytest.mark.usefixtures("post")
def test_the_nearest_is_judged_anew_first(
    services: Services, site: Credentials, handover: Handover, encoder: Encoder, stack: Stack
) -> None:
    send(services, site, *(f"{FINE} {n}" for n in range(8)), "kamu bodoh")
    score(services, handover)
    with services.store.read() as tx:
        nearest = tx.connection.exec_driver_sql("SELECT comment_id FROM readings ORDER BY nearness LIMIT 1").scalar()
        text = tx.connection.exec_driver_sql(f"SELECT text FROM comments WHERE id = '{nearest}'").scalar()
    read(services, stack)
    assert text in encoder.read
    assert len(encoder.read) == 8
    assert waits(services.store) == (0, 1)


@pytest.mark.usefixtures("post")
def test_no_more_waits_than_is_read_in_some_seconds(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace
) -> None:
    # each takes a third of what may wait
    reader.pace = READ_AHEAD_MS / 3 / 0.3
    send(services, site, *(f"baik {n}" for n in range(10)))
    score(services, handover)
    assert waits(services.store)[1] == 3
    reader.pace = READ_AHEAD_MS / 3
    send(services, site, "baik lagi")
    score(services, handover)
    assert waits(services.store)[1] == 3


@pytest.mark.usefixtures("post")
def test_a_reading_goes_with_its_author_and_when_no_reader_comes(
    services: Services, site: Credentials, handover: Handover, clock: Clock
) -> None:
    send(services, site, FINE)
    score(services, handover)
    erase_author("u1", site.site_id, services.store)
    assert waits(services.store) == (0, 0)
    send(services, site, FINE)
    score(services, handover)
    clock.forward(hours=2)
    list(tidy(services.store, clock, 0))
    assert waits(services.store) == (0, 0)


@pytest.mark.usefixtures("post")
def test_the_sweeper_sees_what_the_reader_leaves(
    services: Services, site: Credentials, handover: Handover, clock: Clock
) -> None:
    assert not sweep(services.store, clock).stale_readings
    send(services, site, FINE)
    score(services, handover)
    clock.forward(seconds=5)
    assert sweep(services.store, clock).stale_readings


def test_the_sweeper_sees_what_a_dead_worker_left(services: Services, site: Credentials, clock: Clock) -> None:
    send(services, site, FINE)
    with services.store.begin(by_index=True) as tx:
        Backlog(tx).claim("of-a-dead-worker", 30, 10)
    clock.forward(seconds=29)
    assert not sweep(services.store, clock).stale_pending
    clock.forward(seconds=2)
    assert sweep(services.store, clock).stale_pending


@pytest.mark.usefixtures("post")
def test_an_authors_own_approval_does_not_make_them_trusted(
    services: Services, site: Credentials, handover: Handover, stack: Stack
) -> None:
    rule(services, site, mode=Mode.POST, trust_after=1)
    [id] = send(services, site, WORSE)
    score(services, handover)
    read(services, stack)
    # a trusted author would only be flagged
    assert comment(services.store, site, id).status is Status.REJECTED
