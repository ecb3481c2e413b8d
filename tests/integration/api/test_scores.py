"""`/v1/score`: scores without storing."""

import pytest

from service.api.schemas import ScoreListOut, ScoreOut
from service.bootstrap import Services
from service.domain.comment import ATTRIBUTES
from tests.api import Api
from tests.both import Both

ABUSE = "You are a stupid fucking idiot"


def test_one_text_has_a_score_for_each_attribute_and_is_not_stored(api: Api) -> None:
    scored = api.post("/v1/score", {"text": ABUSE}).json
    ScoreOut.model_validate(scored)
    assert tuple(scored["scores"]) == ATTRIBUTES
    assert all(0 <= score <= 1 for score in scored["scores"].values())
    assert api.get("/v1/comments").json["comments"] == []


def test_several_texts_are_scored_in_the_order_sent(api: Api) -> None:
    scored = api.post("/v1/score", {"texts": ["Thanks for the report.", ABUSE]}).json
    ScoreListOut.model_validate(scored)
    kind, abuse = (result["scores"]["insult"] for result in scored["results"])
    assert kind < abuse


def test_only_the_attributes_that_were_asked_for(api: Api) -> None:
    assert list(api.post("/v1/score", {"text": ABUSE, "attributes": ["spam", "insult"]}).json["scores"]) == [
        "spam",
        "insult",
    ]


def test_an_explanation_names_stretches_of_the_text(api: Api) -> None:
    spans = api.post("/v1/score", {"text": ABUSE, "explain": True, "attributes": ["insult"]}).json["spans"]
    heaviest = max(spans, key=lambda span: span["weight"])
    assert {span["attribute"] for span in spans} == {"insult"}
    assert ABUSE[heaviest["begin"] : heaviest["end"]].strip() in {"stupid", "idiot", "fucking"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "a", "texts": ["b"]},
        {"text": None},
        {"texts": "a"},
        {"text": "a", "attributes": ["rude"]},
        [],
        5,
    ],
)
def test_what_cannot_be_scored_is_refused(api: Api, body: object) -> None:
    answer = api.post("/v1/score", body)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


@pytest.mark.parametrize(
    ("text", "language", "supported"),
    [
        ("Jalan di depan rumah saya rusak sejak tahun lalu", "id", True),
        ("The council should listen to the people who live there.", "en", True),
        ("Los vecinos llevan años pidiendo un semáforo en esa calle", "other", False),
        ("Почему об этом никто не говорит?", "other", False),
        ("🙏🙏", "und", True),
    ],
)
def test_the_language_is_told_and_whether_it_is_supported(api: Api, text: str, language: str, supported: bool) -> None:
    scored = api.post("/v1/score", {"text": text}).json
    assert (scored["language"], scored["supported"]) == (language, supported)


def test_no_texts_are_no_results(api: Api) -> None:
    assert api.post("/v1/score", {"texts": []}).json == {"results": []}


def test_scores_say_which_readers_made_them(api: Api, services: Services) -> None:
    alone = api.post("/v1/score", {"text": ABUSE}).json
    assert alone["readers"] == [services.classifier.version] == [alone["model_version"]]
    both = services.__dict__["stack"] = Both(services.classifier, moved=-1.0)
    scored = api.post("/v1/score", {"text": ABUSE, "explain": True}).json
    ScoreOut.model_validate(scored)
    assert (scored["readers"], scored["model_version"]) == (both.readers, both.version)
    assert scored["scores"]["insult"] < alone["scores"]["insult"]
    assert scored["spans"]


def test_texts_that_take_the_second_reader_too_long_are_all_scored_by_the_first(api: Api, services: Services) -> None:
    both = services.__dict__["stack"] = Both(services.classifier, cost=services.settings.reader_ms / 2)
    few, many = (api.post("/v1/score", {"texts": [ABUSE] * times}).json["results"] for times in (2, 3))
    assert [result["readers"] for result in few] == [both.readers] * 2
    assert [result["readers"] for result in many] == [[services.classifier.version]] * 3


def test_scores_come_by_the_first_reader_when_the_second_fails(api: Api, services: Services) -> None:
    services.__dict__["stack"] = Both(services.classifier, broken=True)
    scored = api.post("/v1/score", {"text": ABUSE})
    assert (scored.status_code, scored.json["readers"]) == (200, [services.classifier.version])
