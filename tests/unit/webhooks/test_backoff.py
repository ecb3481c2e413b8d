"""When a failed delivery is tried again."""

import random

import pytest

from service.webhooks.backoff import ATTEMPTS, DAY, WAITS, next_delay


def a_delay(attempts: int, seed: int = 1, retry_after: float | None = None) -> float:
    delay = next_delay(attempts, random.Random(seed), retry_after)
    assert delay is not None
    return delay


def test_the_first_retry_comes_within_two_seconds() -> None:
    assert all(0.5 <= a_delay(1, seed) <= 1.5 for seed in range(100))


def test_each_wait_is_near_its_place_in_the_schedule() -> None:
    for attempts, wait in enumerate(WAITS, start=1):
        mean = sum(a_delay(attempts, seed) for seed in range(500)) / 500
        assert mean == pytest.approx(wait, rel=0.05)


def test_all_attempts_together_take_about_a_day() -> None:
    rng = random.Random(1)
    totals = [sum(next_delay(attempts, rng, None) or 0 for attempts in range(1, ATTEMPTS)) for _ in range(100)]
    assert sum(WAITS) == 86_130
    assert 0.6 * DAY < min(totals) < max(totals) < 1.4 * DAY


def test_after_the_last_attempt_the_delivery_is_dead() -> None:
    assert next_delay(ATTEMPTS - 1, random.Random(1), None) is not None
    assert next_delay(ATTEMPTS, random.Random(1), None) is None
    assert next_delay(ATTEMPTS, random.Random(1), 1.0) is None
    assert next_delay(1000, random.Random(1), None) is None


def test_two_deliveries_that_failed_together_come_back_apart() -> None:
    assert a_delay(5, seed=1) != a_delay(5, seed=2)


def test_the_same_randomness_gives_the_same_delay() -> None:
    assert a_delay(5, seed=7) == a_delay(5, seed=7)


def test_the_receiver_is_never_asked_sooner_than_it_wishes() -> None:
    assert all(600 <= a_delay(1, seed, retry_after=600) <= 660 for seed in range(100))


def test_a_short_wish_does_not_shorten_the_wait() -> None:
    assert a_delay(9, retry_after=1) == a_delay(9)


def test_a_receiver_can_not_ask_for_more_than_a_day() -> None:
    assert a_delay(1, retry_after=float("inf")) <= 1.1 * DAY


def test_the_first_attempt_has_no_delay() -> None:
    with pytest.raises(ValueError, match="first attempt"):
        next_delay(0, random.Random(1), None)
