"""The old service's scores: asked for slowly, kept in a file, so that nothing is asked twice."""

import hashlib
import math
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import httpx
import orjson

MAX_BYTES = 20_480
"""Of a text that Perspective takes."""

TRIES = 6
"""For one comment, before the old service counts as away."""

LONGEST_WAIT = 300.0
"""Seconds that a Retry-After may ask for."""

TIMEOUT = 30.0

NAMED = re.compile(r"(?:Unknown requested attribute: |Attribute |attribute )([A-Z][A-Z0-9_@]*)")


class Away(click.ClickException):
    """The old service gives no answer; trying again later may help."""


@dataclass(frozen=True)
class Answer:
    """What the old service said of a text: a score for each attribute that it gave one for; `refused` is why it gave none."""

    scores: dict[str, float] = field(default_factory=dict)
    refused: str | None = None


class Kept:
    """Answers in a file, a line each. A text is known by its hash, so the file holds no text."""

    def __init__(self, path: Path, asked: Sequence[str]) -> None:
        """Raises: click.ClickException, for a file that is something else. asked: attributes; whoever asks for more asks anew."""
        self._path = path
        self._asked = sorted(asked)
        self._answers = self._read() if path.exists() else {}

    def get(self, key: str) -> Answer | None:
        """The answer that was kept."""
        return self._answers.get(key)

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; it is in the file at once."""
        self._answers[key] = answer
        line = {"key": key, "asked": self._asked, "scores": answer.scores, "refused": answer.refused}
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(orjson.dumps(line) + b"\n")

    def _read(self) -> dict[str, Answer]:
        lines = self._path.read_bytes().split(b"\n")
        if lines[-1]:
            # a line that was being written when the last run was broken off
            with self._path.open("r+b") as file:
                file.truncate(sum(len(line) + 1 for line in lines[:-1]))
        answers = {}
        for number, line in enumerate(lines[:-1], 1):
            try:
                kept = orjson.loads(line)
                if set(self._asked) <= set(kept["asked"]):
                    answers[str(kept["key"])] = Answer(
                        {str(name): float(score) for name, score in kept["scores"].items()}, kept["refused"]
                    )
            except (AttributeError, KeyError, TypeError, ValueError):
                raise click.ClickException(
                    f"{self._path}, line {number} is no answer of an earlier run: take the file away"
                ) from None
        return answers


class OldService:
    """A service that speaks Perspective's `comments:analyze`, asked at most `rate` times a second."""

    def __init__(
        self,
        url: str,
        key: str,
        rate: float,
        language: str | None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises: click.ClickException, for an address that can't be one."""
        self.url = analyze_url(url)
        self._key, self._interval, self._language = key, 1 / rate, language
        self._sleep, self._clock, self._next = sleep, clock, -math.inf
        self._unknown: set[str] = set()
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def key_of(self, text: str) -> str:
        """What an answer about this text is kept under."""
        asked = orjson.dumps([self.url, self._language, text])
        return hashlib.sha256(asked).hexdigest()

    def ask(self, text: str, attributes: Sequence[str]) -> Answer:
        """Scores of a text. Attributes that the service lacks, in the text's language too, are left out.

        Raises: click.ClickException, when it refuses the key; Away, when it stays away.
        """
        wanted = [name for name in attributes if name not in self._unknown]
        while wanted:
            status, body = self._answered(text, wanted)
            if status == 200:
                return Answer(_scores(body, wanted))
            error = _error(body)
            if status in (401, 403) or any(one.get("reason") == "API_KEY_INVALID" for one in error.details):
                raise click.ClickException(f"the old service refuses the key: {error.message or status}")
            lacking = error.attribute
            if lacking not in wanted:
                return Answer(refused=error.kind or error.message or str(status))
            wanted.remove(lacking)
            if "nknown requested attribute" in error.message:
                self._unknown.add(lacking)
        return Answer(refused="no attribute that it has")

    def _answered(self, text: str, attributes: Sequence[str]) -> tuple[int, dict[str, Any]]:
        """Status and body of an answer that is final. Raises: Away."""
        why = ""
        for attempt in range(TRIES):
            self._wait_for_turn()
            try:
                answer = self._client.post(self.url, params={"key": self._key}, json=self._question(text, attributes))
            except httpx.TransportError as error:
                # its text may name the address, and with it the key
                why, pause = type(error).__name__, float(2**attempt)
            else:
                if answer.status_code != 429 and answer.status_code < 500:
                    return answer.status_code, _object(answer.content)
                why, pause = str(answer.status_code), _retry_after(answer, float(2**attempt))
            if attempt < TRIES - 1:
                self._sleep(pause)
        raise Away(
            f"the old service did not answer {TRIES} times: {why}. What it said is kept: run the same again later"
        )

    def _question(self, text: str, attributes: Sequence[str]) -> dict[str, object]:
        asked: dict[str, object] = {
            "comment": {"text": text, "type": "PLAIN_TEXT"},
            "requestedAttributes": {name: {} for name in attributes},
            "doNotStore": True,
        }
        return asked | ({"languages": [self._language]} if self._language else {})

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


def analyze_url(url: str) -> str:
    """The address of `comments:analyze` at a service of which somebody gave the address, its /v1alpha1 or all of it.

    Raises: click.ClickException.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise click.ClickException("give --old as an address such as https://commentanalyzer.googleapis.com/v1alpha1")
    base = url.rstrip("/")
    if base.endswith("/comments:analyze"):
        return base
    return f"{base}/comments:analyze" if base.endswith("/v1alpha1") else f"{base}/v1alpha1/comments:analyze"


def _scores(body: dict[str, Any], wanted: Sequence[str]) -> dict[str, float]:
    given, scores = _within(body, "attributeScores"), {}
    for name in wanted:
        value = _within(_within(given, name), "summaryScore").get("value")
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            scores[name] = float(value)
    return scores


@dataclass(frozen=True)
class _Error:
    """What an error body says: its message, its kind, and the attribute that it is about."""

    message: str
    details: list[dict[str, Any]]

    @property
    def kind(self) -> str:
        return next((str(one["errorType"])[:100] for one in self.details if "errorType" in one), "")

    @property
    def attribute(self) -> str:
        """Named in the details, else in the message."""
        named = (_within(one, "languageNotSupportedByAttributeError").get("attribute") for one in self.details)
        found = NAMED.search(self.message)
        return next((one for one in named if isinstance(one, str)), found[1] if found else "")


def _error(body: dict[str, Any]) -> _Error:
    error = _within(body, "error")
    details = error.get("details")
    listed = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    return _Error(str(error.get("message") or "")[:300], listed)


def _within(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The object of this name in another; an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(answer: httpx.Response, otherwise: float) -> float:
    """Seconds to wait; a date, which nobody of these sends, counts as none given."""
    try:
        wanted = float(answer.headers.get("Retry-After", otherwise))
    except ValueError:
        wanted = otherwise
    return min(max(wanted, 0.0), LONGEST_WAIT) if math.isfinite(wanted) else otherwise
