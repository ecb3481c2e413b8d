"""Coral's webhooks: what its moderators decided becomes a label, once; everything else is acknowledged."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.moderation.sites import Credentials
from service.store.labels import Labels, NewLabel
from service.store.tables import labels
from tests.api import Api
from tests.factories import a_sent_comment
from tests.integration.integrations.coral.conftest import WEBHOOK_SECRET, Coral

PATH = "/integrations/coral/webhook"
NAMED = f"{PATH}/news.example"
LEFT = "COMMENT_LEFT_MODERATION_QUEUE"
OTHERS = {
    "STORY_CREATED": {"storyID": "s1", "storyURL": "https://news.example/1", "siteID": "x"},
    "COMMENT_CREATED": {"storyID": "s1", "commentID": "c1", "siteID": "x"},
    "COMMENT_REPLY_CREATED": {"storyID": "s1", "commentID": "c1", "siteID": "x", "ancestorIDs": ["c0"]},
    "COMMENT_ENTERED_MODERATION_QUEUE": {"queue": "REPORTED", "commentID": "c1", "status": "REJECTED"},
    "SOMETHING_NEW": {"commentID": None},
}

Tell = Callable[..., TestResponse]


def an_event(type: str = LEFT, data: object = None, **changed: Any) -> bytes:
    left = {"queue": "PENDING", "commentID": "c1", "status": "REJECTED", "storyID": "s1", "siteID": "x"}
    event = {
        "id": "e1",
        "type": type,
        "createdAt": "2026-11-30T08:00:00.000Z",
        "tenantID": "t1",
        "tenantDomain": "comments.news.example",
        "data": left if data is None else data,
    }
    return json.dumps({**event, **changed}, indent=2).encode()


@pytest.fixture
def tell(coral: Coral) -> Tell:
    """Sends an event as Coral does."""

    def send(body: bytes, path: str = NAMED, secret: str = WEBHOOK_SECRET) -> TestResponse:
        return coral.send(body, path, secret, {"X-Coral-Event": json.loads(body).get("type", "")})

    return send


def told(services: Services, site: Credentials) -> list[tuple[Any, ...]]:
    """The labels of a site: source, key, attribute, value, text, comment."""
    names = ("source", "key", "attribute", "value", "text", "comment_id")
    with services.store.read() as tx:
        query = sa.select(*(labels.c[name] for name in names)).where(labels.c.site_id == site.site_id)
        return [tuple(row) for row in tx.connection.execute(query.order_by(labels.c.key, labels.c.source))]


@pytest.mark.parametrize(("status", "value"), [("APPROVED", 0.0), ("REJECTED", 1.0)])
def test_what_a_moderator_decided_is_a_label(
    tell: Tell, services: Services, site: Credentials, status: str, value: float
) -> None:
    answer = tell(an_event(data={"commentID": "c1", "status": status}))
    assert (answer.status_code, answer.data) == (204, b"")
    assert told(services, site) == [("coral", "c1", "toxicity", value, None, None)]


def test_an_event_that_comes_again_changes_nothing(tell: Tell, services: Services, site: Credentials) -> None:
    first = an_event()
    later = an_event(data={"commentID": "c1", "status": "APPROVED"}, id="e2", createdAt="2026-11-30T09:00:00.000Z")
    assert [tell(body).status_code for body in (first, first, later)] == [204] * 3
    assert told(services, site) == [("coral", "c1", "toxicity", 0.0, None, None)]
    assert tell(first).status_code == 204
    assert told(services, site) == [("coral", "c1", "toxicity", 0.0, None, None)]


def test_what_perspectives_feedback_said_of_it_tells_which_text_it_is(
    tell: Tell, services: Services, site: Credentials, api: Api
) -> None:
    ours = api.post("/v1/comments", a_sent_comment()).json["id"]
    with services.store.begin() as tx:
        Labels(tx, site.site_id).put(
            [
                NewLabel("perspective", "comment:c1", "toxicity", 0.0, text="kamu bodoh"),
                NewLabel("perspective", "comment:c2", "toxicity", 0.0, comment_id=ours),
                NewLabel("elsewhere", "comment:c3", "toxicity", 0.0, text="halo"),
            ]
        )
    for number in (1, 2, 3):
        tell(an_event(data={"commentID": f"c{number}", "status": "REJECTED"}, id=f"e{number}"))
    assert [row for row in told(services, site) if row[0] == "coral"] == [
        ("coral", "c1", "toxicity", 1.0, "kamu bodoh", None),
        ("coral", "c2", "toxicity", 1.0, None, ours),
        ("coral", "c3", "toxicity", 1.0, None, None),
    ]


def test_another_sites_feedback_is_not_looked_at(
    tell: Tell, services: Services, site: Credentials, other_site: Credentials
) -> None:
    with services.store.begin() as tx:
        Labels(tx, other_site.site_id).put([NewLabel("perspective", "comment:c1", "toxicity", 0.0, text="rahasia")])
    tell(an_event())
    assert told(services, site) == [("coral", "c1", "toxicity", 1.0, None, None)]


@pytest.mark.parametrize("type", sorted(OTHERS))
def test_every_other_event_is_acknowledged(tell: Tell, services: Services, site: Credentials, type: str) -> None:
    assert tell(an_event(type, OTHERS[type])).status_code == 204
    assert told(services, site) == []


@pytest.mark.parametrize("status", ["NONE", "PREMOD", "SYSTEM_WITHHELD", "approved"])
def test_a_status_that_is_no_judgement_is_no_label(
    tell: Tell, services: Services, site: Credentials, status: str
) -> None:
    assert tell(an_event(data={"commentID": "c1", "status": status})).status_code == 204
    assert told(services, site) == []


def test_the_site_may_be_found_by_the_secret(tell: Tell, services: Services, other_site: Credentials) -> None:
    assert tell(an_event(), PATH, other_site.webhook_secret).status_code == 204
    assert len(told(services, other_site)) == 1


def test_a_wrong_signature_is_refused(tell: Tell, services: Services, site: Credentials) -> None:
    answer = tell(an_event(), secret="whsec_wrong")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert told(services, site) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": ""},
        {"id": "x" * 151},
        {"id": "a\x00b"},
        {"createdAt": "yesterday"},
        {"createdAt": "2026-11-30T08:00:00"},
        {"createdAt": None},
        {"data": []},
        {"data": {"status": "REJECTED"}},
        {"data": {"commentID": "x" * 201, "status": "REJECTED"}},
        {"data": {"commentID": "c1", "status": None}},
    ],
)
def test_a_decision_that_cannot_be_read_is_refused(
    tell: Tell, services: Services, site: Credentials, changed: dict[str, Any]
) -> None:
    assert tell(an_event(**changed)).status_code == 422
    assert told(services, site) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", -62135596800, 1e300])
def test_a_time_at_the_end_of_time_is_no_error_of_ours(tell: Tell, at: object) -> None:
    assert tell(an_event(createdAt=at)).status_code in (204, 422)
