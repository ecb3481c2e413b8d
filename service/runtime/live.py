"""Tells open desks what changed, through Redis' publish and subscribe: a channel for each site, nothing kept.

Whoever commits publishes. Each web process has one thread that subscribes for all its desks. What gets lost on the way (Redis was
away, a desk was slow) is made up for by `resync`: the desk looks again.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from threading import Condition, Event, Lock, Thread

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import ConnectionError as NoConnection
from redis.retry import Retry

from service.domain.change import Change, Kind
from service.domain.errors import Unavailable
from service.runtime.broker import client_url
from service.runtime.embedded import broker_url
from service.runtime.listeners import Listener, Listeners, message
from service.settings import Settings

log = structlog.get_logger(__name__)

UNREACHABLE = (RedisError, OSError)

CHANNEL = "saring:live:"
"""With a site's id behind it the channel of a site; alone one that keeps the subscriber's connection in use."""

MOST_WAITING = 1_000
"""Changes that may wait to be published; beyond that their desks are told to look again."""

TICK_SECONDS = 0.2
"""How soon the subscriber sees that the first desk of a site was opened."""

SILENT_SECONDS = 6.0
"""After how long without any answer Redis counts as gone; after half of that it is asked for one."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds before the next try to reach Redis, doubled each time."""


class Live:
    """Both ends of the wire in one process: what it commits goes out, what all commit comes to its desks."""

    def __init__(self, url: str, most: int) -> None:
        self._publisher = _Publisher(url)
        self._subscriber = _Subscriber(url)
        self._most = most

    def tell(self, changes: Sequence[Change]) -> None:
        """Have changes published, by a thread of their own: this takes microseconds, whatever Redis does."""
        self._publisher.take(changes)

    def listen(self, site_id: str, user_id: str) -> Listener:
        """Follow a site's changes for a person's open desk.

        Raises: Unavailable, when so many desks are open, in all or by this person, that it must ask itself.
        """
        listener = self._subscriber.listeners.add(site_id, user_id, self._most)
        if listener is None:
            raise Unavailable("so many desks are open that this one must ask for changes itself")
        self._subscriber.start()
        return listener

    def close(self) -> None:
        """End every stream at once, and both threads."""
        self._subscriber.close()
        self._publisher.close()


def live(settings: Settings) -> Live:
    """For one process: made after the last fork. Opens no connection yet."""
    return Live(client_url(broker_url(settings)), settings.live_streams)


class _Publisher:
    """Publishes in a thread of its own, so that no decision and no batch waits for Redis."""

    def __init__(self, url: str) -> None:
        # no retries but ours; a connection that the broker's restart has cut is tried again at once
        retry = Retry(NoBackoff(), 1, supported_errors=(NoConnection,))
        self._client = _client(url, retry)
        self._waiting: list[Change] = []
        self._missed: set[str] = set()
        self._something = Condition()
        self._closed = Event()
        self._thread: Thread | None = None
        self._away = False

    def take(self, changes: Sequence[Change]) -> None:
        """Have these published soon."""
        with self._something:
            if self._closed.is_set():
                return
            self._waiting.extend(changes)
            if len(self._waiting) > MOST_WAITING:
                self._missed.update(change.site_id for change in self._waiting)
                self._waiting.clear()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="live-publisher", daemon=True)
                self._thread.start()
            self._something.notify()

    def close(self) -> None:
        """Publish what waits, if that goes quickly, and end."""
        self._closed.set()
        with self._something:
            self._something.notify()
        if self._thread is None:
            self._client.close()
        else:
            self._thread.join(1.0)

    def _run(self) -> None:
        try:
            self._publish_all()
        finally:
            # by whoever uses it: closed under a connection that is being made, it would fail in other ways than being away
            self._client.close()

    def _publish_all(self) -> None:
        pause = FIRST_PAUSE
        while (batch := self._next()) or not self._closed.is_set():
            try:
                self._publish(batch)
            except UNREACHABLE as error:
                self._note_away(error)
                with self._something:
                    self._missed.update(change.site_id for change in batch)
                self._closed.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                if self._closed.is_set():
                    return
            else:
                pause = FIRST_PAUSE
                self._note_back()

    def _next(self) -> list[Change]:
        """What waits; first of all those who have missed something are told to look again."""
        with self._something:
            self._something.wait_for(lambda: self._waiting or self._missed or self._closed.is_set())
            batch = [Change(site_id, Kind.RESYNC, ()) for site_id in self._missed]
            batch += [change for change in self._waiting if change.site_id not in self._missed]
            self._missed.clear()
            self._waiting.clear()
            return batch

    def _publish(self, batch: Iterable[Change]) -> None:
        with self._client.pipeline(transaction=False) as pipe:
            for change in batch:
                pipe.publish(CHANNEL + change.site_id, message(change))
            pipe.execute()

    def _note_away(self, error: Exception) -> None:
        if not self._away:
            self._away = True
            log.warning("open desks can't be told of changes, they ask for themselves", reason=str(error))

    def _note_back(self) -> None:
        if self._away:
            self._away = False
            log.info("open desks are told of changes again")


class _Subscriber:
    """Subscribes for all desks of this process, in a thread that the first one starts."""

    def __init__(self, url: str) -> None:
        self.listeners = Listeners()
        self._client = _client(url, Retry(NoBackoff(), 0))
        self._closed = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin, if it has not begun."""
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="live-subscriber", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End every stream, and the thread."""
        self._closed.set()
        self.listeners.end()
        if self._thread is not None:
            self._thread.join(1.0)
        self._client.close()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                with closing(self._client.pubsub()) as line:  # type: ignore[no-untyped-call]
                    self._follow(line)
            except UNREACHABLE as error:
                if self.listeners.lose():
                    log.warning("changes don't reach open desks, they ask for themselves", reason=str(error))
                # one that held for a while was well: the next try comes soon
                pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
                self._closed.wait(pause)

    def _follow(self, line: PubSub) -> None:
        """Hand on what comes, until Redis is gone."""
        heard, subscribed = time.monotonic(), set[str]()
        asked = False
        line.subscribe(CHANNEL)  # type: ignore[no-untyped-call]
        while not self._closed.is_set():
            sites = self.listeners.sites()
            _each(line.subscribe, sites - subscribed)
            _each(line.unsubscribe, subscribed - sites)
            subscribed = sites
            told = line.get_message(timeout=TICK_SECONDS)
            silent = time.monotonic() - heard
            if told is not None:
                heard, asked = time.monotonic(), False
                self._hear(told["type"], told["channel"], told["data"])
            elif silent > SILENT_SECONDS:
                raise NoConnection("no answer")
            elif silent > SILENT_SECONDS / 2 and not asked:
                asked = True
                line.ping()

    def _hear(self, kind: str, channel: bytes | None, told: bytes | int) -> None:
        site_id = (channel or b"").decode().removeprefix(CHANNEL)
        if kind == "subscribe":
            # whatever happened before is unknown
            self.listeners.gain(site_id)
        elif kind == "unsubscribe":
            self.listeners.drop(site_id)
        elif kind == "message" and isinstance(told, bytes):
            self.listeners.hear(site_id, told)


def _each(act: Callable[..., object], sites: Iterable[str]) -> None:
    if channels := [CHANNEL + site_id for site_id in sites]:
        act(*channels)


def _client(url: str, retry: Retry) -> Redis:
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=retry, protocol=2)
