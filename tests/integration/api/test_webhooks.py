"""`/v1/webhooks/comments`: Standard Webhooks in."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.moderation.sites import Credentials, rotate_secret
from tests.api import Api
from tests.conftest import Clock
from tests.factories import a_sent_comment

SITE = "news.example"


def event(type: str = "comment.created", **fields: Any) -> bytes:
    return json.dumps({"type": type, "data": a_sent_comment(**fields)}).encode()


def signed(secret: str, body: bytes, at: datetime, id: str = "msg_1") -> dict[str, str]:
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id, at, body.decode()),
    }


@pytest.fixture
def post(app: APIFlask, site: Credentials, clock: Clock) -> Any:
    """Sends a webhook as the site would; anything of it can be made wrong."""

    def send(
        body: bytes, headers: dict[str, str] | None = None, path: str = f"/v1/webhooks/comments/{SITE}"
    ) -> TestResponse:
        own = signed(site.webhook_secret, body, clock.now) if headers is None else headers
        return app.test_client().post(path, data=body, headers=own, content_type="application/json")

    return send


def stored(api: Api) -> list[dict[str, Any]]:
    return list(api.get("/v1/comments").json["comments"])


def test_a_created_comment_is_stored(post: Any, api: Api) -> None:
    answer = post(event(id="c1"))
    assert (answer.status_code, answer.json["comments"][0]["site_comment_id"]) == (202, "c1")
    assert [comment["site_comment_id"] for comment in stored(api)] == ["c1"]


def test_the_header_may_name_the_site(post: Any, api: Api, site: Credentials, clock: Clock) -> None:
    body = event()
    headers = {**signed(site.webhook_secret, body, clock.now), "X-Saring-Site": SITE}
    assert post(body, headers, "/v1/webhooks/comments").status_code == 202


def test_an_updated_comment_is_an_edit_and_a_deleted_one_is_erased(
    post: Any, api: Api, site: Credentials, clock: Clock
) -> None:
    post(event(id="c1", text="satu"))
    updated = event("comment.updated", id="c1", text="dua")
    assert post(updated, signed(site.webhook_secret, updated, clock.now, "msg_2")).status_code == 202
    assert [comment["text"] for comment in stored(api)] == ["dua"]
    deleted = json.dumps({"type": "comment.deleted", "data": {"id": "c1"}}).encode()
    assert post(deleted, signed(site.webhook_secret, deleted, clock.now, "msg_3")).status_code == 200
    assert stored(api) == []


def test_a_senders_retry_is_answered_200_and_does_nothing(post: Any, api: Api, site: Credentials, clock: Clock) -> None:
    body = event()
    assert post(body).status_code == 202
    clock.forward(seconds=5)
    assert post(body).status_code == 200
    assert len(stored(api)) == 1


def test_a_replay_of_old_bytes_is_refused(post: Any, api: Api, site: Credentials, clock: Clock) -> None:
    body = event()
    headers = signed(site.webhook_secret, body, clock.now)
    assert post(body, headers).status_code == 202
    clock.forward(seconds=60)
    replay = post(body, headers)
    assert (replay.status_code, replay.content_type) == (409, "application/problem+json")
    assert len(stored(api)) == 1


def test_four_minutes_are_fine_and_six_are_not(post: Any, site: Credentials, clock: Clock) -> None:
    for minutes, status in ((4, 202), (-4, 202), (6, 401), (-6, 401)):
        body = event()
        at = clock.now - timedelta(minutes=minutes)
        assert post(body, signed(site.webhook_secret, body, at, f"msg_{minutes}")).status_code == status


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_every_header_is_needed(post: Any, site: Credentials, clock: Clock, missing: str) -> None:
    body = event()
    headers = signed(site.webhook_secret, body, clock.now)
    del headers[missing]
    assert post(body, headers).status_code == 401


def test_what_was_changed_on_the_way_is_refused(post: Any, site: Credentials, clock: Clock) -> None:
    body = event()
    headers = signed(site.webhook_secret, body, clock.now)
    assert post(body + b" ", headers).status_code == 401
    assert post(body, {**headers, "webhook-id": "msg_other"}).status_code == 401
    assert post(body, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}).status_code == 401


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,%%%", "v1a,abc", ",", "v1,\x7f", "x" * 9_000])
def test_a_signature_that_cannot_be_one_is_refused(post: Any, site: Credentials, clock: Clock, signature: str) -> None:
    body = event()
    headers = {**signed(site.webhook_secret, body, clock.now), "webhook-signature": signature}
    answer = post(body, headers)
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_a_good_signature_among_garbage_counts(post: Any, site: Credentials, clock: Clock) -> None:
    body = event()
    headers = signed(site.webhook_secret, body, clock.now)
    headers["webhook-signature"] = f"v1a,zzz garbage v1,=bad {headers['webhook-signature']}"
    assert post(body, headers).status_code == 202


def test_the_old_secret_is_valid_while_it_is_rotated(
    post: Any, services: Services, site: Credentials, clock: Clock
) -> None:
    new = rotate_secret(SITE, services.store, clock, at_once=False)
    body = event()
    assert post(body, signed(site.webhook_secret, body, clock.now, "msg_old")).status_code == 202
    assert post(body, signed(new, body, clock.now, "msg_new")).status_code == 200
    clock.forward(hours=25)
    assert post(body, signed(site.webhook_secret, body, clock.now, "msg_late")).status_code == 401


def test_another_sites_secret_is_refused(post: Any, other_site: Credentials, clock: Clock) -> None:
    body = event()
    assert post(body, signed(other_site.webhook_secret, body, clock.now)).status_code == 401


@pytest.mark.parametrize(
    "path", ["/v1/webhooks/comments", "/v1/webhooks/comments/nobody.example", "/v1/webhooks/comments/%00"]
)
def test_a_site_that_is_not_there_is_refused_like_a_wrong_signature(post: Any, path: str) -> None:
    assert post(event(), path=path).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 1_000_000, 400),
        (b'{"type":"comment.created","data":{}}', 422),
        (b'{"type":"comment.liked","data":{}}', 422),
        (b'{"type":"comment.deleted","data":{}}', 422),
        (b"[]", 422),
        (b"null", 422),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused_and_can_be_sent_again(
    post: Any, site: Credentials, clock: Clock, body: bytes, status: int
) -> None:
    answer = post(body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    good = event()
    assert post(good, signed(site.webhook_secret, good, clock.now)).status_code == 202
