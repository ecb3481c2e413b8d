"""A site that keeps failing is left alone, tried now and then, and served again once it answers."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from service.bootstrap import Services
from service.moderation.deliver import CLAIM_SECONDS
from service.moderation.sites import set_callback
from service.moderation.steer import send_all_again
from service.store.deliveries import DEAD, Outbox
from service.webhooks.breaker import FIRST, LONGEST, OPENS_AT, Circuit, rest
from tests.conftest import Clock
from tests.integration.delivery.place import Place, a_site, counts, decide_for, deliver, row, waiting

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
RNG = random.Random(1)


@pytest.fixture
def site_id(services: Services, place: Place) -> str:
    """A site that is down, with three times as much waiting as opens its breaker, which is open."""
    place.status = 500
    made = a_site(services, "down.example", place.url, 3 * OPENS_AT)
    deliver(services)
    return made


def let_probe(services: Services, site_id: str, clock: Clock) -> None:
    until = row(services, site_id).callback_rest_until
    assert until is not None
    clock.now = max(clock.now, until)
    deliver(services)


def test_after_ten_failures_in_a_row_a_site_is_called_no_more(services: Services, site_id: str, place: Place) -> None:
    site = row(services, site_id)
    assert site.callback_opened_at is not None
    assert (site.callback_failures, OPENS_AT <= len(place.got) <= OPENS_AT + 4) == (OPENS_AT, True)
    called = len(place.got)
    assert deliver(services) == 0
    assert len(place.got) == called


def test_what_is_not_sent_uses_up_no_attempt(services: Services, site_id: str, place: Place, clock: Clock) -> None:
    clock.forward(hours=5)
    for _ in range(3):
        let_probe(services, site_id, clock)
    assert sum(one.attempts for one in waiting(services, site_id)) == len(place.got)


def test_one_probe_at_a_time_goes_out_and_each_failure_makes_the_next_later(
    services: Services, site_id: str, place: Place, clock: Clock
) -> None:
    rests = []
    for _ in range(5):
        before = len(place.got)
        let_probe(services, site_id, clock)
        assert len(place.got) == before + 1
        until = row(services, site_id).callback_rest_until
        assert until is not None
        rests.append((until - clock.now).total_seconds())
    assert rests[4] > rests[0]
    assert max(rests) <= LONGEST


def test_a_probe_that_arrives_closes_the_breaker_and_everything_is_sent(
    services: Services, site_id: str, place: Place, clock: Clock
) -> None:
    place.status = 204
    clock.forward(minutes=2)
    deliver(services)
    site = row(services, site_id)
    assert (site.callback_failures, site.callback_opened_at, site.callback_rest_until) == (0, None, None)
    assert counts(services, site_id) == {"waiting": 0, "delivered": 3 * OPENS_AT, "dead": 0}


def test_opening_and_closing_are_logged_with_the_site_alone(services: Services, place: Place, clock: Clock) -> None:
    place.status = 500
    with capture_logs() as logs:
        site_id = a_site(services, "down.example", place.url, 2 * OPENS_AT)
        deliver(services)
        place.status = 204
        let_probe(services, site_id, clock)
    told = [
        {name: value for name, value in line.items() if name != "log_level"}
        for line in logs
        if "circuit" in line["event"]
    ]
    assert told == [
        {"event": "circuit breaker opened", "site": site_id},
        {"event": "circuit breaker closed", "site": site_id},
    ]


def test_a_success_between_failures_keeps_it_closed(services: Services, place: Place, clock: Clock) -> None:
    site_id = a_site(services, "shaky.example", place.url, 1)
    for _ in range(3):
        place.status = 500
        decide_for(services, site_id, OPENS_AT - 4)
        deliver(services)
        place.status = 204
        decide_for(services, site_id, 1)
        deliver(services)
    assert row(services, site_id).callback_opened_at is None


def test_two_senders_send_one_probe(services: Services, site_id: str, clock: Clock) -> None:
    clock.forward(hours=1)
    with services.store.begin() as tx:
        assert Outbox(tx).begin_probe(site_id, CLAIM_SECONDS)
    with services.store.begin() as tx:
        assert not Outbox(tx).begin_probe(site_id, CLAIM_SECONDS)
    assert deliver(services) == 0
    clock.forward(seconds=CLAIM_SECONDS + 1)  # the one who was to probe died
    assert deliver(services) == 1


def test_an_event_that_the_site_can_not_stomach_does_not_keep_the_breaker_open(
    services: Services, place: Place, clock: Clock
) -> None:
    site_id = a_site(services, "picky.example", place.url, 1)
    [poison] = waiting(services, site_id)
    place.refuses = poison.comment_id
    for _ in range(OPENS_AT):
        deliver(services)
        clock.forward(minutes=15)
    assert row(services, site_id).callback_opened_at is not None
    decide_for(services, site_id, 5)
    clock.forward(minutes=15)
    deliver(services)
    assert counts(services, site_id)["delivered"] == 5
    assert row(services, site_id).callback_opened_at is None


def test_nothing_dies_while_the_breaker_rests_and_all_is_given_up_after_a_day_of_failed_probes(
    services: Services, site_id: str, place: Place, clock: Clock
) -> None:
    clock.forward(days=3)  # no sender ran: nothing was tried, nothing may die
    assert counts(services, site_id)[DEAD] == 0
    young = decide_for(services, site_id, 2)
    let_probe(services, site_id, clock)
    assert counts(services, site_id)[DEAD] >= 3 * OPENS_AT - 1
    assert set(young) <= {one.id for one in waiting(services, site_id)} | {young[0]}
    assert counts(services, site_id)["waiting"] >= 2


def test_sending_again_probes_at_once(services: Services, site_id: str, place: Place, clock: Clock) -> None:
    clock.forward(days=2)
    let_probe(services, site_id, clock)
    assert deliver(services) == 0
    place.status = 204
    assert send_all_again(services.store, lambda: None, site_id) > 0
    deliver(services)
    assert counts(services, site_id)[DEAD] == 0
    assert row(services, site_id).callback_opened_at is None


def test_a_new_callback_closes_the_breaker(
    services: Services, site_id: str, places: Callable[..., Place], clock: Clock
) -> None:
    elsewhere = places()
    set_callback("down.example", elsewhere.url, services.store, allow_private=True)
    clock.forward(minutes=1)
    deliver(services)
    assert counts(services, site_id)["delivered"] == 3 * OPENS_AT


def test_the_sweeper_is_not_called_for_what_rests(services: Services, site_id: str, clock: Clock) -> None:
    with services.store.read() as tx:
        assert Outbox(tx).oldest() is None
    clock.forward(hours=1)
    with services.store.read() as tx:
        assert Outbox(tx).oldest() is not None


def test_a_rest_that_the_site_asked_for_outlasts_a_success() -> None:
    asked = Circuit().asked_to_rest(NOW + timedelta(minutes=5))
    assert asked.arrived().rest_until == NOW + timedelta(minutes=5)
    assert asked.asked_to_rest(NOW).rest_until == NOW + timedelta(minutes=5)


def test_calls_that_were_under_way_when_it_opened_do_not_count() -> None:
    opened = Circuit(OPENS_AT - 1).failed(1, probe=False, now=NOW, rng=RNG)
    assert opened.opened_at == NOW
    assert opened.failed(16, probe=False, now=NOW, rng=RNG) == opened
    assert opened.failed(1, probe=True, now=NOW, rng=RNG).failures == OPENS_AT + 1


def test_rests_grow_are_spread_and_bounded() -> None:
    first = {rest(OPENS_AT, RNG) for _ in range(100)}
    assert FIRST / 2 <= min(first) < max(first) <= FIRST
    assert LONGEST / 2 <= rest(10_000, RNG) <= LONGEST
