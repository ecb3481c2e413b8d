"""Whatever is sent, the answer is one of the service's: never a failure of ours."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.integrations.perspective.conftest import Caller

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(["PLAIN_TEXT", "HTML", "RAW", "id", "es", "TOXICITY", "a. b! 😀 c", "\x00"]),
)
ANY = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
SCORES = st.dictionaries(
    st.sampled_from(["TOXICITY", "insult", "SPAM@2", "OBSCENE", "X"]),
    ANY
    | st.fixed_dictionaries(
        {}, optional={"scoreType": ANY, "scoreThreshold": ANY, "summaryScore": ANY | st.just({"value": 0.5})}
    ),
    max_size=3,
)
FIELDS = {
    "comment": ANY | st.fixed_dictionaries({}, optional={"text": ODD, "type": ODD}),
    "context": ANY | st.fixed_dictionaries({}, optional={"entries": ANY, "articleAndParentComment": ANY}),
    "requestedAttributes": ANY | SCORES,
    "attribute_scores": ANY | SCORES,
    "languages": ANY | st.lists(st.sampled_from(["id", "EN-us", "es", ""]), max_size=2),
    "doNotStore": ANY,
    "spanAnnotations": ANY,
    "client_token": ANY,
    "sessionId": ANY,
}

given_any = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@given_any
@given(body=ANY | st.fixed_dictionaries({}, optional=FIELDS), verb=st.sampled_from(["analyze", "suggestscore"]))
def test_any_json_is_answered(caller: Caller, body: Any, verb: str) -> None:
    answer = caller.send(verb, body)
    assert answer.status_code in {200, 400}
    assert ("error" in answer.json) is (answer.status_code == 400)


@given_any
@given(
    body=st.binary(max_size=60) | st.text(st.sampled_from('{}[]":,\\ud8c0 "comment"text'), max_size=60).map(str.encode)
)
def test_any_bytes_are_answered(caller: Caller, body: bytes) -> None:
    assert caller.send("analyze", body).status_code == 400
