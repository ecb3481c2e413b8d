"""Ids as long as they may be, of characters that take the most room, on both databases: PostgreSQL's indexes are bounded."""

from random import Random

import pytest
from apiflask import APIFlask

from service.bootstrap import Services
from service.domain.comment import MAX_THREAD_KEY, Author, NewComment, Thread
from service.domain.errors import Invalid
from service.domain.fitting import MAX_URL, fitting
from service.moderation.accept import accept
from service.moderation.at_once import AtOnce
from service.moderation.label import label
from service.moderation.sites import Credentials
from service.store.labels import NewLabel
from tests.api import Api


def dense(length: int) -> str:
    """A text that can't be made smaller, of characters of four bytes."""
    dice = Random(length)
    return "".join(chr(dice.randrange(0x20000, 0x2A6D0)) for _ in range(length))


def ascii_of(length: int) -> str:
    """Likewise of letters."""
    dice = Random(length)
    return "".join(chr(dice.randrange(ord("!"), ord("Z"))) for _ in range(length))


def a_comment(thread: Thread | None) -> NewComment:
    """One whose other ids are as long as they may be."""
    return NewComment(dense(200), "halo", Author(dense(200), dense(200)), thread, parent_id=dense(199))


def sent(**thread: str) -> dict[str, object]:
    """The same as JSON."""
    author = {"id": dense(200), "name": dense(200)}
    return {"id": dense(200), "text": "halo", "author": author, "parent_id": dense(199), "thread": thread}


@pytest.mark.parametrize("thread", [dense(MAX_THREAD_KEY // 4), ascii_of(2_048)])
def test_ids_of_any_characters_are_kept(api: Api, thread: str) -> None:
    answer = api.post("/v1/comments", json=sent(id=thread))
    assert answer.status_code == 202
    assert api.get(f"/v1/comments/{answer.json['id']}").json["thread"]["id"] == thread


@pytest.mark.parametrize("thread", [{"id": dense(2_048)}, {"url": f"https://news.example/{dense(1_000)}"}])
def test_a_thread_that_no_index_holds_is_refused_by_its_place(api: Api, thread: dict[str, str]) -> None:
    refused = api.post("/v1/comments", json={"comments": [sent(), sent(**thread)]})
    assert refused.status_code == 422
    (fault,) = refused.json["errors"]
    assert fault["pointer"] == "/comments/1/thread"
    assert str(MAX_THREAD_KEY) in fault["detail"]


def test_a_long_address_may_stand_beside_an_id(api: Api) -> None:
    answer = api.post("/v1/comments", json=sent(id="7", url=f"https://news.example/{dense(1_000)}"))
    assert answer.status_code == 202


@pytest.mark.parametrize("length", [MAX_URL, MAX_URL + 1])
def test_what_must_not_be_refused_is_kept_by_a_hash(services: Services, site: Credentials, length: int) -> None:
    first, other = dense(length), "x" + dense(length)[1:]
    keys = {fitting(a_comment(Thread(key))).thread for key in (first, other)}
    assert len(keys) == 2
    at_once: AtOnce = services.at_once
    assert at_once.check(site.site_id, a_comment(Thread(first)), "coral", wait_ms=20_000).comment_id is not None


def test_what_a_door_overlooks_is_no_fault_of_the_databases(services: Services, site: Credentials) -> None:
    comment = a_comment(Thread(dense(2_048)))
    if services.store.sqlite:
        assert accept([comment], site.site_id, services.store, lambda: None)
        return
    with pytest.raises(Invalid):
        accept([comment], site.site_id, services.store, lambda: None)


def test_labels_have_keys_as_long(services: Services, app: APIFlask, site: Credentials) -> None:
    token = dense(200)
    body = {
        "comment": {"text": "Terima kasih artikelnya, sangat membantu."},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
        "clientToken": token,
    }
    answer = app.test_client().post(f"/v1alpha1/comments:suggestscore?key={site.api_key}", json=body)
    assert (answer.status_code, answer.json["clientToken"]) == (200, token)
    label([NewLabel("perspective", token, "severe_toxicity", 1.0)], site.site_id, services.store)
