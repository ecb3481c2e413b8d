"""What desks are told of: what came into the queue and what people decided, once it is committed."""

from collections.abc import Callable

import pytest

from service.bootstrap import Services
from service.domain.change import Change, Kind
from service.domain.decision import Action, Actor
from service.domain.errors import Conflict
from service.moderation.accept import accept
from service.moderation.record import record
from service.moderation.score import score_batch
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials
from service.store.comments import Comments
from service.store.ledger import Ruling
from tests.browser.stage import PASSWORD, put_in_queue
from tests.factories import a_comment

FRENCH, PRAISE = (
    "Merci beaucoup pour cet article, il est vraiment très intéressant.",
    "Terima kasih, beritanya jelas sekali.",
)

Heard = list[Change]


@pytest.fixture
def heard(services: Services, monkeypatch: pytest.MonkeyPatch) -> Heard:
    changes: Heard = []
    monkeypatch.setattr(services.store, "tell", changes.extend)
    return changes


@pytest.fixture
def score(services: Services) -> Callable[[], int]:
    return lambda: score_batch(services.store, services.classifier, limit=500, lease=30)


def decide(services: Services, site: Credentials, comment_id: str, action: Action, user_id: str | None) -> None:
    actor = Actor.MODERATOR if user_id else Actor.API
    with services.store.begin() as tx:
        comment = Comments(tx, site.site_id).get(comment_id)
        assert comment is not None
        record(tx, site.site_id, [Ruling(comment, action, actor, user_id=user_id)])


def test_a_batch_tells_each_site_once_what_was_flagged(
    services: Services, site: Credentials, other_site: Credentials, heard: Heard, score: Callable[[], int]
) -> None:
    flagged = {}
    for one in (site, other_site):
        sent = [a_comment(text=text) for text in (FRENCH, PRAISE, FRENCH)]
        accepted = accept(sent, one.site_id, services.store, lambda: None)
        flagged[one.site_id] = {accepted[0].id, accepted[2].id}
    assert score() == 6
    assert {change.site_id: set(change.ids) for change in heard} == flagged
    assert [(change.kind, change.by) for change in heard] == [(Kind.FLAGGED, None)] * 2


def test_what_the_policy_lets_through_is_no_news(
    services: Services, site: Credentials, heard: Heard, score: Callable[[], int]
) -> None:
    accept([a_comment(text=PRAISE) for _ in range(3)], site.site_id, services.store, lambda: None)
    assert score() == 3
    assert heard == []


def test_a_moderators_decision_is_told_with_the_name(services: Services, site: Credentials, heard: Heard) -> None:
    user_id = add_user(services.store, "ayu@news.example", "Ayu", PASSWORD, site.site_id, "moderator")
    comment = put_in_queue(services, site.site_id, a_comment())
    heard.clear()
    decide(services, site, comment.id, Action.REJECT, user_id)
    assert heard == [Change(site.site_id, Kind.DECIDED, (comment.id,), "Ayu", user_id)]


def test_a_decision_of_the_sites_own_staff_is_told_without_a_name(
    services: Services, site: Credentials, heard: Heard
) -> None:
    comment = put_in_queue(services, site.site_id, a_comment())
    heard.clear()
    decide(services, site, comment.id, Action.APPROVE, None)
    assert heard == [Change(site.site_id, Kind.DECIDED, (comment.id,), None)]


def test_what_comes_back_into_the_queue_is_told_as_flagged(services: Services, site: Credentials, heard: Heard) -> None:
    user_id = add_user(services.store, "ayu@news.example", "Ayu", PASSWORD, site.site_id, "moderator")
    comment = put_in_queue(services, site.site_id, a_comment())
    decide(services, site, comment.id, Action.REJECT, user_id)
    heard.clear()
    decide(services, site, comment.id, Action.FLAG, user_id)
    assert heard == [Change(site.site_id, Kind.FLAGGED, (comment.id,), "Ayu", user_id)]


def test_what_was_not_committed_is_not_told(services: Services, site: Credentials, heard: Heard) -> None:
    comment = put_in_queue(services, site.site_id, a_comment())
    heard.clear()

    def decide_twice() -> None:
        with services.store.begin() as tx:
            for _ in range(2):
                record(tx, site.site_id, [Ruling(comment, Action.REJECT, Actor.API)])

    with pytest.raises(Conflict):
        decide_twice()
    assert heard == []
