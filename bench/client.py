"""A site that sends comments and keeps its own log of what was acknowledged."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bench.comments import Sent

REPEAT_EVERY = 20
"""Every so manieth request is sent twice, as by a site that got no answer the first time."""

PATIENCE = 60.0
"""Seconds for which a request that gets no answer is sent again."""

LONGEST_PAUSE = 2.0
"""Seconds that it waits at most before it sends again what was answered 429 or 503, whatever Retry-After asks for."""

PAGE = 200


@dataclass(frozen=True)
class Acknowledged:
    """A comment and what Saring answered: our id for it, and when the answer came."""

    sent: Sent
    id: str
    at: float


class Client:
    """One connection with a site's key. Counts its requests and the time it waited for answers."""

    def __init__(self, url: str, api_key: str) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)
        self.requests = 0
        self.again = 0
        self.waited = 0.0

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def post(self, batch: Sequence[Sent]) -> list[Acknowledged]:
        """Send comments, one alone or several together; each as it was acknowledged.

        Raises: RuntimeError, for a refusal, or for two answers that differ about the same comment.
        """
        self.requests += 1
        acknowledged = self._post(batch)
        if self.requests % REPEAT_EVERY == 0:
            self.again += 1
            if [one.id for one in self._post(batch)] != [one.id for one in acknowledged]:
                raise RuntimeError(f"sent twice and answered otherwise: {batch[0].id} …")
        return acknowledged

    def page(self, **query: str | int) -> dict[str, Any]:
        """One page of the site's comments."""
        answer = self._http.get("/v1/comments", params=query)
        answer.raise_for_status()
        page: dict[str, Any] = answer.json()
        return page

    def stored(self) -> Iterator[dict[str, Any]]:
        """Every comment of the site, the newest first."""
        cursor: dict[str, str] = {}
        while True:
            page = self.page(limit=PAGE, **cursor)
            yield from page["comments"]
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    def pending(self) -> int:
        """How many comments are pending, up to a page."""
        return len(self.page(status="pending", limit=PAGE)["comments"])

    def _post(self, batch: Sequence[Sent]) -> list[Acknowledged]:
        bodies = [comment.to_json() for comment in batch]
        began = time.monotonic()
        answer = self._answer(bodies[0] if len(batch) == 1 else {"comments": bodies})
        at, self.waited = time.time(), self.waited + time.monotonic() - began
        if answer.status_code not in (200, 202):
            raise RuntimeError(f"refused with {answer.status_code}: {answer.text[:500]}")
        told = [answer.json()] if len(batch) == 1 else answer.json()["comments"]
        if [one["site_comment_id"] for one in told] != [comment.id for comment in batch]:
            raise RuntimeError("the answer names other comments than were sent")
        return [Acknowledged(comment, one["id"], at) for comment, one in zip(batch, told, strict=True)]

    def _answer(self, body: object) -> httpx.Response:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._http.post("/v1/comments", json=body)
                if answer.status_code not in (429, 503) or time.monotonic() > until:
                    return answer
                pause = min(float(answer.headers.get("retry-after", 0.2)), LONGEST_PAUSE)
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                pause = 0.2
            self.again += 1
            time.sleep(pause)
