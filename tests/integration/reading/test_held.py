"""What is held for the second reader, and that nothing is lost or decided twice without it."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.reader.stack import Stack
from service.bootstrap import Services
from service.domain.comment import ATTRIBUTES, Status
from service.domain.decision import Action, Actor
from service.domain.policy import Threshold
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.erase import erase_comment
from service.moderation.handover import Handover
from service.moderation.sites import Credentials
from service.moderation.sweep import sweep
from service.store.comments import Comments
from service.store.readings import Held
from tests.conftest import Clock
from tests.encoder import BETTER, WORSE, Encoder
from tests.factories import a_comment
from tests.integration.reading.steps import FINE, PACE, comment, decisions, read, rule, score, send, statuses, waits


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
