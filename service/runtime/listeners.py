"""The open desks of one web process: each waits for messages of its site in a thread of its own."""

from collections import defaultdict, deque
from collections.abc import Callable
from threading import Condition, Lock

import orjson

from service.domain.change import Change, Kind

MOST_IDS = 100
"""Comments named in one message; a desk looks again for itself."""

MOST_FOR_ONE = 6
"""Desks that one person may have open in one process: a browser has six connections to a place over HTTP/1.1."""

BEHIND = 32
"""Messages that may wait for a slow desk; with one more it is told to look again instead."""


def message(change: Change) -> bytes:
    """As the browser gets it: one line of JSON."""
    return orjson.dumps({"kind": change.kind, "ids": change.ids[:MOST_IDS], "by": change.by, "user": change.user_id})


RESYNC, AWAY = (message(Change("", kind, ())) for kind in (Kind.RESYNC, Kind.AWAY))


class Listener:
    """An open desk, and what it has not been told yet."""

    def __init__(self, site_id: str, user_id: str, leave: "Callable[[Listener], None]") -> None:
        self.site_id = site_id
        self.user_id = user_id
        self.ended = False
        self._leave = leave
        self._waiting: deque[bytes] = deque()
        self._something = Condition()

    def next(self, seconds: float) -> bytes | None:
        """The next message, one line of JSON; None when none came for so long, or the stream shall end (`ended`)."""
        with self._something:
            self._something.wait_for(lambda: self._waiting or self.ended, seconds)
            return self._waiting.popleft() if self._waiting and not self.ended else None

    def hear(self, told: bytes) -> None:
        """Have a message wait for the desk; when too many do, it shall look again instead of reading them all."""
        with self._something:
            if len(self._waiting) >= BEHIND:
                self._waiting.clear()
                told = RESYNC
            self._waiting.append(told)
            self._something.notify()

    def close(self) -> None:
        """The desk is gone."""
        self._leave(self)

    def end(self) -> None:
        """Have the stream end."""
        with self._something:
            self.ended = True
            self._something.notify()


class Listeners:
    """All of them, by site."""

    def __init__(self) -> None:
        self._by_site: dict[str, set[Listener]] = defaultdict(set)
        self._gained: set[str] = set()
        self._lost = False
        self._ended = False
        self._lock = Lock()

    def add(self, site_id: str, user_id: str, most: int) -> Listener | None:
        """One more desk, unless there are `most` already, or MOST_FOR_ONE of this person's, or all have been ended."""
        with self._lock:
            whose = [one.user_id for of_site in self._by_site.values() for one in of_site]
            if self._ended or len(whose) >= most or whose.count(user_id) >= MOST_FOR_ONE:
                return None
            listener = Listener(site_id, user_id, self._remove)
            self._by_site[site_id].add(listener)
            # the page is older than its stream
            if site_id in self._gained:
                listener.hear(RESYNC)
            elif self._lost:
                listener.hear(AWAY)
            return listener

    def sites(self) -> set[str]:
        """The sites whose desks are open."""
        with self._lock:
            return set(self._by_site)

    def hear(self, site_id: str, told: bytes) -> None:
        """Tell the desks of a site."""
        with self._lock:
            for listener in self._by_site.get(site_id, ()):
                listener.hear(told)

    def gain(self, site_id: str) -> None:
        """From now on the site's changes are heard: its desks look again, for what was missed."""
        with self._lock:
            self._lost = False
            self._gained.add(site_id)
        self.hear(site_id, RESYNC)

    def drop(self, site_id: str) -> None:
        """The site's changes are heard no more."""
        with self._lock:
            self._gained.discard(site_id)

    def lose(self) -> bool:
        """No site's changes are heard any more: all desks ask for themselves. True when that is new."""
        with self._lock:
            new, self._lost = not self._lost, True
            self._gained.clear()
            if new:
                for listener in [one for of_site in self._by_site.values() for one in of_site]:
                    listener.hear(AWAY)
            return new

    def end(self) -> None:
        """End every stream and take no more."""
        with self._lock:
            self._ended = True
            for listener in [one for of_site in self._by_site.values() for one in of_site]:
                listener.end()

    def _remove(self, listener: Listener) -> None:
        with self._lock:
            of_site = self._by_site.get(listener.site_id, set())
            of_site.discard(listener)
            if not of_site:
                self._by_site.pop(listener.site_id, None)
