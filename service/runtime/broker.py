"""The Celery app, and the wake-ups that are published to its workers."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from celery import Celery
from kombu import pools
from kombu.common import Broadcast
from kombu.entity import Exchange, Queue
from kombu.exceptions import KombuError
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.retry import Retry

from service.runtime import metrics, transport
from service.runtime.embedded import broker_url
from service.settings import Settings

log = structlog.get_logger(__name__)

READ = "read"
"""The queue of the second reader, which has a worker of its own: a text takes it as long as thirty take the first."""

QUEUES = {"score_pending": "score", "deliver_due": "deliver", "read_again": READ}
"""The queue of each task."""

READER = "saring:reader"
"""Where a living second reader says how fast it reads."""

PRESENCE = 15_000
"""Milliseconds after which a second reader that said nothing more is taken for dead: it hears three pulses in that time."""

PULSE = "pulse"
"""The task, and its fanout exchange, that every worker gets: it shows that messages still reach the worker's pool."""

PULSES = Exchange(PULSE, type="fanout")
"""Where pulses are published; Redis carries it by PUBLISH, so none is kept for later."""

BURST = 1_000
"""Milliseconds during which one wake-up stands for all."""

MOST_WAITING = 16
"""Wake-ups that may wait in a queue: more could only find that nothing is left, and would pile up while no worker runs."""

AWAY = 2.0
"""Seconds without another try after Redis could not be reached."""

UNREACHABLE = (RedisError, KombuError, OSError)
"""What comes up when Redis is away, full, or loading."""


def kombu_url(url: str) -> str:
    """The URL as kombu writes it: `redis+socket:///path` for a unix socket, and TLS that checks certificates by default."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "unix":
        parts = parts._replace(scheme="redis+socket")
        if "db" in query:
            query["virtual_host"] = query.pop("db")
    if parts.scheme == "rediss":
        query.setdefault("ssl_cert_reqs", "required")
    return _with_query(parts.scheme, url, query)


def client_url(url: str) -> str:
    """The URL as redis-py writes it: `unix:///path` for a unix socket."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "redis+socket":
        parts = parts._replace(scheme="unix")
        if "virtual_host" in query:
            query["db"] = query.pop("virtual_host")
    return _with_query(parts.scheme, url, query)


def _with_query(scheme: str, url: str, query: dict[str, str]) -> str:
    # not urlunsplit: it would drop the empty host that a socket's path needs before it
    rest = url.split("://", 1)[1].split("?", 1)[0]
    return f"{scheme}://{rest}" + (f"?{urlencode(query, safe='/')}" if query else "")


def celery_app(settings: Settings) -> Celery:
    """The Celery app of the workers. Opens no connection."""
    transport.install()
    app = Celery("saring", broker=kombu_url(broker_url(settings)), set_as_current=False)
    app.conf.update(
        # a task is a wake-up and the database holds its outcome
        task_ignore_result=True,
        result_backend=None,
        # a killed worker's wake-up runs again (0.4 s after a pool child died); early acknowledgement lost it
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # the worker waits for the broker as long as it takes
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=3,
        # turned on, a running task would start a second time after each loss of connection
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # below the visibility timeout: a task that ran longer would be delivered again while it runs (celery#5935)
        task_time_limit=60,
        worker_soft_shutdown_timeout=10,
        # a machine under load takes more than the default 4 s to fork
        worker_proc_alive_timeout=30,
        broker_transport_options=_transport_options(),
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        enable_utc=True,
        task_queues=(*_queues(), Broadcast(PULSE, exchange=PULSES, routing_key=PULSE)),
        task_default_queue="score",
        task_create_missing_queues=False,
        task_routes={**{task: {"queue": queue} for task, queue in QUEUES.items()}, PULSE: {"queue": PULSE}},
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return app


def _queues() -> list[Queue]:
    # each with its own exchange and key: left out, Celery would bind every queue to the default one's
    return [Queue(name, Exchange(name), routing_key=name) for name in QUEUES.values()]


def _transport_options() -> dict[str, object]:
    return {
        "visibility_timeout": 120,
        # kombu looks for lost messages every interval x throttle seconds: 100 by default, 5 here
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "health_check_interval": 10,
        "socket_keepalive": True,
        "socket_connect_timeout": 3,
        # above BRPOP's own timeout; without it a half-open connection waits for ever
        "socket_timeout": 30,
    }


def _publisher(settings: Settings) -> Celery:
    """The app as those who only publish use it: short timeouts, and no retries, since the sweeper finds what was missed."""
    app = celery_app(settings)
    app.conf.update(
        task_publish_retry=False,
        broker_connection_timeout=1,
        broker_transport_options={
            **_transport_options(), "socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 1, "interval_start": 0,
        },
    )  # fmt: skip
    return app


@dataclass(frozen=True)
class _Line:
    """The connections of one process: they must not cross a fork."""

    pid: int
    client: Redis
    app: Celery


class Waker:
    """Tells the workers that there is work. Never raises, and costs next to nothing while Redis is away.

    Shared by the threads of a process, and safe to carry over a fork: each process opens its own connections on first use.
    """

    def __init__(self, settings: Settings) -> None:
        self.failures = 0
        self._settings = settings
        self._line: _Line | None = None
        self._away_until = 0.0
        self._away = False

    def __call__(self, task: str) -> None:
        """Publish a wake-up for the task, at most one per burst."""
        self._try(lambda line: self._wake(line, task))

    def poke(self, task: str) -> None:
        """Publish a wake-up though one may have gone out just now; the sweeper's way."""
        self._try(lambda line: self._publish(line, task) if self._room(line, task) else None)

    def awake(self, task: str) -> None:
        """To be called by the worker that a wake-up reached, before it claims: what is committed from now on wakes anew."""
        self._try(lambda line: line.client.delete(_key(task)))

    def pulse(self) -> None:
        """Publish a pulse to every worker; one that is not there misses it."""
        # declared here: Celery declares no broadcast queue when it publishes, and kombu would take its exchange for a direct one
        self._try(lambda line: line.app.send_task(PULSE, declare=[PULSES], retry=False))

    def show_reader(self, pace: float) -> None:
        """Say that a second reader lives in this process, and what 100 characters took it, in milliseconds."""
        self._try(lambda line: line.client.set(READER, pace, px=PRESENCE))

    def lose_reader(self) -> None:
        """Take the second reader for dead until it says something."""
        self._try(lambda line: line.client.delete(READER))

    def reader_pace(self) -> float | None:
        """What a living second reader said last; None when there is none, or the broker can't be asked."""
        said: list[Any] = []
        self._try(lambda line: said.append(line.client.get(READER)))
        return float(said[0]) if said and said[0] is not None else None

    def ping(self) -> None:
        """Ask the broker for a sign of life. Raises: redis.RedisError."""
        self._open().client.ping()

    def _wake(self, line: _Line, task: str) -> None:
        # under load the answer is nearly always no: the length of the queue is asked for only after a yes
        if line.client.set(_key(task), 1, nx=True, px=BURST) and self._room(line, task):
            self._publish(line, task)

    def _room(self, line: _Line, task: str) -> bool:
        return int(line.client.llen(QUEUES[task])) < MOST_WAITING  # type: ignore[arg-type]

    def _publish(self, line: _Line, task: str) -> None:
        line.app.send_task(task, retry=False)

    def _try(self, act: Callable[[_Line], object]) -> None:
        if time.monotonic() < self._away_until:
            return
        try:
            act(self._open())
        except UNREACHABLE as error:
            self.failures += 1
            metrics.meter().wake_failures.inc()
            self._away_until = time.monotonic() + AWAY
            if not self._away:
                self._away = True
                log.warning("the broker can't be reached; the sweeper does its work", reason=str(error))
        else:
            if self._away:
                self._away = False
                log.info("the broker is back", failures=self.failures)

    def _open(self) -> _Line:
        line = self._line
        if line is None or line.pid != os.getpid():
            if line is not None:
                # kombu keeps its connections in one table for the whole process, and so the parent's after a fork
                pools.reset()
            line = self._line = _Line(os.getpid(), _client(self._settings), _publisher(self._settings))
        return line


def waker(settings: Settings) -> Waker:
    """A callable that takes a task's name and wakes a worker for it. Opens no connection yet."""
    return Waker(settings)


def _client(settings: Settings) -> Redis:
    # one more try at once, and only where it costs nothing: a connection that the broker's restart has cut
    retry = Retry(NoBackoff(), 1, supported_errors=(NoConnection,))
    return Redis.from_url(
        client_url(broker_url(settings)), socket_timeout=1, socket_connect_timeout=1, retry=retry, protocol=2
    )


def rate_storage(settings: Settings) -> dict[str, Any]:
    """Where a web process counts requests, as options of `limits`' Redis storage. Opens no connection yet.

    A broker that is away costs at most a second: half of one to connect, half of one for the answer. Only a connection that the
    broker's restart has cut is tried once more, which costs nothing.
    """
    retry = Retry(NoBackoff(), 1, supported_errors=(NoConnection,))
    pool = ConnectionPool.from_url(
        client_url(broker_url(settings)), socket_timeout=0.5, socket_connect_timeout=0.5, retry=retry, protocol=2
    )
    # StorageError, for whatever Redis refuses
    return {"connection_pool": pool, "wrap_exceptions": True}


def _key(task: str) -> str:
    return f"saring:wake:{task}"
