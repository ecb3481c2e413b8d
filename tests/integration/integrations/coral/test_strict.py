"""The checks that every answer to Coral has to pass do refuse what Coral would."""

import json

import pytest
from flask import Response
from werkzeug.test import TestResponse

from tests.integration.integrations.coral.strict import ThrownAway, as_coral_reads

FLAG = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}


def answered(body: object, status: int = 200) -> TestResponse:
    response = Response(json.dumps(body), status)
    return TestResponse(response.response, response.status, response.headers, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        {"status": None},
        {"status": "HELD"},
        {"actions": None},
        {"actions": [{"actionType": "FLAG"}]},
        {"actions": [{**FLAG, "reason": "COMMENT_DETECTED_LINKS"}]},
        {"actions": FLAG},
        {"tags": ["TOXIC"]},
        {"moderationAction": {"status": "REJECTED"}},
        {"status": "REJECTED", "moderationAction": {"status": "REJECTED", "rejectionReason": {}}},
        {"status": "REJECTED", "moderationAction": {"status": "REJECTED", "rejectionReason": {"code": "RUDE"}}},
        {"verdict": "reject"},
        [],
    ],
)
def test_what_coral_would_throw_away_is_found(body: object) -> None:
    with pytest.raises(ThrownAway):
        as_coral_reads(answered(body))


def test_an_error_is_no_answer() -> None:
    with pytest.raises(ThrownAway):
        as_coral_reads(answered({"status": "REJECTED"}, 401))


def test_what_coral_takes_is_read() -> None:
    assert as_coral_reads(answered({"status": "SYSTEM_WITHHELD", "actions": [FLAG]}))["actions"] == [FLAG]
    assert as_coral_reads(answered({})) == {}
