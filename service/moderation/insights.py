"""What a lead asks: how much comes, is the queue under control, is the classifier right, do moderators agree."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from service.domain.decision import Action
from service.domain.errors import NotFound
from service.domain.figures import Interval, Kappa, Raise, kappa, percentile, raised, wilson
from service.domain.period import Period, part_of
from service.domain.policy import Policy
from service.store import Store
from service.store.insights import Arrivals, Flag, Insights, Taken, Worked, share_of
from service.store.policies import Policies
from service.store.rows import SiteRow, ThreadRow
from service.store.second_looks import SecondLooks
from service.store.sites import Sites

KEPT_FOR = timedelta(minutes=1)
"""How long figures are shown again before they are counted anew; the page says when that was."""

KEPT = 64
"""Sites and periods whose figures are kept."""

TOP = 10
"""Stories and reasons shown."""


@dataclass(frozen=True)
class Volume:
    """Comments that came in, and about how many of them were flagged, in each part of the period."""

    received: tuple[int, ...]
    flagged: tuple[int, ...]
    capped: bool


@dataclass(frozen=True)
class Wait:
    """How long some comments waited, in seconds, and how many of them no longer than the goal. No times when there are none."""

    n: int
    within: int
    median: float | None = None
    late: float | None = None


@dataclass(frozen=True)
class QueueAge:
    """What waits now, of `waiting` comments; and what waited until a person decided, in all and in each part of the period."""

    waiting: int
    now: Wait
    decided: Wait
    parts: tuple[Wait, ...]
    share_waiting: float


@dataclass(frozen=True)
class Pace:
    """What the whole team decided, and the hours in which a moderator decided anything, in each part of the period.

    What was decided in one act counts once in `decisions`; `comments` counts each comment.
    """

    comments: tuple[int, ...]
    decisions: tuple[int, ...]
    hours: tuple[int, ...]


@dataclass(frozen=True)
class Precision:
    """Of the comments flagged for an attribute and then decided by a person, in one language or (None) all: how many rejected.

    `threshold` is the present one, `higher` one that would be better.
    """

    attribute: str
    language: str | None
    n: int
    rejected: int
    threshold: float | None
    higher: Raise | None

    @property
    def share(self) -> float:
        """How often the moderators agreed."""
        return self.rejected / self.n

    @property
    def interval(self) -> Interval:
        """Where that share truly is."""
        return wilson(self.rejected, self.n)


@dataclass(frozen=True)
class Story:
    """What was commented on, with its flagged comments."""

    thread: ThreadRow
    flagged: int


@dataclass(frozen=True)
class Cause:
    """A reason by its code, and its attribute where it is a score; how often it was given."""

    code: str
    attribute: str | None
    times: int


@dataclass(frozen=True)
class Reasons:
    """Why the policy flagged, and why people rejected; a comment may have several reasons."""

    flagged: tuple[Cause, ...]
    rejected: tuple[Cause, ...]


@dataclass(frozen=True)
class SecondSight:
    """How second looks came out: how often each first and second action came together."""

    pairs: Mapping[tuple[str, str], int]
    kappa: Kappa | None


@dataclass(frozen=True)
class Figures:
    """Everything of one period, as of a time. `share_*`: the part of flagged comments and decisions that was looked at."""

    period: Period
    as_of: datetime
    starts: tuple[datetime, ...]
    goal: int
    share_flagged: float
    share_decided: float
    volume: Volume
    queue: QueueAge
    pace: Pace
    precision: tuple[Precision, ...]
    stories: tuple[Story, ...]
    reasons: Reasons
    agreement: SecondSight


class Board:
    """The figures of all sites, each counted at most once a minute, one after the other: they must not slow the desk down."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[str, Period], Figures] = {}
        self._counting = Lock()

    def of(self, site_id: str, period: Period) -> Figures:
        """A site's figures, at most a minute old, and counted anew when the goal was changed. Raises: NotFound."""
        key = (site_id, period)
        with self._counting:
            now = self._store.clock()
            kept = self._kept.pop(key, None)
            fresh = (
                kept is not None and now - kept.as_of < KEPT_FOR and kept.goal == wishes_of(self._store, site_id).goal
            )
            figures = kept if kept is not None and fresh else count(self._store, site_id, period)
            self._kept[key] = figures
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return figures


@dataclass(frozen=True)
class Wishes:
    """What a lead has set for a site.

    `goal` is how many seconds a flagged comment may wait, `second_look_share` the part of decisions that is taken again, and
    `labels` are the site's own words for reasons, by their codes.
    """

    goal: int
    second_look_share: float
    labels: Mapping[str, str]


def wishes_of(store: Store, site_id: str) -> Wishes:
    """What a site's lead has set. Raises: NotFound."""
    with store.read() as tx:
        site = _there(Sites(tx).get(site_id))
    labels = {reason["code"]: reason["label"] for reason in site.reasons or () if "label" in reason}
    return Wishes(site.queue_goal_seconds, site.second_look_share, labels)


def count(store: Store, site_id: str, period: Period) -> Figures:
    """Count a site's figures now. Raises: NotFound."""
    # by index: PostgreSQL would else read every decision there is for the few thousand that are asked for
    with store.read(by_index=True) as tx:
        site = _there(Sites(tx).get(site_id))
        policy = Policies(tx, site_id).current()
        insights, starts = Insights(tx, site_id), period.starts(tx.now)
        arrivals, hours = insights.arrivals(starts, tx.now), insights.hours(starts[0])
        decided = sum(worked.comments for worked in hours)
        share_decided, share_flagged = share_of(decided), share_of(arrivals.flagged + decided)
        taken, flags = insights.taken(starts[0], share_decided), insights.flags(starts[0], share_flagged)
        waiting = insights.how_many_wait()
        share_waiting = share_of(waiting)
        waits = insights.waiting(share_waiting)
        queue = _queue(waiting, waits, share_waiting, taken, starts, site.queue_goal_seconds)
        pairs = SecondLooks(tx, site_id).pairs(starts[0])
        return Figures(
            period=period,
            as_of=tx.now,
            starts=starts,
            goal=site.queue_goal_seconds,
            share_flagged=share_flagged,
            share_decided=share_decided,
            volume=_volume(arrivals, flags, share_flagged, starts),
            queue=queue,
            pace=_pace(hours, starts),
            precision=_precision(taken, policy),
            stories=_stories(insights, flags, share_flagged),
            reasons=_reasons(flags, taken, share_flagged, share_decided),
            agreement=SecondSight(pairs, kappa(pairs)),
        )


def _there(site: SiteRow | None) -> SiteRow:
    if site is None:
        raise NotFound("no such site")
    return site


def _volume(arrivals: Arrivals, flags: Sequence[Flag], share: float, starts: Sequence[datetime]) -> Volume:
    seconds = [at.timestamp() for at in starts]
    step = seconds[1] - seconds[0]
    found = Counter(min(int((flag.came_at - seconds[0]) / step), len(starts) - 1) for flag in flags)
    received = tuple(arrivals.of(part) for part in range(len(starts)))
    flagged = tuple(_scaled(found[part], share) for part in range(len(starts)))
    return Volume(received, tuple(map(min, flagged, received)), arrivals.capped)


def _queue(
    waiting: int, waits: Sequence[float], share: float, taken: Iterable[Taken], starts: Sequence[datetime], goal: int
) -> QueueAge:
    parts: list[list[float]] = [[] for _ in starts]
    for one in taken:
        part = part_of(starts, one.at)
        if one.waited is not None and part is not None and one.action is not Action.FLAG:
            parts[part].append(one.waited)
    decided = [wait for part in parts for wait in part]
    return QueueAge(
        waiting, _wait(waits, goal), _wait(decided, goal), tuple(_wait(part, goal) for part in parts), share
    )


def _wait(seconds: Sequence[float], goal: float) -> Wait:
    if not seconds:
        return Wait(0, 0)
    ordered = sorted(seconds)
    within = sum(one <= goal for one in ordered)
    return Wait(len(ordered), within, percentile(ordered, 0.5), percentile(ordered, 0.95))


def _pace(hours: Iterable[Worked], starts: Sequence[datetime]) -> Pace:
    comments, decisions, worked = [0] * len(starts), [0] * len(starts), [0] * len(starts)
    for one in hours:
        part = part_of(starts, one.hour)
        if part is not None:
            comments[part] += one.comments
            decisions[part] += one.acts
            worked[part] += 1
    return Pace(tuple(comments), tuple(decisions), tuple(worked))


def _precision(taken: Iterable[Taken], policy: Policy) -> tuple[Precision, ...]:
    """For each attribute in all languages, the one least agreed with first; each followed by its languages.

    Comments that were decided in one act count once: they are near-identical, or nobody read each.
    """
    judged: dict[str, dict[str, tuple[float, bool, str | None]]] = {}
    for one in taken:
        if one.action is not Action.FLAG:
            for attribute, score in one.scored:
                judged.setdefault(attribute, {})[one.act] = (score, one.action is Action.REJECT, one.language)
    found = []
    for attribute, by_act in judged.items():
        rows = list(by_act.values())
        threshold = policy.thresholds.get(attribute)
        at = threshold.flag if threshold else None
        higher = raised((score, right) for score, right, _language in rows)
        found.append((_one_precision(attribute, None, rows, at, higher), rows))
    found.sort(key=lambda pair: (pair[0].share, -pair[0].n, pair[0].attribute))
    return tuple(one for all_, rows in found for one in (all_, *_by_language(all_, rows)))


def _by_language(all_: Precision, rows: Sequence[tuple[float, bool, str | None]]) -> list[Precision]:
    languages = Counter(language or "und" for _score, _right, language in rows)
    return [
        _one_precision(all_.attribute, name, [row for row in rows if (row[2] or "und") == name], all_.threshold, None)
        for name, _times in sorted(languages.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _one_precision(
    attribute: str,
    language: str | None,
    rows: Sequence[tuple[float, bool, str | None]],
    threshold: float | None,
    higher: Raise | None,
) -> Precision:
    return Precision(attribute, language, len(rows), sum(right for _score, right, _ in rows), threshold, higher)


def _stories(insights: Insights, flags: Iterable[Flag], share: float) -> tuple[Story, ...]:
    most = Counter(flag.thread_id for flag in flags if flag.thread_id is not None)
    top = sorted(most.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]
    rows = insights.threads_of([id for id, _times in top])
    return tuple(Story(rows[id], _scaled(times, share)) for id, times in top if id in rows)


def _reasons(flags: Iterable[Flag], taken: Iterable[Taken], share_flagged: float, share_decided: float) -> Reasons:
    flagged = Counter(cause for flag in flags for cause in flag.causes)
    rejected: Counter[tuple[str, str | None]] = Counter(
        (code, None) for one in taken if one.action is Action.REJECT for code in (one.reasons or (NO_REASON,))
    )
    return Reasons(_causes(flagged, share_flagged), _causes(rejected, share_decided))


NO_REASON = ""
"""Stands for a rejection of which nobody said why."""


def _causes(times: Mapping[tuple[str, str | None], int], share: float) -> tuple[Cause, ...]:
    top = sorted(times.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1] or ""))[:TOP]
    return tuple(Cause(code, attribute, _scaled(count, share)) for (code, attribute), count in top)


def _scaled(found: int, share: float) -> int:
    """About how many there are when a share of them was looked at."""
    return round(found / share)
