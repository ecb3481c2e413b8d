"""Sites that send, edit and decide under trouble, and write down each request before it goes out and each answer as it comes."""

import random
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, cycle
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from bench.comments import Sent
from bench.journal import Journal
from bench.load import request

ACTS = {"batch": 25, "single": 45, "edit": 15, "decide": 15}
"""What a client does next, and how often beside the others."""

BATCH = (5, 60)
"""Comments in one batch, from and to."""

EDITS = (1, 10)
ACTIONS = ("approve", "reject", "flag")

CUT_SHARE = 0.05
"""Share of requests whose connection is closed before the answer."""

TIMEOUT = 10.0
AGAIN_SECONDS = 0.2

NOT_NOW = (429, 500, 502, 503)
"""Answers after which the same is sent again, as a site would."""

TRIES_FOR = 150.0
"""Seconds for which a request that gets no answer is sent again."""


@dataclass(frozen=True)
class Door:
    """Where a site's requests go."""

    site: str
    url: str
    api_key: str


class Crowd:
    """Clients of several sites at work until they are told to stop; together they send `rate` comments a second."""

    def __init__(self, doors: Sequence[Door], each: int, rate: float, texts: Sequence[str], seed: int) -> None:
        self._stop = threading.Event()
        requests, pace = count(1), rate / (len(doors) * each)
        self._clients = [
            (door, f"{door.site}-{number}", random.Random(f"{door.site} {number} {seed}"))
            for door in doors
            for number in range(each)
        ]
        self._requests, self._pace, self._texts = requests, pace, texts
        self._threads: list[threading.Thread] = []
        self.faults: list[BaseException] = []

    def start(self, journal: Journal) -> None:
        """Begin."""
        for door, name, rng in self._clients:
            client = Chatterer(door, name, rng, self._texts, journal, self._requests)
            thread = threading.Thread(target=self._work, args=(client,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Begin nothing more, and wait for the answers to what was begun."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * TRIES_FOR)

    def _work(self, client: "Chatterer") -> None:
        due = time.monotonic()
        try:
            while not self._stop.is_set():
                due = max(due, time.monotonic() - 1) + client.act() / self._pace
                self._stop.wait(max(0.0, due - time.monotonic()))
        except Exception as error:
            # the top of a thread: the run is told, and fails by it
            self.faults.append(error)
            raise
        finally:
            client.close()


class Chatterer:
    """One client of a site, with comments of its own.

    A comment is changed only while each of its requests was answered at the first try: one that got no answer may still be
    carried out later, by a paused process, and would then undo what was sent after it. Nothing on the wire can tell.
    """

    def __init__(
        self,
        door: Door,
        name: str,
        rng: random.Random,
        texts: Sequence[str],
        journal: Journal,
        requests: "count[int]",
    ) -> None:
        self._door, self._name, self._rng, self._journal = door, name, rng, journal
        self._texts, self._numbers, self._requests = cycle(texts[rng.randrange(len(texts)) :]), count(1), requests
        headers = {"Authorization": f"Bearer {door.api_key}"}
        self._http = httpx.Client(base_url=door.url, headers=headers, timeout=TIMEOUT, trust_env=False)
        self._certain: list[tuple[Sent, str]] = []

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def act(self) -> int:
        """Do something; how many comments it was about."""
        what = self._rng.choices(list(ACTS), list(ACTS.values()))[0]
        if what == "edit" and self._certain:
            return self._edit(self._rng.randint(*EDITS))
        if what == "decide" and self._certain:
            return self._decide()
        return self._send(self._rng.randint(*BATCH) if what == "batch" else 1)

    def _send(self, size: int) -> int:
        new = [
            Sent(f"{self._name}-{next(self._numbers):06}", next(self._texts), f"{self._name}-{self._rng.randrange(40)}")
            for _ in range(size)
        ]
        self._post(new)
        return size

    def _edit(self, size: int) -> int:
        """Give some earlier comments another text; those of an uncertain end are not touched again."""
        chosen = self._rng.sample(range(len(self._certain)), min(size, len(self._certain)))
        old = [self._certain[place] for place in chosen]
        for place in sorted(chosen, reverse=True):
            del self._certain[place]
        self._post([Sent(one.id, f"{one.text} …", one.author) for one, _ in old])
        return len(old)

    def _post(self, sent: Sequence[Sent]) -> None:
        number = next(self._requests)
        told = [{"id": one.id, "text": one.text} for one in sent]
        self._journal.write(what="send", request=number, site=self._door.site, comments=told)
        bodies = [one.to_json() for one in sent]
        body = bodies[0] if len(sent) == 1 else {"comments": bodies}
        answer, tries = self._until_answered(number, "/v1/comments", body)
        if answer is None:
            return
        stored = [answer] if len(sent) == 1 else answer["comments"]
        self._journal.write(what="ack", request=number, ids=[[one["site_comment_id"], one["id"]] for one in stored])
        if tries == 1:
            self._certain += [(comment, one["id"]) for comment, one in zip(sent, stored, strict=True)]

    def _decide(self) -> int:
        """Decide about a comment once or several times in a row, so that the order of what is told matters."""
        _, id = self._rng.choice(self._certain[-50:])
        times = self._rng.randint(1, 3)
        for action in self._rng.sample(ACTIONS, times):
            number = next(self._requests)
            self._journal.write(what="decide", request=number, site=self._door.site, comment=id, action=action)
            answer, _ = self._until_answered(number, f"/v1/comments/{id}/decisions", {"action": action})
            if answer is not None:
                self._journal.write(what="ack", request=number, decision=answer["decision"])
        return times

    def _until_answered(self, number: int, path: str, body: object) -> tuple[Any, int]:
        """The answer's JSON, None when it was refused or never came; and the number of tries."""
        until, tries = time.monotonic() + TRIES_FOR, 0
        while time.monotonic() < until:
            tries += 1
            why = self._cut_off(path, body) if self._rng.random() < CUT_SHARE else None
            if why is None:
                try:
                    answer = self._http.post(path, json=body)
                except httpx.TransportError as error:
                    why = type(error).__name__
                else:
                    if answer.is_success:
                        return answer.json(), tries
                    why = str(answer.status_code)
                    if answer.status_code not in NOT_NOW:
                        self._journal.write(what="refused", request=number, status=why, text=answer.text[:500])
                        return None, tries
            self._journal.write(what="again", request=number, why=why)
            time.sleep(AGAIN_SECONDS)
        return None, tries

    def _cut_off(self, path: str, body: object) -> str:
        """Send a request, whole or in part, and go away before the answer."""
        parts = urlsplit(self._door.url)
        raw = request(self._door.url + path, orjson.dumps(body), self._door.api_key)
        whole = self._rng.random() < 0.8
        try:
            with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=TIMEOUT) as connection:
                connection.sendall(raw if whole else raw[: self._rng.randrange(1, len(raw))])
                time.sleep(self._rng.uniform(0.0, 0.05))
        except OSError as error:
            return type(error).__name__
        return "cut off"
