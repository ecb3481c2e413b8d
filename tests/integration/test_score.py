"""Pending comments are scored and decided, once, whoever dies."""

from collections.abc import Sequence
from threading import Thread

import numpy as np
import pytest
from numpy.typing import NDArray

from service.bootstrap import Services
from service.domain.comment import ATTRIBUTES, Status
from service.domain.decision import Action, Actor
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.erase import erase_comment
from service.moderation.record import record
from service.moderation.score import PARK_AFTER, score_batch
from service.moderation.sites import Credentials
from service.moderation.sweep import sweep
from service.store import Store
from service.store.backlog import SUSPECT_AFTER, Backlog
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.ledger import Ruling
from service.store.rows import CommentRow, DecisionRow
from tests.conftest import Clock
from tests.factories import a_comment
from tests.servers import await_lock

ABUSE = "Dasar anjing goblok lo, mampus aja sana bangsat"


class Poisoned:
    """The real classifier, but for one text that it can't bear."""

    def __init__(self, real: object, poison: str) -> None:
        self.real = real
        self.poison = poison
        self.calls: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
        self.calls.append(len(texts))
        if self.poison in texts:
            raise ValueError("poison")
        return self.real.predict(texts)  # type: ignore[attr-defined, no-any-return]


def send(services: Services, site: Credentials, *texts: str) -> list[str]:
    return [
        one.id for one in accept([a_comment(text=text) for text in texts], site.site_id, services.store, lambda: None)
    ]


def score(services: Services, classifier: object | None = None, limit: int = 100) -> int:
    return score_batch(services.store, classifier or services.classifier, limit=limit, lease=30)  # type: ignore[arg-type]


def comment(store: Store, site: Credentials, id: str) -> CommentRow:
    with store.read() as tx:
        row = Comments(tx, site.site_id).get(id)
    assert row is not None
    return row


def decisions(store: Store, site: Credentials, id: str) -> list[DecisionRow]:
    with store.read() as tx:
        return Decisions(tx, site.site_id).of_comment(id)


def test_a_kind_comment_is_approved_and_abuse_is_not(services: Services, site: Credentials) -> None:
    kind, abuse = send(services, site, "Terima kasih, beritanya sangat membantu.", ABUSE)
    assert score(services) == 2
    assert comment(services.store, site, kind).status is Status.APPROVED
    assert comment(services.store, site, abuse).status in {Status.FLAGGED, Status.REJECTED}


def test_a_decision_says_who_what_why_and_by_which_versions(services: Services, site: Credentials) -> None:
    [id] = send(services, site, ABUSE)
    score(services)
    [decision] = decisions(services.store, site, id)
    assert (decision.actor, decision.from_status, decision.policy_version) == (Actor.POLICY, Status.PENDING, 1)
    assert decision.model_version == services.classifier.version
    assert any(reason.code == "score" and reason.score and reason.threshold for reason in decision.reasons)


def test_every_attribute_has_a_score_and_the_language_is_found(services: Services, site: Credentials) -> None:
    [id] = send(services, site, "Kebijakan ini perlu dikaji lagi oleh pemerintah daerah.")
    score(services)
    row = comment(services.store, site, id)
    assert row.scores is not None
    assert set(row.scores) == set(ATTRIBUTES)
    assert row.language == "id"


def test_a_comment_in_an_unsupported_language_waits_for_a_person(services: Services, site: Credentials) -> None:
    [id] = send(services, site, "Muchas gracias por la información, muy buen artículo")
    score(services)
    [decision] = decisions(services.store, site, id)
    assert comment(services.store, site, id).language == "other"
    assert decision.action is Action.FLAG
    assert [reason.code for reason in decision.reasons] == ["unsupported_language"]


def test_nothing_pending_is_nothing_to_do(services: Services) -> None:
    assert score(services) == 0


def test_a_comment_that_is_held_is_not_taken_twice(services: Services, site: Credentials) -> None:
    send(services, site, "satu", "dua", "tiga")
    with services.store.begin() as tx:
        assert len(Backlog(tx).claim("lease-1", 30, 2)) == 2
    with services.store.begin() as tx:
        assert len(Backlog(tx).claim("lease-2", 30, 10)) == 1


def test_a_lease_that_ran_out_is_taken_again(services: Services, site: Credentials, clock: Clock) -> None:
    send(services, site, "satu")
    with services.store.begin() as tx:
        Backlog(tx).claim("of-a-dead-worker", 30, 10)
    assert score(services) == 0
    clock.forward(seconds=31)
    assert score(services) == 1


def test_a_worker_that_comes_back_late_has_lost_its_comments(
    services: Services, site: Credentials, clock: Clock
) -> None:
    [id] = send(services, site, "satu")
    with services.store.begin() as tx:
        [taken] = Backlog(tx).claim("slow", 30, 10)
    clock.forward(seconds=31)
    score(services)
    with services.store.begin() as tx:
        assert record(tx, site.site_id, [Ruling(taken, Action.APPROVE, Actor.POLICY)]) == []
    assert len(decisions(services.store, site, id)) == 1


def test_an_edit_while_it_is_scored_wins(services: Services, site: Credentials) -> None:
    accept([a_comment(id="c1", text="satu")], site.site_id, services.store, lambda: None)

    class Editing(Poisoned):
        def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
            accept([a_comment(id="c1", text="dua")], site.site_id, services.store, lambda: None)
            return super().predict(texts)

    score(services, Editing(services.classifier, "none"))
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).by_site_id("c1")
    assert row is not None
    assert (row.status, row.text) == (Status.PENDING, "dua")
    assert decisions(services.store, site, row.id) == []


def test_a_person_who_decides_while_it_is_scored_wins(services: Services, site: Credentials) -> None:
    [id] = send(services, site, "satu")

    class Deciding(Poisoned):
        def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
            decide_by_api(id, Action.REJECT, None, None, site.site_id, services.store)
            return super().predict(texts)

    score(services, Deciding(services.classifier, "none"))
    assert [decision.actor for decision in decisions(services.store, site, id)] == [Actor.API]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_comment_that_is_erased_while_it_is_decided_leaves_nothing(services: Services, site: Credentials) -> None:
    [id] = send(services, site, "Terima kasih")
    with services.store.begin(by_index=True) as tx:
        [taken] = Backlog(tx).claim("mine", 30, 10)
        record(tx, site.site_id, [Ruling(taken, Action.APPROVE, Actor.POLICY)])
        erasing = Thread(target=erase_comment, args=(id, site.site_id, services.store))
        erasing.start()
        await_lock(tx.connection)
    erasing.join(20)
    with services.store.read() as tx:
        assert Comments(tx, site.site_id).get(id) is None
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar() == 0


def test_a_comment_that_cannot_be_scored_is_left_to_a_person_and_the_others_are_scored(
    services: Services, site: Credentials
) -> None:
    ids = send(services, site, *(f"Halo semua {number}" for number in range(7)), "poison")
    poisoned = Poisoned(services.classifier, "poison")
    score(services, poisoned)
    statuses = [comment(services.store, site, id).status for id in ids]
    assert statuses == [Status.APPROVED] * 7 + [Status.FLAGGED]
    assert poisoned.calls[:2] == [8, 4]


def test_a_comment_that_kills_its_worker_is_soon_taken_alone_and_at_last_parked(
    services: Services, site: Credentials, clock: Clock
) -> None:
    [killer, other] = send(services, site, "killer", "other")
    taken = []
    for attempt in range(PARK_AFTER):
        with services.store.begin() as tx:
            claimed = Backlog(tx).claim(f"dies-{attempt}", 1, 10)
        taken.append(len(claimed))
        clock.forward(seconds=2)
    assert taken[:SUSPECT_AFTER] == [2] * SUSPECT_AFTER
    assert set(taken[SUSPECT_AFTER:]) == {1}
    for _ in range(PARK_AFTER):
        clock.forward(seconds=31)
        score(services)
    assert comment(services.store, site, killer).status is not Status.PENDING
    assert comment(services.store, site, other).status is not Status.PENDING


def test_a_flagged_comment_has_its_place_in_the_queue(services: Services, site: Credentials) -> None:
    [id] = send(services, site, ABUSE)
    score(services)
    assert comment(services.store, site, id).risk >= 1


def test_the_sweeper_sees_how_long_the_oldest_has_waited(services: Services, site: Credentials, clock: Clock) -> None:
    assert not sweep(services.store, clock).stale_pending
    send(services, site, "satu")
    clock.forward(seconds=5)
    waiting = sweep(services.store, clock)
    assert waiting.stale_pending
    assert waiting.pending_seconds == pytest.approx(5)


def test_a_comment_dated_ahead_since_the_clock_was_set_back_is_seen_as_one_that_waits(
    services: Services, site: Credentials, clock: Clock
) -> None:
    clock.forward(hours=2)
    send(services, site, "one")
    clock.forward(hours=-2)
    assert sweep(services.store, clock).stale_pending


def test_a_host_whose_clock_is_some_seconds_ahead_makes_no_comment_stale(
    services: Services, site: Credentials, clock: Clock
) -> None:
    clock.forward(seconds=5)
    send(services, site, "one")
    clock.forward(seconds=-5)
    assert not sweep(services.store, clock).stale_pending


def test_a_dead_workers_lease_from_before_the_clock_was_set_back_holds_no_comment(
    services: Services, site: Credentials, clock: Clock
) -> None:
    clock.forward(hours=2)
    [id] = send(services, site, "one")
    with services.store.begin() as tx:
        assert len(Backlog(tx).claim("lost", 30, 10)) == 1
    clock.forward(hours=-2)
    assert score(services) == 1
    assert comment(services.store, site, id).status is Status.APPROVED
