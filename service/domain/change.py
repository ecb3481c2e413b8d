"""What changed in a site's queue: open desks are told so that nobody has to load a page again."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a desk hears of.

    flagged: comments came into the queue. decided: people decided about some. resync: what changed is unknown, look again.
    away: changes can't be told for now, ask for yourself until something is told again.
    """

    FLAGGED = "flagged"
    DECIDED = "decided"
    RESYNC = "resync"
    AWAY = "away"


@dataclass(frozen=True)
class Change:
    """Comments of one site to which one thing happened; `by` is the name of the person who did it, `user_id` whose it is."""

    site_id: str
    kind: Kind
    ids: tuple[str, ...]
    by: str | None = None
    user_id: str | None = None
