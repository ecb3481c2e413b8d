"""When a site is called no more for a while.

A site that fails OPENS_AT attempts in a row, with none arriving between, opens its breaker: it rests, then one attempt goes out
as a probe. A probe that fails doubles the rest, up to LONGEST; an attempt that arrives closes the breaker, and all that waits is
due.

Why 10: a receiver that fails every third call at random does so ten times in a row once in 59,000 calls, and one that is down is
found out before a delivery has used up its first minute of attempts.

How this fits with `backoff`, which retries each delivery for a day:

- While the breaker is open nothing is attempted, so no delivery uses up an attempt; only the probe counts, for what it carries.
- A probe carries what was tried least, so that an event which the receiver can't stomach doesn't keep the breaker open for the
  others.
- Nothing dies of the breaker alone. What has been due for a whole day, during all of which the breaker was open and every probe
  failed, is given up with the last probe's answer, as its own attempts would have been. So each delivery is retried, by itself
  or by probes, for a day at least and two at most, and then kept as a dead letter.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

OPENS_AT = 10
"""Failures in a row."""

FIRST = 10.0
"""Seconds of the first rest, at most."""

LONGEST = 900.0
"""Seconds of any rest, at most: a site that is back hears from us within a quarter of an hour."""

SPREAD = 0.5
"""Each rest is cut short by up to this share, at random: what went down together shall not be called together."""

GIVE_UP_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Circuit:
    """A site's breaker: failures in a row, since when it is open, and the time before which the site isn't called.

    A site whose breaker is closed may rest too, when it asked us to.
    """

    failures: int = 0
    opened_at: datetime | None = None
    rest_until: datetime | None = None

    def arrived(self) -> "Circuit":
        """After an attempt that arrived: closed. A rest that the site asked for stays."""
        return Circuit(0, None, self.rest_until if self.opened_at is None else None)

    def failed(self, attempts: int, probe: bool, now: datetime, rng: random.Random) -> "Circuit":
        """After so many attempts that failed in a row. While it is open only a probe counts; others began before."""
        if self.opened_at is not None:
            return self._open(self.failures + 1, self.opened_at, now, rng) if probe else self
        failures = min(self.failures + attempts, OPENS_AT)
        if failures < OPENS_AT:
            return Circuit(failures, None, self.rest_until)
        return self._open(failures, now, now, rng)

    def asked_to_rest(self, until: datetime) -> "Circuit":
        """After the site asked us to wait."""
        return Circuit(self.failures, self.opened_at, until if self.rest_until is None else max(until, self.rest_until))

    def _open(self, failures: int, since: datetime, now: datetime, rng: random.Random) -> "Circuit":
        return Circuit(failures, since, now + timedelta(seconds=rest(failures, rng)))


def rest(failures: int, rng: random.Random) -> float:
    """Seconds until the next probe, after OPENS_AT or more failures in a row."""
    doubled = FIRST * float(2 ** min(max(failures - OPENS_AT, 0), 16))
    return min(doubled, LONGEST) * rng.uniform(1 - SPREAD, 1)
