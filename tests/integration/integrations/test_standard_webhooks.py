"""Standard Webhooks by the reference library, unchanged, against a live server."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from service.bootstrap import Services
from service.moderation.sites import Credentials
from tests.api import Api
from tests.clients.live import served
from tests.factories import a_sent_comment


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_library_signs_is_taken_in_and_nothing_else(services: Services, site: Credentials, api: Api) -> None:
    now, body = datetime.now(UTC), json.dumps({"type": "comment.created", "data": a_sent_comment(id="c1")})
    headers = {
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(site.webhook_secret).sign("msg_1", now, body),
    }
    with served(services) as url:
        path = f"{url}/v1/webhooks/comments/news.example"
        assert httpx.post(path, content=body + " ", headers=headers).status_code == 401
        assert httpx.post(path, content=body, headers=headers).status_code == 202
    assert [comment["site_comment_id"] for comment in api.get("/v1/comments").json["comments"]] == ["c1"]
