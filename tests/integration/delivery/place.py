"""A site's endpoint on a real socket, and decisions that it is to hear of."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.bootstrap import Services
from service.moderation.accept import accept
from service.moderation.deliver import deliver_due
from service.moderation.score import score_batch
from service.moderation.sites import add_site, set_callback
from service.store.deliveries import WAITING, Deliveries
from service.store.rows import DeliveryRow, SiteRow
from service.store.sites import Sites
from tests.factories import a_comment


@dataclass
class Place:
    """A server that answers what it is told to and keeps what it gets; `held` keeps it from answering at all until it is set."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    refuses: str = ""
    pause: float = 0.0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    at_once: int = 0
    most_at_once: int = 0
    connections: int = 0

    def __post_init__(self) -> None:
        self.held.set()
        self.lock = threading.Lock()
        place = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with place.lock:
                    place.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with place.lock:
                    place.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                    place.at_once += 1
                    place.most_at_once = max(place.most_at_once, place.at_once)
                place.held.wait(10)
                time.sleep(place.pause)
                with place.lock:
                    place.at_once -= 1
                refused = bool(place.refuses) and place.refuses.encode() in body
                self.send_response(500 if refused else place.status)
                for name, value in place.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                """The sender hung up: it had waited long enough."""

        self.server = Server(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        self.held.set()
        self.server.shutdown()
        self.server.server_close()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def times_each(self) -> Counter[str]:
        """How often each message id arrived."""
        return Counter(headers["webhook-id"] for headers, _ in self.got)


def decide_for(services: Services, site_id: str, count: int) -> list[str]:
    """So many new comments, decided: the ids of the deliveries that wait since."""
    before = {one.id for one in waiting(services, site_id)}
    accept([a_comment() for _ in range(count)], site_id, services.store, lambda: None)
    while score_batch(services.store, services.classifier, limit=500, lease=30):
        pass
    return [one.id for one in waiting(services, site_id) if one.id not in before]


def a_site(services: Services, name: str, url: str, count: int, batch: int = 1) -> str:
    """A site that hears of decisions at this URL, with so many waiting; its id."""
    made = add_site(name, None, services.store, allow_private=True)
    set_callback(name, url, services.store, allow_private=True, batch=batch)
    decide_for(services, made.site_id, count)
    return made.site_id


def deliver(services: Services, concurrency: int = 4, seconds: float = 5) -> int:
    return deliver_due(
        services.store, services.sender, services.clock, seconds=seconds, concurrency=concurrency, beat=lambda: None
    )


def waiting(services: Services, site_id: str) -> list[DeliveryRow]:
    with services.store.read() as tx:
        return Deliveries(tx, site_id).page(WAITING, limit=1_000)


def counts(services: Services, site_id: str) -> dict[str, int]:
    with services.store.read() as tx:
        return Deliveries(tx, site_id).counts()


def row(services: Services, site_id: str) -> SiteRow:
    with services.store.read() as tx:
        site = Sites(tx).get(site_id)
    assert site is not None
    return site
