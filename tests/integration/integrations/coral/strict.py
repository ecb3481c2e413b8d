"""Coral's own checks of an answer: `validateResponse` in its `phases/external.ts`, with what later releases allow besides.

Unknown keys are dropped. Of known ones each value must be allowed, and null is allowed nowhere: Coral throws such an answer away
whole, and the comment is published.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.test import TestResponse

STATUSES = ("NONE", "APPROVED", "REJECTED", "PREMOD", "SYSTEM_WITHHELD")
FLAGS = ("COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM")
CODES = ("OFFENSIVE", "ABUSIVE", "SPAM", "BANNED_WORD", "AD", "ILLEGAL_CONTENT", "HARASSMENT_BULLYING", "MISINFORMATION",
         "HATE_SPEECH", "IRRELEVANT_CONTENT", "OTHER")  # fmt: skip

Check = Callable[[Any, str], Any]


class ThrownAway(AssertionError):
    """Coral would not use this answer."""


def only(*allowed: str) -> Check:
    def check(value: Any, place: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ThrownAway(f"{place} is {value!r}, not one of {allowed}")
        return value

    return check


def text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise ThrownAway(f"{place} is {value!r}, no text")
    return value


def items(of: Check) -> Check:
    def check(value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise ThrownAway(f"{place} is {value!r}, no list")
        return [of(one, f"{place}[{number}]") for number, one in enumerate(value)]

    return check


def keys(known: Mapping[str, Check], *needed: str) -> Check:
    def check(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ThrownAway(f"{place} is {value!r}, no object")
        if missing := [key for key in needed if key not in value]:
            raise ThrownAway(f"{place} lacks {missing}")
        return {key: known[key](value[key], f"{place}.{key}") for key in value if key in known}

    return check


RESPONSE = keys(
    {
        "status": only(*STATUSES),
        "actions": items(keys({"actionType": only("FLAG"), "reason": only(*FLAGS)}, "actionType", "reason")),
        "tags": items(only("FEATURED", "STAFF")),
        "moderationAction": keys(
            {
                "status": only(*STATUSES),
                "rejectionReason": keys(
                    {
                        "code": only(*CODES),
                        "legalGrounds": text,
                        "detailedExplanation": text,
                        "customReason": text,
                    },
                    "code",
                ),
            },
            "status",
        ),
    }
)


def as_coral_reads(answer: TestResponse) -> dict[str, Any]:
    """What Coral makes of an answer; empty for no opinion. Raises: ThrownAway, also when something is not known to Coral."""
    if not 200 <= answer.status_code < 300:
        raise ThrownAway(f"the status is {answer.status_code}")
    if answer.status_code == 204 or answer.text in ("", "{}"):
        return {}
    body = json.loads(answer.text)
    read: dict[str, Any] = RESPONSE(body, "answer")
    if read != body:
        raise ThrownAway(f"of {body} Coral reads {read}")
    if "moderationAction" in read and read.get("status") != "REJECTED":
        raise ThrownAway("an author is told of a rejection that is none")
    return read
