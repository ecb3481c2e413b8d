"""Who waits is answered by both readers where there is time for the second, and never later or less surely for it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

import pytest

from service.bootstrap import Services
from service.domain.comment import Status
from service.domain.compat import MAX_BUDGET, Compat
from service.domain.decision import Action
from service.domain.policy import Policy, Threshold
from service.moderation import second_reader
from service.moderation.at_once import LONGEST, AtOnce, Checked
from service.moderation.judge import score_texts
from service.moderation.second_reader import BURST, EACH_SECOND, QUIET_SECONDS, SecondReader
from service.moderation.sites import Credentials
from service.runtime import metrics
from tests.both import SECOND, Both
from tests.conftest import one_database
from tests.factories import a_comment
from tests.integration.at_once.checks import ABUSE, KIND, check, found, settle

pytestmark = one_database

TIME = 60_000
"""Milliseconds of a budget that is not what a test is about, on however busy a machine."""

ODD = "you are not the brightest candle"


@dataclass
class Watch:
    """Seconds that pass when they are told to."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Pair:
    """Both readers at the doors, a share of the requests for the second one."""

    services: Services
    both: Both
    watch: Watch

    def at_once(self, share: float = 1.0) -> AtOnce:
        s = self.services
        second = SecondReader(lambda: self.both, share, 200.0, self.watch)  # type: ignore[arg-type,return-value]
        return AtOnce(s.store, lambda: s.classifier, lambda: None, lambda: None, second)

    def asked(self, at_once: AtOnce, times: int) -> int:
        """How many of so many requests were read by both."""
        before = len(self.both.asked)
        for _ in range(times):
            at_once.score([KIND], TIME)
        return len(self.both.asked) - before

    def check(self, site: Credentials, text: str) -> Checked:
        """What a caller is told of a text; nothing is stored."""
        at_once = self.at_once()
        try:
            return at_once.check(site.site_id, a_comment(text=text), "coral", keep=False)
        finally:
            at_once.close()


@pytest.fixture
def pair(services: Services) -> Pair:
    return Pair(services, Both(services.classifier), Watch())


def near(services: Services, site: Credentials) -> None:
    """Let a score of ODD stand just below what this site flags from."""
    [scores] = score_texts([ODD], services.classifier)
    at = min(0.99, scores.by_attribute["insult"] * 1.5 + 0.001)
    settle(services, site, Compat(budget_ms=MAX_BUDGET), Policy(thresholds={"insult": Threshold(flag=at)}))


def counted(work: Callable[[], object]) -> dict[str, float]:
    """How many requests came to each outcome meanwhile, without those to which none came."""
    before = {outcome: readings(outcome) for outcome in metrics.ASKED}
    work()
    return {outcome: more for outcome in metrics.ASKED if (more := readings(outcome) - before[outcome])}


def readings(outcome: str) -> float:
    return metrics.meter().registry.get_sample_value("saring_at_once_readings_total", {"outcome": outcome}) or 0.0


# scores


def test_scores_say_that_both_readers_made_them(pair: Pair) -> None:
    [scores] = pair.at_once().score([KIND], TIME)
    assert scores.model_version == f"{pair.services.classifier.version}+{SECOND}"


def test_all_texts_of_a_request_are_read_by_the_same_readers(pair: Pair) -> None:
    texts = [KIND, ABUSE, "x" * (LONGEST + 5)]
    scored = pair.at_once().score(texts, TIME)
    assert {scores.model_version for scores in scored} == {pair.both.version}
    assert pair.both.asked == [[KIND, ABUSE, "x" * LONGEST]]


@pytest.mark.parametrize("budget", [100.0, 5.0])
def test_the_second_reader_begins_nothing_that_may_come_too_late(pair: Pair, budget: float) -> None:
    pair.both.cost = budget / 2
    [scores] = pair.at_once().score([KIND], budget)
    assert scores.model_version == pair.services.classifier.version
    assert pair.both.asked == []


def test_what_takes_long_is_not_read_beside_others_who_wait(pair: Pair) -> None:
    pair.both.cost = second_reader.LONGEST_MS + 1
    assert pair.asked(pair.at_once(), 3) == 0


def test_without_a_second_reader_the_first_answers(services: Services) -> None:
    assert services.stack is None
    [scores] = services.at_once.score([KIND], TIME)
    assert scores.model_version == services.classifier.version


def test_a_share_of_the_requests_is_read_by_both(pair: Pair) -> None:
    at_once = pair.at_once(share=0.25)
    pair.asked(at_once, 20)
    assert pair.asked(at_once, 40) == 10


def test_where_little_comes_in_all_is_read_by_both(pair: Pair) -> None:
    at_once = pair.at_once(share=0.01)
    pair.asked(at_once, 20)
    assert pair.asked(at_once, 5) == 0
    for _ in range(5):
        pair.watch.now += QUIET_SECONDS + 1 / EACH_SECOND
        assert pair.asked(at_once, 1) == 1


def test_where_much_comes_in_time_adds_nothing(pair: Pair) -> None:
    at_once = pair.at_once(share=0.01)
    pair.asked(at_once, 20)
    read = 0
    for _ in range(200):
        pair.watch.now += QUIET_SECONDS
        read += pair.asked(at_once, 1)
    assert read == 2


def test_a_quiet_night_is_not_saved_up_for_a_loud_morning(pair: Pair) -> None:
    at_once = pair.at_once(share=0.01)
    pair.watch.now += 36_000.0
    assert pair.asked(at_once, 50) == BURST


def test_with_no_share_nothing_is_read_by_both(pair: Pair) -> None:
    at_once = pair.at_once(share=0.0)
    pair.watch.now += 60.0
    assert pair.asked(at_once, 10) == 0


def test_nobody_waits_until_the_second_reader_is_free(pair: Pair) -> None:
    at_once = pair.at_once()
    pair.both.go_on.clear()
    slow = Thread(target=lambda: at_once.score([ABUSE], TIME))
    slow.start()
    assert pair.both.entered.wait(10)
    # it would for ever
    assert counted(lambda: at_once.score([KIND], TIME)) == {"busy": 1}
    [scores] = at_once.score([KIND], TIME)
    pair.both.go_on.set()
    slow.join(20)
    assert scores.model_version == pair.services.classifier.version
    assert pair.asked(at_once, 1) == 1


def test_a_second_reader_that_fails_is_left_alone_for_a_while(pair: Pair) -> None:
    at_once = pair.at_once()
    pair.both.broken = True
    [scores] = at_once.score([KIND], TIME)
    assert scores.model_version == pair.services.classifier.version
    assert pair.asked(at_once, 5) == 0
    pair.both.broken = False
    pair.watch.now += second_reader.REST_SECONDS
    assert pair.asked(at_once, 1) == 1


def test_what_became_of_each_request_is_counted(pair: Pair, services: Services, site: Credentials) -> None:
    at_once = pair.at_once(share=0.01)
    assert counted(lambda: pair.asked(at_once, 1)) == {"read": 1}
    pair.both.broken = True
    assert counted(lambda: pair.asked(at_once, 2)) == {"failed": 1}, "while it rests it is not there"
    pair.both.broken = False
    pair.watch.now += second_reader.REST_SECONDS
    assert counted(lambda: pair.asked(at_once, 6)) == {"read": BURST, "spared": 6 - BURST}
    pair.both.cost = second_reader.LONGEST_MS + 1
    assert counted(lambda: pair.asked(at_once, 1)) == {"late": 1}
    settle(services, site, policy=Policy(thresholds={"insult": Threshold(flag=0.95)}))
    assert counted(lambda: pair.check(site, KIND)) == {"unneeded": 1}
    assert counted(lambda: services.at_once.score([KIND], TIME)) == {}, "there is none to be counted"


# checks


def test_a_comment_near_a_threshold_is_decided_and_stored_by_both(
    pair: Pair, services: Services, site: Credentials
) -> None:
    near(services, site)
    pair.both.moved = 1.0
    at_once = pair.at_once()
    before = services.at_once.check(site.site_id, a_comment(id="first", text=ODD), "coral", wait_ms=20_000)
    after = at_once.check(site.site_id, a_comment(id="both", text=ODD), "coral", wait_ms=20_000)
    at_once.close()
    assert (before.action, after.action) == (Action.APPROVE, Action.FLAG)
    row = found(services, site, "both")
    assert (row.status, row.model_version) == (Status.FLAGGED, pair.both.version)
    assert after.judgement is not None
    assert row.scores == after.judgement.scores.by_attribute


def test_a_comment_far_from_every_threshold_is_not_read_twice(pair: Pair, site: Credentials) -> None:
    settle(pair.services, site, policy=Policy(thresholds={"insult": Threshold(flag=0.95)}))
    pair.check(site, KIND)
    assert pair.both.asked == []


@pytest.mark.parametrize(
    "settled",
    [
        lambda policy: Policy(thresholds=policy.thresholds, block_words=("candle",)),
        lambda policy: Policy(thresholds=policy.thresholds, flag_words=("candle",)),
        lambda policy: Policy(thresholds=policy.thresholds, hold_first=1),
    ],
    ids=["blocked", "flagged", "held"],
)
def test_what_no_score_can_change_is_not_read_twice(
    pair: Pair, services: Services, site: Credentials, settled: Callable[[Policy], Policy]
) -> None:
    near(services, site)
    settle(services, site, policy=settled(services.at_once.terms(site.site_id).policy))
    pair.check(site, ODD)
    assert pair.both.asked == []


def test_what_is_checked_in_no_time_is_checked_by_the_first(pair: Pair, services: Services, site: Credentials) -> None:
    near(services, site)
    settle(services, site, Compat(budget_ms=50))
    pair.both.cost = 19.0
    checked = pair.check(site, ODD)
    assert checked.judgement is not None
    assert checked.judgement.scores.model_version == services.classifier.version


def test_a_check_stands_when_the_second_reader_fails(pair: Pair, services: Services, site: Credentials) -> None:
    near(services, site)
    pair.both.broken = True
    checked = pair.check(site, ODD)
    assert pair.both.asked == [[ODD]]
    assert checked.judgement is not None
    assert checked.action is Action.APPROVE


def test_the_wiring_hands_both_readers_to_the_doors(services: Services, site: Credentials) -> None:
    both = Both(services.classifier)
    services.__dict__["stack"] = both
    near(services, site)
    checked = check(services, site, text=ODD)
    assert both.asked == [[ODD]]
    assert checked.judgement is not None
    assert checked.judgement.scores.model_version == both.version
