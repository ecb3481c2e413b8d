"""What is answered about a comment."""

import json
from typing import Any

import orjson
import pytest
from apiflask import APIFlask

from service.domain.comment import ATTRIBUTES
from service.moderation.sites import Credentials
from tests.integration.integrations.perspective.conftest import Caller

TEXT = "Kamu memang bodoh. Terima kasih artikelnya."


def test_an_answer_whole(caller: Caller) -> None:
    value = caller.score(TEXT)
    score = {"value": value, "type": "PROBABILITY"}
    assert caller.analyze(TEXT, languages=["id"], clientToken="c-881") == {
        "attributeScores": {
            "TOXICITY": {"spanScores": [{"begin": 0, "end": 43, "score": score}], "summaryScore": score}
        },
        "languages": ["id"],
        "detectedLanguages": ["id"],
        "clientToken": "c-881",
    }
    assert 0 < value < 1


def test_a_token_comes_back_only_to_who_sent_one(caller: Caller) -> None:
    assert "clientToken" not in caller.analyze(TEXT)
    assert "clientToken" not in caller.analyze(TEXT, clientToken=None)
    assert "clientToken" not in caller.analyze(TEXT, clientToken="")
    assert caller.analyze(TEXT, client_token=17)["clientToken"] == "17"


def test_attributes_come_in_the_order_and_under_the_names_that_were_asked_for(caller: Caller) -> None:
    wanted = ["SPAM", "INSULT@6", "toxicity", "TOXICITY", "THREAT_EXPERIMENTAL", "TOXICITY_FAST@1"]
    scores = caller.analyze(TEXT, *wanted)["attributeScores"]
    assert list(scores) == wanted
    toxicity = [scores[name]["summaryScore"] for name in ("toxicity", "TOXICITY", "TOXICITY_FAST@1")]
    assert toxicity == [toxicity[0]] * 3


SNAKE = {
    "comment": {"text": TEXT, "type": "PLAIN_TEXT"},
    "context": {"article_and_parent_comment": {"article": {"text": "a"}, "parent_comment": {"text": "b"}}},
    "requested_attributes": {"TOXICITY": {"score_type": "PROBABILITY", "score_threshold": 0.1}, "INSULT": {}},
    "languages": ["id"],
    "do_not_store": True,
    "span_annotations": True,
    "client_token": "c-881",
    "session_id": 44120,
    "community_id": "news.example",
}
CAMEL = {
    "comment": {"text": TEXT, "type": "PLAIN_TEXT"},
    "context": {"articleAndParentComment": {"article": {"text": "a"}, "parentComment": {"text": "b"}}},
    "requestedAttributes": {"TOXICITY": {"scoreType": "PROBABILITY", "scoreThreshold": 0.1}, "INSULT": {}},
    "languages": ["id"],
    "doNotStore": True,
    "spanAnnotations": True,
    "clientToken": "c-881",
    "sessionId": "44120",
    "communityId": "news.example",
}


def test_each_field_has_two_names(caller: Caller) -> None:
    snake, camel = caller.send("analyze", SNAKE), caller.send("analyze", CAMEL)
    assert (snake.status_code, snake.json) == (200, camel.json)
    assert len(camel.json["attributeScores"]["TOXICITY"]["spanScores"]) == 2


@pytest.mark.parametrize("number", [44120, -1, 1.5, 10**30])
def test_a_session_may_be_any_number(caller: Caller, number: float) -> None:
    body = {"comment": {"text": TEXT}, "requestedAttributes": {"INSULT": {}}, "sessionId": number}
    assert caller.send("analyze", json.dumps(body).encode()).status_code == 200


def test_null_is_absence(caller: Caller) -> None:
    nothing = dict.fromkeys(
        ["context", "languages", "doNotStore", "spanAnnotations", "clientToken", "sessionId", "communityId"]
    )
    wanted = {"TOXICITY": {"scoreType": None, "scoreThreshold": None}, "INSULT": None}
    answer = caller.send("analyze", {"comment": {"text": TEXT, "type": None}, "requestedAttributes": wanted, **nothing})
    assert (answer.status_code, answer.json) == (200, caller.analyze(TEXT, "TOXICITY", "INSULT"))


def test_null_under_one_name_leaves_the_other_to_count(caller: Caller) -> None:
    assert caller.analyze(TEXT, requested_attributes={"INSULT": {}}, requestedAttributes=None) == caller.analyze(
        TEXT, "INSULT"
    )


def test_unknown_fields_are_passed_over(caller: Caller) -> None:
    assert caller.analyze(TEXT, x={"y": 1}, fields="*") == caller.analyze(TEXT)


@pytest.mark.parametrize("wrapped", [False, True])
def test_below_its_threshold_an_attribute_is_left_out(caller: Caller, wrapped: bool) -> None:
    value = caller.score(TEXT)

    def asked_for(threshold: float) -> Any:
        wanted = {"TOXICITY": {"scoreThreshold": {"value": threshold} if wrapped else threshold}}
        return caller.analyze(TEXT, requestedAttributes=wanted)["attributeScores"]

    assert list(asked_for(value)) == ["TOXICITY"]
    assert asked_for(value + 0.001) == {}


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json;charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "nonsense", ""],
)  # fmt: skip
def test_the_body_is_json_whatever_its_type_says(caller: Caller, content_type: str) -> None:
    body = {"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}}
    answer = caller.send("analyze", body, **{"Content-Type": content_type})
    assert (answer.status_code, answer.content_type) == (200, "application/json; charset=UTF-8")


@pytest.mark.parametrize("path", ["/v1alpha1/comments%3Aanalyze", "/v1alpha1//comments:analyze"])
def test_other_spellings_of_the_path(app: APIFlask, site: Credentials, path: str) -> None:
    query = f"?alt=json&prettyPrint=false&fields=attributeScores&quotaUser=u&%24.xgafv=2&userIp=::1&key={site.api_key}"
    body = orjson.dumps({"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}})
    answer = app.test_client().post(path + query, data=body)
    assert (answer.status_code, list(answer.json)) == (200, ["attributeScores", "languages", "detectedLanguages"])


@pytest.mark.parametrize("sign", ["a", "é", "😀"])
def test_a_text_may_have_20480_bytes(caller: Caller, sign: str) -> None:
    text = sign * (20_480 // len(sign.encode()))
    (span,) = caller.analyze(text, languages=["id"])["attributeScores"]["TOXICITY"]["spanScores"]
    assert span["end"] == len(text.encode("utf-16-le")) // 2


def test_an_insult_at_the_end_of_the_longest_text_counts(caller: Caller) -> None:
    insult = "Dasar goblok, tolol kamu!"
    assert caller.score(insult.rjust(20_480), "INSULT", languages=["id"]) > 0.5


def test_a_text_cut_within_a_sign_is_scored(caller: Caller) -> None:
    cut = rb'{"comment":{"text":"Kamu bodoh \ud83d"},"requestedAttributes":{"TOXICITY":{}},"languages":["id"]}'
    scores = caller.send("analyze", cut).json["attributeScores"]["TOXICITY"]
    assert scores["spanScores"][0]["end"] == 12
    literal = cut.replace(rb"\ud83d", rb"\\ud83d \ud83d\ude00 \uDe00")
    assert caller.send("analyze", literal).json["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == 22


def test_context_changes_no_score(caller: Caller) -> None:
    entries = {"entries": [{"text": "Dasar goblok semua!" * 10_000, "type": "PLAIN_TEXT"}]}
    assert caller.analyze(TEXT, context=entries) == caller.analyze(TEXT)


INSULTS = {
    "id": ["Dasar goblok, tolol kamu!", "Kamu memang bodoh sekali, anjing.", "Otakmu di mana, bangsat?"],
    "en": ["You are a stupid idiot.", "Shut up, you worthless moron!", "What a pathetic loser you are."],
}
THANKS = {
    "id": ["Terima kasih, artikelnya bagus sekali.", "Makasih banyak atas bantuannya, Bu.", "Terima kasih sudah berbagi."],
    "en": ["Thank you, this was a great article.", "Thanks a lot for your help!", "Thank you for sharing this."],
}  # fmt: skip


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("attribute", ["TOXICITY", "INSULT", "INSULT_EXPERIMENTAL", "toxicity"])
def test_insults_outrank_thanks(caller: Caller, language: str, attribute: str) -> None:
    insults = [caller.score(text, attribute) for text in INSULTS[language]]
    thanks = [caller.score(text, attribute) for text in THANKS[language]]
    assert min(insults) > max(thanks)
    assert min(insults) > 0.5 > max(thanks)


def test_the_scores_are_those_of_the_native_api(caller: Caller, app: APIFlask) -> None:
    headers = {"Authorization": f"Bearer {caller.key}"}
    ours = app.test_client().post("/v1/score", json={"text": TEXT}, headers=headers).json["scores"]
    theirs = caller.analyze(TEXT, *(name.upper() for name in ATTRIBUTES))["attributeScores"]
    assert {name.lower(): told["summaryScore"]["value"] for name, told in theirs.items()} == ours
