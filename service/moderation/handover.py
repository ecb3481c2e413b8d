"""What a scorer hands to the second reader: what is nearest to another decision, and no more than is read in time."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.domain.comment import UNSUPPORTED
from service.domain.nearness import Places, nearness, open_to_scores, places_of
from service.domain.policy import Mode
from service.moderation.judge import Submission
from service.store import Transaction
from service.store.ledger import Ruling
from service.store.readings import Held, Readings, Second

READ_AHEAD_MS = 10_000.0
"""What may wait to be judged anew after its decision, as reading takes. More than that would come too late to be of use."""

REFILL_MS = READ_AHEAD_MS / 2
"""Room below which nothing is added: to look for the nearest of a batch has a cost, however few of them there is room for."""

LEAST_LENGTH, MOST_LENGTH = 30, 1_800
"""Characters of a text that are counted, at least and at most: a reading has a cost of its own, and long texts are cut."""


@dataclass(frozen=True)
class Handover:
    """How comments are handed to the second reader.

    share: of a batch, when not all of it can be read. ms: how long a comment may wait undecided. pace: what 100 characters take a
    living reader, in milliseconds; None while none lives. wake: tells it that comments wait. gave_up: to be called when it let
    comments lie.
    """

    share: float
    ms: float
    pace: Callable[[], float | None]
    wake: Callable[[], None]
    gave_up: Callable[[], None]

    @property
    def lease(self) -> float:
        """Seconds after which a comment that is held for the reader is anybody's again."""
        return lease_of(self.ms)


def lease_of(ms: float) -> float:
    """Seconds that the second reader has for what it took, four times as long as a comment should wait."""
    return max(1.0, 4 * ms / 1e3)


class Room(NamedTuple):
    """What can be read in time, in milliseconds of reading: of held comments, and of decided ones. pace: as in Handover."""

    pace: float
    held: float
    decided: float


NO_ROOM = Room(0.0, 0.0, 0.0)


def room_of(tx: Transaction, handover: Handover | None, pace: float | None, *, more_waits: bool) -> Room:
    """The room that is left beside what waits already; none while `more_waits` for the first reader."""
    if handover is None or pace is None or not handover.share or more_waits:
        return NO_ROOM
    decided = READ_AHEAD_MS - pace * Readings(tx).count()
    return Room(pace, handover.ms - Held(tx).reading_ms(), decided if decided >= REFILL_MS else 0.0)


class Chosen(NamedTuple):
    """Of a batch what goes to the second reader, the nearest first: held undecided, and to be judged anew when it is decided."""

    held: list[Second]
    decided: list[Second]


def choose(rulings: Sequence[Ruling], submissions: Mapping[str, Submission], room: Room, share: float) -> Chosen:
    """What of a batch to hand over; `submissions` by the ids of their comments.

    Of each mode all where there is room for all, else what is nearest to a threshold, at most `share`, rounded up. Never a
    comment whose worker did not live to decide it, nor one whose action no scores can change.
    """
    of_mode: dict[Mode, list[Ruling]] = {Mode.PRE: [], Mode.POST: []}
    if room.held > 0 or room.decided > 0:
        for ruling in rulings:
            of_mode[submissions[ruling.comment.id].policy.mode].append(ruling)
    pre, post = of_mode.values()
    return Chosen(
        _nearest(pre, submissions, room.held, room.pace, share),
        _nearest(post, submissions, room.decided, room.pace, share),
    )


def _nearest(
    rulings: Sequence[Ruling], submissions: Mapping[str, Submission], room: float, pace: float, share: float
) -> list[Second]:
    if room <= 0 or not rulings:
        return []
    ranked = sorted(_ranked(rulings, submissions, pace), key=lambda one: one.nearness)
    most = len(rulings) if sum(one.ms for one in ranked) <= room else math.ceil(share * len(rulings))
    chosen: list[Second] = []
    for one in ranked:
        if len(chosen) == most or room < pace * LEAST_LENGTH / 100:
            break
        if one.ms <= room and _is_open(one.ruling, submissions[one.ruling.comment.id]):
            chosen.append(one)
            room -= one.ms
    return chosen


def _ranked(rulings: Sequence[Ruling], submissions: Mapping[str, Submission], pace: float) -> Iterator[Second]:
    places: dict[str, Places] = {}
    for ruling in rulings:
        comment, scores = ruling.comment, ruling.scores
        if not comment.attempts and scores is not None and scores.by_attribute:
            if comment.site_id not in places:
                places[comment.site_id] = places_of(submissions[comment.id].policy)
            near = nearness(scores.by_attribute, places[comment.site_id])
            if near < math.inf:
                yield Second(ruling, near, reading_ms(comment.text, pace))


def reading_ms(text: str, pace: float) -> float:
    """What it is reckoned to take the second reader to read a text, in milliseconds."""
    return pace * min(max(len(text), LEAST_LENGTH), MOST_LENGTH) / 100


def _is_open(ruling: Ruling, submission: Submission) -> bool:
    language = ruling.scores.language if ruling.scores else UNSUPPORTED
    return open_to_scores(submission.policy, submission.signals, ruling.reasons, language)
