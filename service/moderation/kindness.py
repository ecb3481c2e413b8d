"""Kind to people: what they choose for themselves, and how much of the worst they have seen. For their own eyes alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from service.domain.preferences import Preferences
from service.moderation.card import WORST, WORST_FROM, is_worst
from service.store import Store
from service.store.preferences import Choices
from service.store.seen import Seen

DAY = timedelta(days=1)

MOST = 5_000
"""Decisions of one day that are looked at, the last ones: more than a person reads."""


@dataclass(frozen=True)
class Day:
    """What one person decided within a day: how many, how many of the worst kind, and how many of these in each attribute."""

    decided: int
    worst: int
    by_attribute: Mapping[str, int]


def preferences_of(store: Store, user_id: str) -> Preferences:
    """What this person chose."""
    with store.read() as tx:
        return Preferences.from_json(Choices(tx).of(user_id))


def choose(store: Store, user_id: str, preferences: Preferences) -> None:
    """Remember what this person chose."""
    with store.begin() as tx:
        Choices(tx).keep(user_id, preferences.to_json())


def day_of(store: Store, site_id: str, user_id: str) -> Day:
    """What this person has decided for the site in the last 24 hours; a comment counts in each attribute in which it is bad."""
    with store.read() as tx:
        scores = Seen(tx, site_id).scores(user_id, tx.now - DAY, MOST)
    worst = [of for of in scores if is_worst(of)]
    counts = {name: sum((of or {}).get(name, 0.0) >= WORST_FROM for of in worst) for name in WORST}
    by_attribute = {name: count for name, count in sorted(counts.items(), key=lambda pair: -pair[1]) if count}
    return Day(len(scores), len(worst), by_attribute)
