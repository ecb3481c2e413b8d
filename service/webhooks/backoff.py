"""When to try again.

| after attempt | 1 | 2 | 3 | 4 | 5 | 6, 7 | 8, 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 to 20 | 21 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| wait about | 1 s | 2 s | 4 s | 8 s | 15 s | 30 s | 1 min | 2 min | 5 min | 15 min | 30 min | 1 h | 2 h | 4 h each | given up |

The first minutes are patient: of the events for a receiver that fails every third call at random, all but one in two thousand
arrive within a minute and a half. A night's outage costs hours, and the last attempt comes about a day (23 h 56 min) after the
first. Each wait is spread by half to either side, so that what failed together doesn't come back together
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/); the mean, and with it the day, stays.
"""

import random

HOUR = 3600.0
DAY = 24 * HOUR
WAITS = (
    *(1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 60.0, 60.0),
    *(120.0, 300.0, 900.0, 1800.0, HOUR, 2 * HOUR),
    *(4 * HOUR,) * 5,
)
"""Seconds to wait after the first, second, … failed attempt, before they are spread."""

ATTEMPTS = len(WAITS) + 1
"""Attempts in all before a delivery is dead."""

SPREAD = 0.5
LATENESS = 0.1


def next_delay(attempts: int, rng: random.Random, retry_after: float | None) -> float | None:
    """Seconds until the next attempt after `attempts` (1 or more) have failed; None when there is none: a dead letter.

    `retry_after` is what the receiver asked for, in seconds: never sooner than that, and up to a tenth later, so that a
    burst of deliveries told the same doesn't return in one instant. A receiver can't ask for more than a day.

    Raises: ValueError, when nothing was attempted yet.
    """
    if attempts < 1:
        raise ValueError("the first attempt has no delay")
    if attempts >= ATTEMPTS:
        return None
    delay = WAITS[attempts - 1] * rng.uniform(1 - SPREAD, 1 + SPREAD)
    if retry_after is None:
        return delay
    return max(delay, min(retry_after, DAY) * rng.uniform(1, 1 + LATENESS))
