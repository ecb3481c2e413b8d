"""Another site's key or id finds nothing, on any route."""

import itertools

import pytest
from apiflask import APIFlask

from service.bootstrap import Services
from service.moderation.score import score_batch
from service.moderation.sites import Credentials, rotate_key
from tests.api import Api
from tests.conftest import Clock
from tests.factories import a_sent_comment

CALLS = {
    ("GET", "/v1/comments/<id>"): None,
    ("DELETE", "/v1/comments/<id>"): None,
    ("POST", "/v1/comments/<id>/reports"): {"reporter": "r", "reason": "x"},
    ("POST", "/v1/comments/<id>/appeals"): {"text": "please"},
    ("POST", "/v1/comments/<id>/decisions"): {"action": "approve"},
    ("DELETE", "/v1/authors/<path:id>"): None,
}
"""Every route that names something of a site's, with a body that is right."""

WITHOUT_ID = {
    ("POST", "/v1/comments"),
    ("GET", "/v1/comments"),
    ("POST", "/v1/score"),
    ("POST", "/v1/webhooks/comments"),
    ("POST", "/v1/webhooks/comments/<site>"),
    # OpenAI's format, in which other methods are refused too
    *itertools.product(
        ("GET", "POST", "PUT", "PATCH", "DELETE"),
        (f"/v1/{name}{rest}" for name in ("moderations", "models") for rest in ("", "/", "/<path:_rest>")),
    ),
    ("POST", "/v1//moderations"),
    ("GET", "/v1//models"),
    ("POST", "/v1/webhooks/comments/<site>/<platform>"),
}


def test_every_route_of_the_api_is_in_this_table(app: APIFlask) -> None:
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == CALLS.keys() | WITHOUT_ID


@pytest.mark.parametrize(("method", "rule"), CALLS)
def test_another_sites_thing_is_not_found(api: Api, other_api: Api, services: Services, method: str, rule: str) -> None:
    theirs = other_api.post("/v1/comments", a_sent_comment(author={"id": "their-author", "name": "X"})).json["id"]
    score_batch(services.store, services.classifier, limit=10, lease=30)
    path = rule.replace("<id>", theirs).replace("<path:id>", "their-author")
    answer = api.call(method, path, json=CALLS[method, rule])
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    untouched = other_api.get(f"/v1/comments/{theirs}").json
    assert (untouched["status"], untouched["reports"], untouched["decision"]["actor"]) == ("approved", 0, "policy")


def test_lists_show_the_own_site_only(api: Api, other_api: Api) -> None:
    other_api.post("/v1/comments", a_sent_comment(id="theirs"))
    api.post("/v1/comments", a_sent_comment(id="mine"))
    assert [one["site_comment_id"] for one in api.get("/v1/comments").json["comments"]] == ["mine"]
    assert api.get("/v1/comments?site_comment_id=theirs").json["comments"] == []


def test_a_cursor_of_another_site_opens_nothing(api: Api, other_api: Api) -> None:
    api.post("/v1/comments", a_sent_comment(id="mine"))
    theirs = other_api.post("/v1/comments", a_sent_comment()).json["id"]
    assert [one["site_comment_id"] for one in api.get(f"/v1/comments?cursor={theirs}").json["comments"]] == ["mine"]


def test_a_key_that_was_rotated_away_ends_after_a_day(
    api: Api, app: APIFlask, services: Services, site: Credentials, clock: Clock
) -> None:
    new = Api(app.test_client(), rotate_key("news.example", services.store, clock, at_once=False).api_key)
    assert (api.get("/v1/comments").status_code, new.get("/v1/comments").status_code) == (200, 200)
    clock.forward(hours=25)
    assert (api.get("/v1/comments").status_code, new.get("/v1/comments").status_code) == (401, 200)


def test_keys_are_stored_as_hashes_only(services: Services, site: Credentials) -> None:
    with services.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM api_keys").all()
    assert site.api_key not in str(rows)
