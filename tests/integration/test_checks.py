"""Checks that came by another service's clients: counted, and corrected, on both databases."""

from datetime import timedelta

import pytest

from service.bootstrap import Services
from service.domain.decision import Action
from service.domain.policy import Policy, Threshold
from service.moderation.correct import correct
from service.moderation.decide import decide_by_api
from service.moderation.sites import Credentials
from service.store import Store
from service.store.checks import Checks, Counts
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.labels import NewLabel
from service.store.policies import Policies
from tests.factories import a_comment
from tests.integration.test_plans import WHOLE, plan_of

DAY = timedelta(days=1)


@pytest.fixture
def checked(services: Services, site: Credentials, other_site: Credentials) -> list[str]:
    """Four comments of one source, one for each action and one that waits; others of another source and of another site."""
    s = services
    with s.store.begin() as tx:
        never = Policy(thresholds={"toxicity": Threshold()}, flag_unsupported=False)
        Policies(tx, site.site_id).add(never)
    ids = []
    for number, action in enumerate(Action):
        told = s.at_once.check(site.site_id, a_comment(id=f"c{number}"), "akismet", wait_ms=10_000)
        assert told.comment_id is not None
        decide_by_api(told.comment_id, action, None, None, site.site_id, s.store)
        ids.append(told.comment_id)
    with s.store.begin() as tx:
        Comments(tx, site.site_id).add_pending([a_comment(id="c3", source="akismet"), a_comment(id="native")])
    s.at_once.check(site.site_id, a_comment(), "coral", wait_ms=10_000)
    s.at_once.check(other_site.site_id, a_comment(), "akismet", wait_ms=10_000)
    return ids


def counts(services: Services, site: Credentials, before: timedelta = DAY, after: timedelta = DAY) -> Counts:
    now = services.clock()
    with services.store.read() as tx:
        return Checks(tx, site.site_id).made("akismet", now - before, now + after)


def a_label(value: float, key: str = "k", source: str = "akismet", attribute: str = "spam") -> NewLabel:
    return NewLabel(source, key, attribute, value, "Beli obat kuat")


def test_each_is_counted_where_it_stands(services: Services, site: Credentials, checked: list[str]) -> None:
    assert len(checked) == 3
    assert counts(services, site) == Counts(spam=2, ham=2, missed_spam=0, false_positives=0)
    assert counts(services, site, before=-DAY / 2) == Counts(0, 0, 0, 0)
    assert counts(services, site, after=-DAY / 2) == Counts(0, 0, 0, 0)


def test_corrections_are_counted_by_what_they_say(
    services: Services, site: Credentials, other_site: Credentials
) -> None:
    s = services
    for label in (
        a_label(1.0, "a"),
        a_label(1.0, "b"),
        a_label(0.0, "c"),
        a_label(1.0, source="perspective"),
        a_label(1.0, attribute="toxicity"),
    ):
        assert not correct("nobody's", Action.REJECT, "spam", label, site.site_id, s.store)
    correct("nobody's", Action.REJECT, "spam", a_label(1.0), other_site.site_id, s.store)
    assert counts(s, site) == Counts(spam=0, ham=0, missed_spam=2, false_positives=1)


def test_a_correction_decides_once_and_labels_once(services: Services, site: Credentials, checked: list[str]) -> None:
    store: Store = services.store
    for _ in range(3):
        assert correct("c0", Action.REJECT, "spam", a_label(1.0), site.site_id, store)
    with store.read() as tx:
        decisions = Decisions(tx, site.site_id).of_comment(checked[0])
    assert [(one.actor, one.action) for one in decisions] == [("policy", "approve"), ("api", "reject")]
    assert counts(services, site) == Counts(spam=3, ham=1, missed_spam=1, false_positives=0)
    assert correct("c0", Action.APPROVE, None, a_label(0.0), site.site_id, store)
    assert counts(services, site) == Counts(spam=2, ham=2, missed_spam=0, false_positives=1)


def test_counting_goes_along_an_index(services: Services, site: Credentials) -> None:
    now = services.clock()
    plan = plan_of(services.store, lambda tx: Checks(tx, site.site_id).made("akismet", now, now))
    # PostgreSQL has counted nothing here: for what is pending or flagged another index is as short
    assert plan.count("ix_comments_source") >= (4 if services.store.sqlite else 2), plan
    assert plan.count("ix_labels_site_id_created_at") == 2, plan
    assert not WHOLE.search(plan), plan
