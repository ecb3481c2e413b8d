"""Comments that stand as decided and are judged anew by both readers."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.reader.stack import Stack
from service.bootstrap import Services
from service.domain.comment import ATTRIBUTES, Status
from service.domain.decision import Action, Actor
from service.domain.policy import Mode, Threshold
from service.moderation import reading
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.erase import erase_author, erase_comment
from service.moderation.handover import READ_AHEAD_MS, Handover
from service.moderation.sites import Credentials
from service.moderation.sweep import sweep
from service.moderation.tidy import tidy
from service.store.backlog import Backlog
from service.store.readings import MOST_ATTEMPTS, Readings
from tests.conftest import Clock
from tests.encoder import WORSE, Encoder
from tests.factories import a_comment
from tests.integration.reading.steps import ABUSE, FINE, comment, decisions, read, rule, score, send, statuses, waits


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
def test_while_many_wait_for_the_first_reader_nothing_is_judged_anew(
    services: Services, site: Credentials, handover: Handover, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "RUSH", 1)
    send(services, site, ABUSE)
    score(services, handover)
    send(services, site, FINE, FINE)
    assert read(services, stack) == 0
    assert waits(services.store) == (0, 1)
    score(services, None)
    assert read(services, stack) == 1
    assert waits(services.store) == (0, 0)


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
def test_nothing_is_added_until_half_of_what_may_wait_is_read(
    services: Services, site: Credentials, handover: Handover, reader: SimpleNamespace, stack: Stack
) -> None:
    # each takes a quarter of what may wait
    reader.pace = READ_AHEAD_MS / 4 / 0.3
    send(services, site, *(f"baik {n}" for n in range(3)))
    score(services, handover)
    send(services, site, "baik lagi")
    score(services, handover)
    assert waits(services.store)[1] == 3
    read(services, stack)
    send(services, site, "baik juga")
    score(services, handover)
    assert waits(services.store)[1] == 1


@pytest.mark.usefixtures("post")
def test_a_batch_that_fills_up_is_not_judged_anew_either(
    services: Services, site: Credentials, handover: Handover
) -> None:
    send(services, site, *(f"{FINE} {n}" for n in range(3)))
    score(services, handover, limit=2)
    assert waits(services.store) == (0, 0)
    score(services, handover, limit=2)
    assert waits(services.store) == (0, 1)


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
