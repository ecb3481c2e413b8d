"""The auditor of `make chaos` reads what a real database holds, of either kind."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bench.evidence import Stored, arrivals_of, claim_of, dated_ahead_in, stored_in, unread_in, waiting_in
from bench.proof import bars
from bench.soak import Stage
from service.bootstrap import Services
from service.domain.decision import Action
from service.domain.policy import Mode, Policy
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.score import score_batch
from service.moderation.sites import Credentials, add_site
from service.store.deliveries import Deliveries
from service.store.policies import Policies
from service.webhooks.signing import sign
from tests.conftest import Clock
from tests.factories import a_comment

Line = dict[str, Any]
NAME = "told.example"


@pytest.fixture
def told(services: Services) -> Credentials:
    """A site that is told of decisions."""
    return add_site(NAME, "http://127.0.0.1:9/hooks", services.store, allow_private=True)


@pytest.fixture
def journal(services: Services, told: Credentials) -> list[Line]:
    """What a site wrote down that sent two comments, changed one and rejected the other."""
    lines: list[Line] = []

    def send(**texts: str) -> list[str]:
        new = [a_comment(id=id, text=text) for id, text in texts.items()]
        ids = [one.id for one in accept(new, told.site_id, services.store, lambda: None)]
        sent = [{"id": id, "text": text} for id, text in texts.items()]
        lines.append({"what": "send", "request": len(lines), "site": NAME, "comments": sent})
        acknowledged = [[id, ours] for id, ours in zip(texts, ids, strict=True)]
        lines.append({"what": "ack", "request": len(lines) - 1, "ids": acknowledged})
        score_batch(services.store, services.classifier, limit=10, lease=30)
        return ids

    _, second = send(a="Terima kasih", b="Bagus sekali")
    send(a="Terima kasih banyak")
    decide_by_api(second, Action.REJECT, None, None, told.site_id, services.store)
    return lines


def arrived(services: Services, told: Credentials) -> list[Line]:
    """What a receiver would have written down that took everything that waits."""
    with services.store.read() as tx:
        waiting = sorted(Deliveries(tx, told.site_id).page("waiting"), key=lambda one: one.number)
    lines = []
    for one in waiting:
        headers = sign([told.webhook_secret], f"msg_{one.id.replace('-', '')}", datetime.now(UTC), one.body.encode())
        id, at, signature = (headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        lines.append({"id": id, "time": at, "signature": signature, "body": one.body, "answer": "204"})
    return lines


def unmet(journal: list[Line], stored: Stored, attempts: list[Line], told: Credentials) -> set[str]:
    found = bars(claim_of(journal), stored, arrivals_of(attempts, {NAME: told.webhook_secret}))
    return {bar.what for bar in found if not bar.met}


def test_a_run_in_which_all_is_as_it_must_be_meets_every_bar(
    services: Services, told: Credentials, journal: list[Line]
) -> None:
    stored = stored_in(services.store.url)
    assert len(stored.decisions) == 4
    assert unmet(journal, stored, arrived(services, told), told) == set()


def test_one_delivery_that_did_not_arrive_is_missed(services: Services, told: Credentials, journal: list[Line]) -> None:
    attempts = arrived(services, told)[:-1]
    assert unmet(journal, stored_in(services.store.url), attempts, told) == {"decisions not delivered"}


def test_it_sees_what_waits_and_what_waits_for_a_clock_that_was_set_back(
    services: Services, told: Credentials, journal: list[Line], clock: Clock
) -> None:
    url = services.store.url
    assert waiting_in(url) == (0, 4)
    assert dated_ahead_in(url, clock.now) == 0
    assert dated_ahead_in(url, clock.now - timedelta(hours=2)) == 4


def test_it_sees_where_comments_are_shown_at_once(services: Services, told: Credentials, journal: list[Line]) -> None:
    assert stored_in(services.store.url).shown == set()
    for mode in (Mode.PRE, Mode.POST):
        with services.store.begin() as tx:
            Policies(tx, told.site_id).add(Policy(mode=mode))
    assert stored_in(services.store.url).shown == {NAME}


def test_it_sees_whose_decision_both_readers_made(services: Services, told: Credentials, journal: list[Line]) -> None:
    url = services.store.url
    assert not any(one.by_both for one in stored_in(url).decisions)
    with services.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decisions SET model_version = '2026.11-a+2026.11-b' WHERE revision = 2")
    assert [one.revision for one in stored_in(url).decisions if one.by_both] == [2]


def test_nothing_waits_for_a_second_reader_that_got_nothing(
    services: Services, told: Credentials, journal: list[Line]
) -> None:
    assert unread_in(services.store.url) == stored_in(services.store.url).unread == 0


def test_a_soak_counts_the_decisions_since_its_last_look(
    services: Services, told: Credentials, journal: list[Line]
) -> None:
    stage = Stage(cast("Any", None), "", "", services.store.url, None)
    four, last = stage.decided()
    assert four == 4
    assert stage.decided(last) == (0, last)
