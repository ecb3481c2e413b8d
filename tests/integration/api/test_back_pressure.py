"""While too many comments wait, new ones are answered 429 and all else goes on."""

import time
from dataclasses import replace

from werkzeug.test import TestResponse

from service.app import create_app
from service.bootstrap import Services
from service.moderation.gate import Gate
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from tests.api import Api
from tests.conftest import Clock
from tests.factories import a_sent_comment
from tests.integration.api.test_webhooks import event, signed


def is_refused(answer: TestResponse) -> bool:
    return (
        (answer.status_code, answer.content_type) == (429, "application/problem+json")
        and answer.json["status"] == 429
        and 1 <= int(answer.headers["Retry-After"]) <= 30
    )


def test_new_comments_are_refused_and_all_else_goes_on(services: Services, site: Credentials, clock: Clock) -> None:
    full = replace(services, gate=Gate(services.store, 2))
    full.__dict__["classifier"] = services.classifier
    api = Api(create_app(full).test_client(), site.api_key)

    def webhook(body: bytes) -> TestResponse:
        headers = signed(site.webhook_secret, body, clock.now, "msg_full" if b"created" in body else "msg_other")
        return api.client.post(
            "/v1/webhooks/comments/news.example", data=body, headers=headers, content_type="application/json"
        )

    sent = api.post("/v1/comments", {"comments": [a_sent_comment(), a_sent_comment()]})
    assert sent.status_code == 202
    created = event()
    assert is_refused(api.post("/v1/comments", a_sent_comment()))
    assert is_refused(webhook(created))

    assert api.post("/v1/score", {"text": "Halo"}).status_code == 200
    assert len(api.get("/v1/comments").json["comments"]) == 2
    first, second = (comment["id"] for comment in sent.json["comments"])
    assert api.post(f"/v1/comments/{first}/decisions", {"action": "approve"}).status_code == 201
    assert webhook(event("comment.deleted", id="nobody")).status_code == 200

    assert score_batch(services.store, services.classifier, limit=10, lease=30) == 1
    assert api.get(f"/v1/comments/{second}").json["status"] != "pending"
    # the gate counts once a second
    time.sleep(1.05)
    # the refused attempt used nothing up: the sender's next one, signed anew, is taken in
    clock.forward(seconds=2)
    assert webhook(created).status_code == 202


def test_the_description_tells_of_429(services: Services) -> None:
    spec = create_app(services).test_client().get("/openapi.json").json
    assert "429" in spec["paths"]["/v1/comments"]["post"]["responses"]
    assert "429" not in spec["paths"]["/healthz"]["get"]["responses"]
