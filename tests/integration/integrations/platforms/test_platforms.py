"""`/v1/webhooks/comments/{site}/{platform}`: what Discourse, GitHub and Hyvor Talk send, as recorded, and what becomes of it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.domain.decision import Action
from service.domain.errors import TooManyPending
from service.moderation.decide import decide_by_api
from service.moderation.sites import Credentials
from service.store.comments import Comments
from service.store.compat import PlatformSecrets
from tests.api import Api

RECORDED = Path(__file__).parent / "recorded"

SIGNATURES = {
    "discourse": ("X-Discourse-Event-Signature", "sha256="),
    "github": ("X-Hub-Signature-256", "sha256="),
    "hyvor": ("X-Signature", ""),
}


def recorded(name: str) -> tuple[dict[str, str], dict[str, Any]]:
    told = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return told["headers"], told["body"]


class Sender:
    """Sends what a platform sends, signed as it signs."""

    def __init__(self, app: APIFlask, secret: str) -> None:
        self.client = app.test_client()
        self.secret = secret

    def send(self, name: str, /, **changed: Any) -> TestResponse:
        """What was recorded, with `changed` in the comment."""
        headers, body = recorded(name)
        comment = body.get("post") or body.get("comment") or body.get("data", {}).get("comment") or body.get("data", {})
        comment.update(changed)
        return self.raw(name.split("-", maxsplit=1)[0], json.dumps(body).encode(), headers)

    def raw(self, platform: str, body: bytes, headers: Mapping[str, str], site: str = "news.example") -> TestResponse:
        name, prefix = SIGNATURES[platform]
        signature = prefix + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return self.client.post(
            f"/v1/webhooks/comments/{site}/{platform}", data=body, headers={name: signature, **headers}
        )


@pytest.fixture
def sender(app: APIFlask, site: Credentials) -> Sender:
    return Sender(app, site.webhook_secret)


def stored(api: Api) -> dict[str, dict[str, Any]]:
    return {one["site_comment_id"]: one for one in api.get("/v1/comments").json["comments"]}


DISCOURSE, GITHUB, HYVOR = "discourse:forum.example:512", "github:discussion_comment:550062", "hyvor:905"

CREATED = {
    "discourse-post_created": (DISCOURSE, 202),
    "github-discussion_comment-created": (GITHUB, 202),
    "github-issue_comment-created": ("github:issue_comment:492700400", 202),
    "hyvor-comment.create": (HYVOR, 200),
    "hyvor-comment.create-guest": ("hyvor:906", 200),
    "hyvor-comment.edit-old": (HYVOR, 200),
}


@pytest.mark.parametrize("name", CREATED)
def test_a_comment_that_was_written_is_stored(sender: Sender, api: Api, name: str) -> None:
    id, status = CREATED[name]
    answer = sender.send(name)
    assert answer.status_code == status
    assert answer.json["comments"][0]["site_comment_id"] == id
    assert stored(api).keys() == {id}


def test_a_post_of_discourse_is_mapped(sender: Sender, api: Api, services: Services, site: Credentials) -> None:
    sender.send("discourse-post_created")
    comment = stored(api)[DISCOURSE]
    assert comment["text"] == "Terima kasih, penjelasannya **sangat** jelas."
    assert comment["author"] == {"id": "discourse:forum.example:31", "name": "Sari Dewi", "email": None, "ip": None}
    assert comment["url"] == "https://forum.example/t/jembatan-baru-dibuka/77/3"
    assert comment["thread"]["id"] == "discourse:forum.example:t:77"
    assert comment["thread"]["title"] == "Jembatan baru dibuka"
    assert comment["created_at"].startswith("2026-03-02T08:15:30")
    assert comment["metadata"]["reply_to_post_number"] == 2
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).by_site_id(DISCOURSE)
    assert row is not None
    assert row.source == "discourse"


def test_a_comment_on_a_discussion_is_mapped(sender: Sender, api: Api) -> None:
    sender.send("github-discussion_comment-created")
    comment = stored(api)[GITHUB]
    assert comment["author"]["id"] == "github:5550001"
    assert comment["parent_id"] == "github:discussion_comment:550061"
    assert comment["url"] == "https://github.com/sari/blog/discussions/4#discussioncomment-550062"
    assert comment["thread"] == {
        "id": "github:sari/blog#4",
        "url": "https://github.com/sari/blog/discussions/4",
        "title": "posts/jembatan-baru/",
    }
    assert comment["metadata"]["node_id"] == "DC_kwDOCyMt2s4ACGSu"


def test_a_comment_of_hyvor_is_read_as_readers_see_it(sender: Sender, api: Api) -> None:
    sender.send("hyvor-comment.create")
    comment = stored(api)[HYVOR]
    assert comment["text"] == "Beritanya bagus, lihat juga di sini.\nhttps://news.example/peta?a=1&b=2"
    assert comment["author"]["id"] == "hyvor:hyvor_88"
    assert comment["parent_id"] == "hyvor:900"
    assert comment["thread"]["url"] == "https://news.example/jembatan-baru"


def test_no_guest_has_what_another_of_the_name_earned(sender: Sender, api: Api) -> None:
    sender.send("hyvor-comment.create-guest")
    sender.send("hyvor-comment.create-guest", id=907)
    authors = {comment["author"]["id"] for comment in stored(api).values()}
    assert authors == {"hyvor:guest:906", "hyvor:guest:907"}


NOTHING = (
    "discourse-ping",
    "discourse-private_message",
    "discourse-staff_action",
    "discourse-by_the_forum",
    "discourse-topic_created",
    "github-ping",
    "github-push",
    "github-discussion_comment-by_bot",
    "hyvor-flag.created",
    # what was never here
    "discourse-post_destroyed",
    "github-discussion_comment-deleted",
    "hyvor-comment.delete",
)


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_nothing_to_do_is_answered_200(sender: Sender, api: Api, name: str) -> None:
    answer = sender.send(name)
    assert (answer.status_code, answer.json) == (200, {"comments": []})
    assert stored(api) == {}


EDITED = {
    "discourse-post_edited": ("discourse-post_created", DISCOURSE, "Terima kasih, penjelasannya jelas sekali."),
    "github-discussion_comment-edited": (
        "github-discussion_comment-created",
        GITHUB,
        "Great write-up, thanks a lot!",
    ),
    "hyvor-comment.update": ("hyvor-comment.create", HYVOR, "Beritanya bagus & jelas."),
    "hyvor-comment.edit-old": ("hyvor-comment.create", HYVOR, "Beritanya bagus & jelas."),
}


@pytest.mark.parametrize("edit", EDITED)
def test_an_edit_makes_a_new_revision_and_comes_twice_for_nothing(sender: Sender, api: Api, edit: str) -> None:
    created, id, text = EDITED[edit]
    sender.send(created)
    sender.send(edit)
    assert sender.send(edit).status_code == 200
    assert (stored(api)[id]["text"], stored(api)[id]["revision"]) == (text, 2)


@pytest.mark.parametrize("edit", EDITED)
def test_what_comes_late_takes_nothing_back(sender: Sender, api: Api, edit: str) -> None:
    created, id, text = EDITED[edit]
    sender.send(edit)
    late = sender.send(created)
    assert (late.status_code, late.json) == (200, {"comments": []})
    assert (stored(api)[id]["text"], stored(api)[id]["revision"]) == (text, 1)


def test_an_edit_within_the_same_second_is_seen(sender: Sender, api: Api) -> None:
    sender.send("github-discussion_comment-created")
    sender.send("github-discussion_comment-created", body="dasar bodoh")
    assert stored(api)[GITHUB]["text"] == "dasar bodoh"


DELETED = {
    "discourse-post_destroyed": "discourse-post_created",
    "discourse-post_removed_by_author": "discourse-post_created",
    "github-discussion_comment-deleted": "github-discussion_comment-created",
    "github-discussion_comment-removed_by_owner": "github-discussion_comment-created",
    "hyvor-comment.delete": "hyvor-comment.create",
    "hyvor-comment.update-deleted": "hyvor-comment.create",
}


@pytest.mark.parametrize("deletion", DELETED)
def test_what_is_deleted_there_is_erased_here_and_stays_away(sender: Sender, api: Api, deletion: str) -> None:
    sender.send(DELETED[deletion])
    assert sender.send(deletion).status_code == 200
    assert stored(api) == {}
    assert sender.send(DELETED[deletion]).status_code == 200
    assert stored(api) == {}


@pytest.mark.parametrize("ahead", ["2026-03-02T08:20:01.000Z", "2199-01-01T00:00:00Z"])
def test_a_post_that_is_recovered_comes_back(sender: Sender, api: Api, ahead: str) -> None:
    sender.send("discourse-post_created", updated_at=ahead)
    sender.send("discourse-post_destroyed", updated_at=ahead)
    sender.send("discourse-post_created", updated_at=ahead)
    assert stored(api) == {}
    assert sender.send("discourse-post_recovered", updated_at=ahead).status_code == 202
    assert stored(api).keys() == {DISCOURSE}


KEPT = {
    "discourse-post_destroyed": ("discourse-post_created", DISCOURSE, True),
    "discourse-post_removed_by_author": ("discourse-post_created", DISCOURSE, False),
    "github-discussion_comment-removed_by_owner": ("github-discussion_comment-created", GITHUB, True),
    "github-discussion_comment-deleted": ("github-discussion_comment-created", GITHUB, False),
    "hyvor-comment.update-deleted": ("hyvor-comment.create", HYVOR, True),
    "hyvor-comment.delete": ("hyvor-comment.create", HYVOR, False),
}


@pytest.mark.parametrize("deletion", KEPT)
def test_a_rejected_comment_that_staff_took_away_stays_for_the_appeal(
    sender: Sender, api: Api, services: Services, site: Credentials, deletion: str
) -> None:
    created, id, stays = KEPT[deletion]
    sender.send(created)
    decide_by_api(stored(api)[id]["id"], Action.REJECT, None, None, site.site_id, services.store)
    sender.send(deletion)
    assert (id in stored(api)) is stays


@pytest.mark.parametrize("platform", SIGNATURES)
def test_without_a_good_signature_nothing_is_read_or_stored(
    app: APIFlask, api: Api, platform: str, site: Credentials, other_site: Credentials
) -> None:
    name = next(name for name in CREATED if name.startswith(platform))
    headers, body = recorded(name)
    raw = json.dumps(body).encode()
    header, prefix = SIGNATURES[platform]
    good = prefix + hmac.new(site.webhook_secret.encode(), raw, hashlib.sha256).hexdigest()
    path = f"/v1/webhooks/comments/news.example/{platform}"
    for given in (None, "", prefix, "sha256=,,", "0" * 64, good[:-1], good[:-1] + "\N{DIGIT ONE}x", "é" * 64):
        own = {**headers, header: given} if given is not None else headers
        answer = app.test_client().post(path, data=raw, headers=own)
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
    for sender, where in (
        (Sender(app, other_site.webhook_secret), "news.example"),
        (Sender(app, site.webhook_secret), "other.example"),
        (Sender(app, site.webhook_secret), "no-such-site"),
        (Sender(app, ""), "news.example"),
    ):
        assert sender.raw(platform, raw, headers, where).status_code == 401
    # another body under a good signature
    assert app.test_client().post(path, data=raw + b" ", headers={**headers, header: good}).status_code == 401
    assert stored(api) == {}


@pytest.mark.parametrize("deletion", DELETED)
def test_another_sites_deletion_of_the_same_id_touches_nothing(
    app: APIFlask, sender: Sender, api: Api, other_site: Credentials, deletion: str
) -> None:
    sender.send(DELETED[deletion])
    headers, body = recorded(deletion)
    other = Sender(app, other_site.webhook_secret)
    raw = json.dumps(body).encode()
    assert other.raw(deletion.split("-", maxsplit=1)[0], raw, headers, "other.example").status_code == 200
    assert len(stored(api)) == 1


def test_one_good_signature_among_several_will_do(app: APIFlask, api: Api, site: Credentials) -> None:
    headers, body = recorded("github-discussion_comment-created")
    raw = json.dumps(body).encode()
    good = hmac.new(site.webhook_secret.encode(), raw, hashlib.sha256).hexdigest()
    both = {**headers, "X-Hub-Signature-256": f"sha256={'0' * 64}, sha256={good}"}
    answer = app.test_client().post("/v1/webhooks/comments/news.example/github", data=raw, headers=both)
    assert answer.status_code == 202


def test_a_platform_may_have_a_secret_of_its_own(
    app: APIFlask, services: Services, site: Credentials, sender: Sender
) -> None:
    with services.store.begin() as tx:
        PlatformSecrets(tx, site.site_id).add("discourse", "made by the forum")
    own = Sender(app, "made by the forum")
    assert own.send("discourse-post_created").status_code == 202
    assert own.send("github-discussion_comment-created").status_code == 401
    assert sender.send("discourse-post_edited").status_code == 202


@pytest.mark.parametrize("platform", ["disqus", "Discourse", "%00", "coral"])
def test_an_unknown_platform_is_not_found(app: APIFlask, site: Credentials, platform: str) -> None:
    answer = app.test_client().post(f"/v1/webhooks/comments/news.example/{platform}", data=b"{}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_github_may_send_a_form(sender: Sender, api: Api) -> None:
    headers, body = recorded("github-discussion_comment-created")
    form = urlencode({"payload": json.dumps(body)}).encode()
    answer = sender.raw("github", form, {**headers, "Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 202
    assert stored(api)[GITHUB]["text"] == body["comment"]["body"]


def test_discourse_calls_its_json_a_form_when_so_set(sender: Sender) -> None:
    headers, body = recorded("discourse-post_created")
    raw = json.dumps(body).encode()
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    assert sender.raw("discourse", raw, form).status_code == 202


@pytest.mark.parametrize(
    "name", ["discourse-post_created", "github-discussion_comment-created", "hyvor-comment.create"]
)
def test_no_text_is_a_reason_to_let_it_by(sender: Sender, api: Api, name: str) -> None:
    """Who found a text that is refused could write unmoderated: the platform would not send it again."""
    text = "dasar bodoh \x00 " + "a" * 30_000
    assert sender.send(name, raw=text, body=text, body_html="").status_code in (200, 202)
    [comment] = stored(api).values()
    assert comment["text"] == ("dasar bodoh \ufffd " + "a" * 30_000)[:20_000]
    assert comment["metadata"]["cut_from"] == len(text)


def test_names_and_titles_are_cut_and_odd_addresses_left_out(sender: Sender, api: Api) -> None:
    sender.send("discourse-post_created", name="N\x00" * 500, topic_title="T" * 2_000)
    sender.send("github-discussion_comment-created", html_url="javascript:alert(1)")
    comments = stored(api)
    assert len(comments[DISCOURSE]["author"]["name"]) == 200
    assert len(comments[DISCOURSE]["thread"]["title"]) == 500
    assert comments[GITHUB]["url"] is None


def test_while_too_many_wait_it_is_429_and_nothing_is_noted(
    sender: Sender, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise TooManyPending("too many", 7)

    with monkeypatch.context() as patched:
        patched.setattr(services.gate, "_enter", full)
        refused = sender.send("discourse-post_created")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert sender.send("discourse-post_created").status_code == 202
