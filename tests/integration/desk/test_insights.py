"""What a lead is told, counted from a small history."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from service.domain.comment import Status
from service.domain.decision import Action, Reason
from service.domain.errors import Invalid
from service.domain.period import Period
from service.moderation import insights
from service.moderation.insights import Board, Figures, count
from service.moderation.sites import Credentials
from service.moderation.steer import set_goal
from service.store import Store
from service.store import insights as stored
from service.store.insights import Insights, share_of
from tests.conftest import Clock
from tests.integration.desk.history import History, id_at
from tests.integration.test_plans import plan_of


@pytest.fixture
def figures(store: Store, site: Credentials) -> Callable[..., Figures]:
    """Counts the first site's."""
    return lambda period=Period.WEEK: count(store, site.site_id, period)


Count = Callable[..., Figures]


def test_comments_are_counted_on_the_day_they_came(history: History, noon: datetime, figures: Count) -> None:
    for days, times in ((0, 2), (1, 3), (6, 1), (7, 4)):
        for _ in range(times):
            history.came(noon - timedelta(days=days))
    history.came(noon, Status.PENDING)
    history.came(noon, Status.REJECTED)
    assert figures().volume.received == (1, 0, 0, 0, 0, 3, 4)


def test_a_day_is_counted_by_the_hour(history: History, noon: datetime, figures: Count) -> None:
    for hours in (0, 0, 5, 23, 24):
        history.came(noon - timedelta(hours=hours))
    received = figures(Period.HOURS).volume.received
    assert [(hour, times) for hour, times in enumerate(received) if times] == [(0, 1), (18, 1), (23, 2)]


def test_what_was_flagged_counts_as_flagged_after_a_person_decided(
    history: History, noon: datetime, figures: Count, ayu: str
) -> None:
    history.came(noon)
    history.flagged(noon)
    decided = history.flagged(noon - timedelta(days=1))
    history.decided(decided, noon, ayu, Action.APPROVE)
    again = history.flagged(noon - timedelta(days=1))
    history.decided(again, noon, ayu, Action.APPROVE)
    history.decided(again, noon, ayu, Action.FLAG, before=Status.APPROVED)
    assert figures().volume.flagged == (0, 0, 0, 0, 0, 2, 1)


def test_waiting_is_counted_from_the_flag_to_a_persons_decision(
    history: History, noon: datetime, figures: Count, ayu: str
) -> None:
    for minutes in (10, 20, 120):
        comment = history.flagged(noon - timedelta(days=1, minutes=minutes))
        history.decided(comment, noon - timedelta(days=1), ayu, Action.REJECT)
    queue = figures().queue
    yesterday = queue.parts[5]
    assert (yesterday.n, yesterday.within, yesterday.median) == (3, 2, 1_200)
    assert yesterday.late == pytest.approx(1_200 + 0.9 * 6_000)
    assert queue.decided == yesterday
    assert queue.parts[6].n == 0


def test_what_waits_now_is_older_than_the_goal_or_not(history: History, noon: datetime, figures: Count) -> None:
    for minutes in (10, 30, 90):
        history.flagged(noon - timedelta(minutes=minutes))
    queue = figures().queue
    assert (queue.waiting, queue.now.n, queue.now.within, queue.now.median) == (3, 3, 2, 1_800)


def test_a_decision_that_was_taken_back_is_no_judgement(
    history: History, noon: datetime, figures: Count, ayu: str
) -> None:
    comment = history.flagged(noon - timedelta(minutes=30), {"insult": 0.5})
    slip = history.decided(comment, noon - timedelta(minutes=20), ayu, Action.REJECT)
    history.decided(comment, noon - timedelta(minutes=20), ayu, Action.FLAG, before=Status.REJECTED, undoes=slip)
    assert figures().precision == ()
    history.decided(comment, noon - timedelta(minutes=10), ayu, Action.APPROVE)
    found = figures()
    assert [(one.n, one.rejected) for one in found.precision if one.language is None] == [(1, 0)]
    # it has waited since the policy flagged it, not since the slip
    assert found.queue.decided.median == 1_200


def test_a_moderators_hour_is_one_with_a_decision_in_it(
    history: History, noon: datetime, figures: Count, ayu: str, bima: str
) -> None:
    for user, hours, times in ((ayu, 1, 4), (ayu, 2, 2), (bima, 1, 3)):
        for _ in range(times):
            comment = history.flagged(noon - timedelta(days=1))
            history.decided(comment, noon - timedelta(hours=hours), user, Action.APPROVE)
    assert (figures().pace.decisions[-1], figures().pace.hours[-1]) == (9, 3)
    by_hour = figures(Period.HOURS).pace
    assert (by_hour.decisions[-3:], by_hour.hours[-3:]) == ((2, 7, 0), (1, 2, 0))


def test_what_is_decided_in_one_act_counts_once(history: History, noon: datetime, figures: Count, ayu: str) -> None:
    act = id_at(noon)
    for _ in range(5):
        history.decided(history.flagged(noon, {"insult": 0.5}), noon, ayu, Action.REJECT, act=act)
    history.decided(history.flagged(noon, {"insult": 0.5}), noon, ayu, Action.APPROVE)
    found = figures()
    assert (found.pace.comments[-1], found.pace.decisions[-1], found.pace.hours[-1]) == (6, 2, 1)
    assert (found.precision[0].n, found.precision[0].rejected) == (2, 1)
    # each of them waited
    assert found.queue.decided.n == 6


def test_precision_is_told_for_each_attribute_and_language_with_the_least_first(
    history: History, noon: datetime, figures: Count, ayu: str
) -> None:
    for scores, language, action, times in (
        ({"insult": 0.5}, "id", Action.REJECT, 3),
        ({"insult": 0.5}, "en", Action.APPROVE, 1),
        ({"spam": 0.4, "insult": 0.6}, "id", Action.APPROVE, 2),
    ):
        for _ in range(times):
            comment = history.flagged(noon - timedelta(hours=3), scores, language=language)
            history.decided(comment, noon, ayu, action)
    found = [(one.attribute, one.language, one.rejected, one.n, one.threshold) for one in figures().precision]
    assert found == [
        ("spam", None, 0, 2, 0.1),
        ("spam", "id", 0, 2, 0.1),
        ("insult", None, 3, 6, 0.2),
        ("insult", "id", 3, 5, 0.2),
        ("insult", "en", 0, 1, 0.2),
    ]


def test_what_no_score_flagged_says_nothing_of_the_classifier(
    history: History, noon: datetime, figures: Count, ayu: str
) -> None:
    history.decided(history.flagged(noon, code="links"), noon, ayu, Action.REJECT)
    history.decided(history.came(noon), noon, ayu, Action.REJECT, before=Status.APPROVED)
    assert figures().precision == ()


def test_a_better_threshold_is_told_where_one_is(history: History, noon: datetime, figures: Count, ayu: str) -> None:
    for score, action, times in ((0.3, Action.APPROVE, 30), (0.6, Action.REJECT, 20), (0.6, Action.APPROVE, 2)):
        for _ in range(times):
            history.decided(history.flagged(noon, {"threat": score}), noon, ayu, action)
    higher = figures().precision[0].higher
    assert higher is not None
    assert (higher.threshold, higher.spared, higher.missed) == (0.6, 30, 0)


def test_the_stories_with_the_most_flagged_comments_come_first(
    history: History, noon: datetime, figures: Count, ayu: str
) -> None:
    for number in range(12):
        for _ in range(number + 1):
            history.flagged(noon, thread=f"story-{number}")
    history.decided(history.flagged(noon, thread="story-11"), noon, ayu, Action.REJECT)
    history.came(noon, thread="quiet")
    found = [(story.thread.title, story.flagged) for story in figures().stories]
    assert found == [(f"story-{11 - place}", 13 if place == 0 else 12 - place) for place in range(10)]


def test_reasons_of_the_policy_and_of_people_are_counted_apart(
    history: History, noon: datetime, figures: Count, ayu: str
) -> None:
    for code in ("links", "links", "word"):
        history.flagged(noon, {"insult": 0.5}, code=code)
    for reasons in ([Reason("hate", Action.REJECT)], [Reason("hate", Action.REJECT)], []):
        history.decided(history.flagged(noon), noon, ayu, Action.REJECT, reasons)
    history.decided(history.flagged(noon), noon, ayu, Action.APPROVE)
    reasons = figures().reasons
    assert [(one.code, one.attribute, one.times) for one in reasons.flagged] == [
        ("score", "insult", 3), ("links", None, 2), ("word", None, 1),
    ]  # fmt: skip
    assert [(one.code, one.times) for one in reasons.rejected] == [("hate", 2), ("", 1)]


def test_another_sites_history_is_not_counted(
    store: Store, other_site: Credentials, noon: datetime, figures: Count, ayu: str
) -> None:
    elsewhere = History(store, other_site.site_id)
    comment = elsewhere.flagged(noon - timedelta(hours=1), {"insult": 0.5}, thread="theirs")
    elsewhere.flagged(noon)
    elsewhere.decided(comment, noon, ayu, Action.REJECT, [Reason("hate", Action.REJECT)])
    found = figures()
    assert sum(found.volume.received) == found.queue.waiting == sum(found.pace.decisions) == 0
    assert (found.precision, found.stories, found.reasons.flagged, found.reasons.rejected) == ((), (), (), ())


def test_of_much_a_random_share_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, store: Store, site: Credentials, history: History, noon: datetime, ayu: str
) -> None:
    for _ in range(300):
        history.decided(history.flagged(noon, {"insult": 0.5}), noon, ayu, Action.REJECT)
    monkeypatch.setattr(stored, "SAMPLE", 100)
    found = count(store, site.site_id, Period.WEEK)
    assert found.share_decided == pytest.approx(1 / 3, abs=1e-3)
    # four standard deviations of a random third
    assert 67 <= found.precision[0].n <= 133
    assert 200 <= found.volume.flagged[-1] <= 300
    # what is counted along an index is counted in full
    assert (found.volume.received[-1], found.pace.decisions[-1]) == (300, 300)


def test_counting_stops_somewhere_and_says_so(
    monkeypatch: pytest.MonkeyPatch, history: History, noon: datetime, figures: Count
) -> None:
    monkeypatch.setattr(stored, "COUNT_EACH", 3)
    for _ in range(5):
        history.came(noon)
    volume = figures().volume
    assert (volume.received[-1], volume.capped) == (3, True)


def test_a_share_is_never_nothing() -> None:
    assert share_of(10_000) == 1.0
    assert share_of(10**12) == 1 / 4096


def test_figures_are_kept_for_a_minute_unless_the_goal_changes(
    store: Store, site: Credentials, history: History, noon: datetime, clock: Clock
) -> None:
    board = Board(store)
    assert board.of(site.site_id, Period.WEEK).queue.waiting == 0
    history.flagged(noon)
    clock.forward(seconds=59)
    assert board.of(site.site_id, Period.WEEK).queue.waiting == 0
    assert board.of(site.site_id, Period.MONTH).queue.waiting == 1
    set_goal(store, site.site_id, 120)
    assert board.of(site.site_id, Period.WEEK).queue.waiting == 1
    history.flagged(noon)
    clock.forward(seconds=61)
    assert board.of(site.site_id, Period.WEEK).queue.waiting == 2


def test_figures_are_not_kept_for_ever(
    monkeypatch: pytest.MonkeyPatch, store: Store, site: Credentials, noon: datetime
) -> None:
    monkeypatch.setattr(insights, "KEPT", 2)
    board = Board(store)
    for period in Period:
        board.of(site.site_id, period)
    assert len(board._kept) == 2


@pytest.mark.parametrize("seconds", [0, 59, 2_592_001, -60])
def test_a_goal_that_can_not_be_is_refused(store: Store, site: Credentials, seconds: int) -> None:
    with pytest.raises(Invalid):
        set_goal(store, site.site_id, seconds)


def test_the_history_is_found_by_its_indexes(store: Store, site: Credentials, noon: datetime) -> None:
    def plan(ask: Callable[[Insights], object]) -> str:
        return plan_of(store, lambda tx: ask(Insights(tx, site.site_id)))

    arrivals = plan(lambda one: one.arrivals(Period.WEEK.starts(noon), noon))
    assert "ix_comments_site_id_status_id" in arrivals
    assert "ix_decisions_people" in plan(lambda one: one.hours(noon))
    taken, flags = plan(lambda one: one.taken(noon, 0.5)), plan(lambda one: one.flags(noon, 0.5))
    assert "ix_decisions_people" in taken
    assert "ix_decisions_people" in flags
    for one in (arrivals, taken, flags):
        assert "Seq Scan on comments" not in one
        assert "SCAN comments" not in one
