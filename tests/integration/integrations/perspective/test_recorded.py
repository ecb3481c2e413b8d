"""What programs send that can't run in a test, as they send it."""

from collections.abc import Callable

import pytest

from service.domain.compat import Compat, UnknownAttributes
from tests.integration.integrations.perspective.conftest import Caller
from tests.integration.integrations.perspective.recorded import FOLDER, recorded

HEADERS = {
    "coral": {"User-Agent": "Coral Perspective/9.9.0", "Content-Type": "application/json"},
    "discourse": {"User-Agent": "Discourse/3.5.0", "Content-Type": "application/json", "Accept": "*/*"},
    "comentario": {"User-Agent": "Go-http-client/1.1", "Content-Type": "application/json; charset=UTF-8"},
    "authorship-demo": {"Content-Type": "application/json"},
    "osmod": {"User-Agent": "google-api-nodejs-client/7.2.0", "Content-Type": "application/json"},
}
FEEDBACK = ["coral-feedback", "authorship-demo-feedback", "talk-plugin-feedback"]


def test_each_recorded_request_is_sent_here() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == {*HEADERS, *FEEDBACK}


@pytest.mark.parametrize("name", [name for name in HEADERS if name != "osmod"])
def test_an_insult_is_told_to(caller: Caller, name: str) -> None:
    body = recorded(name)
    answer = caller.send("analyze", body, **HEADERS[name])
    assert answer.status_code == 200
    wanted = body.get("requestedAttributes") or body["requested_attributes"]
    scores = {key: told["summaryScore"]["value"] for key, told in answer.json["attributeScores"].items()}
    assert scores.keys() == wanted.keys()
    assert scores["TOXICITY"] > 0.5
    assert answer.json["detectedLanguages"] == ["id"]


def test_coral_hears_of_indonesian_that_it_calls_english(caller: Caller) -> None:
    answer = caller.send("analyze", recorded("coral"), **HEADERS["coral"]).json
    assert (answer["languages"], answer["detectedLanguages"]) == (["en"], ["id"])


def test_osmod_hears_of_the_first_attribute_without_a_model(caller: Caller) -> None:
    error = caller.send("analyze", recorded("osmod"), **HEADERS["osmod"]).json["error"]
    assert error["message"] == "Unknown requested attribute: ATTACK_ON_AUTHOR"


def test_osmod_hears_of_all_sixteen_where_a_site_wants_it_so(caller: Caller, choose: Callable[[Compat], None]) -> None:
    choose(Compat(unknown_attributes=UnknownAttributes.ZERO))
    body = recorded("osmod")
    answer = caller.send("analyze", body, **HEADERS["osmod"]).json
    scores = {name: told["summaryScore"]["value"] for name, told in answer["attributeScores"].items()}
    assert list(scores) == list(body["requestedAttributes"])
    assert len(scores) == 16
    assert {name for name, value in scores.items() if value == 0} == {
        "ATTACK_ON_AUTHOR",
        "ATTACK_ON_COMMENTER",
        "FLIRTATION",
        "INCOHERENT",
        "INFLAMMATORY",
        "LIKELY_TO_REJECT",
        "OBSCENE",
        "UNSUBSTANTIAL",
    }
    spans = answer["attributeScores"]["TOXICITY@6"]["spanScores"]
    assert [(span["begin"], span["end"]) for span in spans] == [(0, 23), (24, 61)]


@pytest.mark.parametrize("name", FEEDBACK)
def test_feedback_is_taken(caller: Caller, name: str) -> None:
    body = recorded(name)
    answer = caller.send("suggestscore", body)
    assert answer.status_code == 200
    assert answer.json.get("clientToken", "") == (body.get("clientToken") or body.get("client_token") or "")
