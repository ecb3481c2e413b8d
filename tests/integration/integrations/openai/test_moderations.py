"""`/v1/moderations`: forms, models, categories, limits and every error, as the wire has them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.domain.compat import MAX_BUDGET, OPENAI_CATEGORIES, Compat, Images
from service.domain.errors import CantDecide
from service.integrations.openai.categories import SCORED
from service.moderation.judge import score_texts
from service.moderation.sites import Credentials
from service.store.compat import CompatSettings
from tests.api import Api
from tests.app import an_app
from tests.both import Both

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATHS = ["/v1/moderations", "/moderations"]
INSULTS = ["kamu bodoh sekali, tolol", "you are a stupid idiot"]
THANKS = ["terima kasih, artikelnya bagus", "thank you, great article"]
IMAGE = {"type": "image_url", "image_url": {"url": "https://pictures.example/1.png"}}
ENVELOPE = {"message", "type", "param", "code"}


def ask(api: Api, input: object, **fields: object) -> TestResponse:
    return api.post("/v1/moderations", {"input": input, **fields})


def choose(services: Services, site: Credentials, compat: Compat) -> None:
    with services.store.begin() as tx:
        CompatSettings(tx, site.site_id).put(compat)


def check_error(answer: TestResponse, status: int, type: str, param: str | None, code: str | None) -> str:
    """Each of the four fields but the message, which is given back."""
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert set(answer.json) == {"error"}
    error = answer.json["error"]
    assert set(error) == ENVELOPE
    assert (error["type"], error["param"], error["code"]) == (type, param, code)
    assert error["message"]
    return str(error["message"])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("input", "results"),
    [
        ("text", 1),
        ("", 1),
        (["a", "b", "c"], 3),
        (["", ""], 2),
        ([{"type": "text", "text": "a"}], 1),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], 1),
    ],
)
def test_each_form_of_input_has_its_count_of_results(api: Api, path: str, input: object, results: int) -> None:
    answer = api.post(path, {"input": input})
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert len(answer.json["results"]) == results


def test_an_answer_has_every_field_and_all_thirteen_keys_everywhere(api: Api) -> None:
    body = ask(api, ["kamu bodoh", "halo"]).json
    assert set(body) == {"id", "model", "results"}
    assert body["id"].startswith("modr-")
    assert body["id"] != ask(api, "halo").json["id"]
    for result in body["results"]:
        assert set(result) == {"flagged", "categories", "category_scores", "category_applied_input_types"}
        for name, kind in (("categories", bool), ("category_scores", float), ("category_applied_input_types", list)):
            assert set(result[name]) == set(OPENAI_CATEGORIES)
            assert len(result[name]) == 13
            assert all(type(value) is kind for value in result[name].values()), name
        assert result["flagged"] is any(result["categories"].values())
        assert all(0 <= score <= 1 for score in result["category_scores"].values())
        for category, types in result["category_applied_input_types"].items():
            assert types == (["text"] if category in SCORED else [])
            if category not in SCORED:
                assert (result["category_scores"][category], result["categories"][category]) == (0, False)


def test_categories_are_scored_as_documented(api: Api, services: Services) -> None:
    text = "I will kill you, you filthy animal"
    ours = score_texts([text], services.classifier)[0].by_attribute
    theirs = ask(api, text).json["results"][0]["category_scores"]
    harassment = max(ours["insult"], ours["toxicity"])
    assert theirs == dict.fromkeys(OPENAI_CATEGORIES, 0.0) | {
        "harassment": harassment,
        "harassment/threatening": min(ours["threat"], harassment),
        "hate": ours["identity_attack"],
        "hate/threatening": min(ours["identity_attack"], ours["threat"]),
        "sexual": ours["sexually_explicit"],
        "violence": ours["threat"],
    }


def test_insults_outrank_thanks_in_both_languages(api: Api) -> None:
    results = ask(api, [*INSULTS, *THANKS]).json["results"]
    scores = [result["category_scores"]["harassment"] for result in results]
    assert min(scores[:2]) > 0.5 > 10 * max(scores[2:])
    assert [result["flagged"] for result in results] == [True, True, False, False]


def test_the_order_of_texts_is_kept(api: Api) -> None:
    texts = [*INSULTS, "", *THANKS, "x" * 40_000]
    together = ask(api, texts).json["results"]
    assert together == [ask(api, text).json["results"][0] for text in texts]


def test_the_parts_of_an_item_are_judged_together(api: Api) -> None:
    parts = [{"type": "text", "text": text} for text in (THANKS[0], INSULTS[0])]
    assert ask(api, parts).json["results"] == ask(api, "\n".join((THANKS[0], INSULTS[0]))).json["results"]


def test_an_insult_behind_a_long_text_is_seen(api: Api) -> None:
    result = ask(api, "bagus sekali. " * 3_000 + INSULTS[0]).json["results"][0]
    plain = ask(api, "bagus sekali. " * 3_000).json["results"][0]
    assert result["category_scores"]["harassment"] > plain["category_scores"]["harassment"]


def test_a_site_chooses_its_thresholds_by_category(api: Api, services: Services, site: Credentials) -> None:
    text = INSULTS[0]
    scores = ask(api, text).json["results"][0]["category_scores"]
    at = scores["harassment"]
    choose(services, site, Compat(openai_thresholds={"harassment": at}))
    assert ask(api, text).json["results"][0]["categories"]["harassment"] is True
    choose(services, site, Compat(openai_thresholds={"harassment": at + 0.0001}))
    result = ask(api, text).json["results"][0]
    assert (result["categories"]["harassment"], result["flagged"]) == (False, False)
    choose(services, site, Compat(openai_thresholds={"harassment": 1.0, "violence": 0.0001, "illicit": 0.0001}))
    result = ask(api, text).json["results"][0]
    assert [category for category, flag in result["categories"].items() if flag] == ["violence"]
    assert result["flagged"] is True


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ({}, "omni-moderation-2024-09-26"),
        ({"model": None}, "omni-moderation-2024-09-26"),
        ({"model": "omni-moderation-latest"}, "omni-moderation-2024-09-26"),
        ({"model": "omni-moderation-2024-09-26"}, "omni-moderation-2024-09-26"),
        ({"model": "text-moderation-latest"}, "text-moderation-007"),
        ({"model": "text-moderation-stable"}, "text-moderation-007"),
        ({"model": "text-moderation-007"}, "text-moderation-007"),
    ],
)
def test_each_model_is_answered_by_its_full_name(api: Api, asked: dict[str, object], answered: str) -> None:
    assert ask(api, "halo", **asked).json["model"] == answered


def test_our_own_model_may_be_asked_for(api: Api, services: Services) -> None:
    version = services.classifier.version
    assert [ask(api, "halo", model=name).json["model"] for name in ("saring", version)] == [version, version]


def test_who_asks_for_ours_is_told_both_readers_where_both_have_read(
    api: Api, services: Services, site: Credentials
) -> None:
    with services.store.begin() as tx:
        CompatSettings(tx, site.site_id).put(Compat(budget_ms=MAX_BUDGET))
    both = services.__dict__["stack"] = Both(services.classifier)
    assert ask(api, "halo", model="saring").json["model"] == both.version
    # and may ask for what it was told
    assert ask(api, "halo", model=both.version).json["model"] == both.version
    assert ask(api, "halo").json["model"] == "omni-moderation-2024-09-26"


@pytest.mark.parametrize("name", ["gpt-4o", "", "omni-moderation", "x" * 10_000, "`\n\x00\u202e"])
def test_another_model_is_not_found(api: Api, name: str) -> None:
    message = check_error(ask(api, "halo", model=name), 404, "invalid_request_error", None, "model_not_found")
    assert len(message) < 200
    assert message.isprintable()


@pytest.mark.parametrize("path", ["/v1/models", "/models"])
def test_the_models_are_listed_as_a_connection_test_expects(api: Api, path: str) -> None:
    assert api.get(path).json == {
        "object": "list",
        "data": [{"id": "omni-moderation-latest", "object": "model", "created": 0, "owned_by": "self"}],
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": None},
        {"input": []},
        {"input": 7},
        {"input": True},
        {"input": {"type": "text", "text": "a"}},
        {"input": [1, 2, 3]},
        {"input": [[1, 2]]},
        {"input": ["a", 1]},
        {"input": ["a", {"type": "text", "text": "b"}]},
        {"input": [{}]},
        {"input": [{"type": "text"}]},
        {"input": [{"type": "text", "text": 1}]},
        {"input": [{"type": "audio", "text": "a"}]},
        {"input": [None]},
    ],
)
def test_an_input_that_cannot_be_one_is_named(api: Api, body: object) -> None:
    check_error(api.post("/v1/moderations", body), 400, "invalid_request_error", "input", None)


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null"])
def test_a_body_that_is_no_object_is_refused(api: Api, body: str) -> None:
    answer = api.call("POST", "/v1/moderations", data=body, content_type="application/json")
    check_error(answer, 400, "invalid_request_error", None, None)


@pytest.mark.parametrize("body", ["", "{", "input=text", '{"input": NaN}', "[" * 100_000, "\xff"])
def test_a_body_that_is_no_json_is_refused(api: Api, body: str) -> None:
    answer = api.call("POST", "/v1/moderations", data=body.encode("latin-1"), content_type="application/json")
    check_error(answer, 400, "invalid_request_error", None, None)


def test_half_a_character_is_judged_and_not_refused(api: Api) -> None:
    body = json.dumps({"input": INSULTS[1] + " @"}).replace("@", "\\ud83d")
    answer = api.call("POST", "/v1/moderations", data=body, content_type="application/json")
    assert answer.json["results"][0]["flagged"] is True


def test_a_model_that_is_no_name_is_refused(api: Api) -> None:
    check_error(ask(api, "halo", model=["x"]), 400, "invalid_request_error", "model", None)


def test_unknown_fields_and_another_content_type_are_passed_over(api: Api) -> None:
    body = json.dumps({"input": "halo", "user": "u1", "metadata": {"a": None}})
    answer = api.call("POST", "/v1/moderations", data=body, content_type="text/plain")
    assert answer.status_code == 200


def test_thirty_two_texts_fit_and_one_more_does_not(api: Api) -> None:
    assert len(ask(api, ["halo"] * 32).json["results"]) == 32
    for item in ("halo", {"type": "text", "text": "halo"}):
        check_error(ask(api, [item] * 33), 400, "invalid_request_error", "input", "array_above_max_length")


def test_a_text_of_100_kb_fits_and_one_byte_more_does_not(api: Api) -> None:
    assert ask(api, "é" * 50_000).status_code == 200
    for input in ("é" * 50_000 + "x", ["halo", "x" * 100_001], [{"type": "text", "text": "x" * 100_001}]):
        check_error(ask(api, input), 400, "invalid_request_error", "input", "string_above_max_length")


def test_a_body_over_1_mib_is_refused(api: Api) -> None:
    body = json.dumps({"input": ["x" * 99_000] * 10, "pad": ""})
    fits = body[:-2] + "y" * (1024 * 1024 - len(body)) + '"}'
    assert api.call("POST", "/v1/moderations", data=fits, content_type="application/json").status_code == 200
    answer = api.call("POST", "/v1/moderations", data=fits + " ", content_type="application/json")
    check_error(answer, 413, "invalid_request_error", None, None)


@pytest.mark.parametrize("input", [[IMAGE], [{"type": "text", "text": "halo"}, IMAGE], [{"type": "image_url"}]])
def test_an_image_is_refused_and_never_fetched(api: Api, input: object) -> None:
    message = check_error(ask(api, input), 400, "invalid_request_error", "input", None)
    assert message == "image input is not supported by this server"


def test_a_site_may_have_images_passed_over(api: Api, services: Services, site: Credentials) -> None:
    choose(services, site, Compat(openai_images=Images.IGNORE))
    text = {"type": "text", "text": INSULTS[0]}
    with_image = ask(api, [text, IMAGE]).json["results"]
    assert with_image == ask(api, INSULTS[0]).json["results"]
    (alone,) = ask(api, [IMAGE]).json["results"]
    assert alone["flagged"] is False
    assert set(map(tuple, alone["category_applied_input_types"].values())) == {()}
    assert set(alone["category_scores"].values()) == {0.0}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz"])
@pytest.mark.parametrize("path", [*PATHS, "/v1/models"])
def test_a_request_without_a_key_is_told_so(app: APIFlask, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    method = "GET" if path.endswith("models") else "POST"
    answer = app.test_client().open(path, method=method, headers=headers, json={"input": "halo"})
    check_error(answer, 401, "invalid_request_error", None, "missing_api_key")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_key_is_masked(app: APIFlask) -> None:
    key = "k7d2-this-is-no-key-of-ours"
    answer = Api(app.test_client(), key).post("/v1/moderations", {"input": "halo"})
    message = check_error(answer, 401, "invalid_request_error", None, "invalid_api_key")
    assert message == "Incorrect API key provided: k7d2****. You can find your API key in the admin pages."


@pytest.mark.parametrize("key", ["short", "sk-Proj_ABCDEFGHIJKLMNOP", "<script>alert(1)</script>", "x" * 5_000])
def test_of_what_cannot_be_a_key_nothing_is_repeated(app: APIFlask, key: str) -> None:
    answer = Api(app.test_client(), key).post("/v1/moderations", {"input": "halo"})
    message = check_error(answer, 401, "invalid_request_error", None, "invalid_api_key")
    assert message.startswith("Incorrect API key provided: ****.")


@pytest.mark.parametrize(("path", "allowed"), [("/v1/moderations", "POST"), ("/models", "GET")])
def test_another_method_is_refused_in_the_same_form(api: Api, path: str, allowed: str) -> None:
    answer = api.call("PUT", path, json={})
    check_error(answer, 405, "invalid_request_error", None, None)
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize("path", ["/v1/moderations/", "/v1/moderations/x", "/v1/models/", "/v1/models/gpt-4o"])
def test_what_lies_below_is_not_found_in_the_same_form(api: Api, path: str) -> None:
    for method in ("GET", "POST"):
        check_error(api.call(method, path, json={}), 404, "invalid_request_error", None, None)


def test_a_base_that_ends_in_a_slash_is_not_redirected(api: Api) -> None:
    assert api.post("/v1//moderations", {"input": "halo"}).status_code == 200
    assert api.call("GET", "/v1//models").status_code == 200


def test_other_paths_below_v1_answer_as_the_native_api_does(api: Api) -> None:
    answer = api.post("/v1/chat/completions", {})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_who_asks_too_often_is_told_when_to_come_again(services: Services, site: Credentials) -> None:
    limited = replace(services, settings=replace(services.settings, rate_limit="1/hour"))
    limited.__dict__["classifier"] = services.classifier
    api = Api(an_app(limited).test_client(), site.api_key)
    assert ask(api, "halo").status_code == 200
    answer = ask(api, "halo")
    check_error(answer, 429, "requests", None, "rate_limit_exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 3_600


def test_when_nothing_can_be_scored_now_the_caller_should_try_again(
    api: Api, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any) -> None:
        raise CantDecide("too many texts are being scored")

    monkeypatch.setattr(services.at_once, "score", busy)
    answer = ask(api, "halo")
    check_error(answer, 503, "server_error", None, None)
    assert answer.headers["Retry-After"] == "1"


def test_an_unforeseen_error_tells_nothing(api: Api, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(services.at_once, "score", broken)
    assert "hunter2" not in check_error(ask(api, "halo"), 500, "server_error", None, None)


def test_every_answer_has_an_id_to_be_found_by(api: Api) -> None:
    assert ask(api, "halo").headers["x-request-id"]
    assert ask(api, 7).headers["x-request-id"]


def test_nothing_is_stored(api: Api) -> None:
    assert ask(api, INSULTS).status_code == 200
    assert api.get("/v1/comments").json["comments"] == []
