"""Sites hear of every decision: signed, at least once, in order."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from standardwebhooks import Webhook

from service.bootstrap import Services
from service.domain.decision import Action
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.deliver import deliver_due
from service.moderation.score import score_batch
from service.moderation.sites import Credentials, rotate_secret, set_callback
from service.store.deliveries import DEAD, WAITING, Deliveries
from service.store.sites import Sites
from service.webhooks.sender import Sender
from tests.conftest import Clock
from tests.factories import a_comment

SILENT = 0
"""A status that stands for no answer at all."""


@dataclass
class Receiver:
    """A site's endpoint: answers what it's told to and keeps what it gets."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def events(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            told.times.append(time.monotonic())
            status, headers = told.answers.pop(0) if told.answers else (204, {})
            if status == SILENT:
                time.sleep(2.5)
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def decided(services: Services, site: Credentials, receiver: Receiver) -> str:
    """A comment that was decided for a site that wants to hear of it."""
    set_callback("news.example", receiver.url, services.store, allow_private=True)
    [accepted] = accept([a_comment(id="c1")], site.site_id, services.store, lambda: None)
    score_batch(services.store, services.classifier, limit=10, lease=30)
    return accepted.id


def deliver(services: Services) -> int:
    return deliver_due(services.store, services.sender, services.clock, seconds=5, concurrency=4, beat=lambda: None)


def counts(services: Services, site: Credentials) -> dict[str, int]:
    with services.store.read() as tx:
        return Deliveries(tx, site.site_id).counts()


def test_a_decision_arrives_signed_and_says_what_was_decided(
    services: Services, site: Credentials, receiver: Receiver, decided: str
) -> None:
    deliver(services)
    [(headers, body)] = receiver.got
    told = Webhook(site.webhook_secret).verify(body, headers)
    assert told["type"] == "comment.approved"
    assert (told["data"]["id"], told["data"]["site_comment_id"]) == (decided, "c1")
    assert told["data"]["decision"]["actor"] == "policy"
    assert set(told["data"]["scores"]) == set(services.classifier.attributes)
    assert told["data"]["readers"] == [services.classifier.version] == [told["data"]["model_version"]]
    assert "text" not in told["data"]


def test_what_arrived_is_not_sent_again(services: Services, receiver: Receiver, decided: str) -> None:
    deliver(services)
    deliver(services)
    assert len(receiver.got) == 1


def test_a_failed_attempt_is_made_again_with_the_same_id_and_body(
    services: Services, receiver: Receiver, decided: str, clock: Clock
) -> None:
    receiver.answers = [(500, {})]
    deliver(services)
    clock.forward(minutes=1)
    deliver(services)
    (first_headers, first), (second_headers, second) = receiver.got
    assert first == second
    assert first_headers["webhook-id"] == second_headers["webhook-id"]
    assert first_headers["webhook-timestamp"] != second_headers["webhook-timestamp"]


def test_retry_after_is_honoured(services: Services, receiver: Receiver, decided: str, clock: Clock) -> None:
    receiver.answers = [(429, {"retry-after": "600"})]
    deliver(services)
    clock.forward(seconds=590)
    deliver(services)
    assert len(receiver.got) == 1
    clock.forward(seconds=80)  # up to a tenth more than was asked
    deliver(services)
    assert len(receiver.got) == 2


def test_events_of_a_comment_arrive_in_order(
    services: Services, site: Credentials, receiver: Receiver, decided: str, clock: Clock
) -> None:
    decide_by_api(decided, Action.REJECT, None, None, site.site_id, services.store)
    decide_by_api(decided, Action.APPROVE, None, None, site.site_id, services.store)
    receiver.answers = [(500, {}), (500, {})]
    for _ in range(5):
        deliver(services)
        clock.forward(minutes=2)
    arrived = receiver.events()
    assert arrived == ["comment.approved"] * 3 + ["comment.rejected", "comment.approved"]


def test_a_redirect_is_a_failure_and_not_followed(
    services: Services, site: Credentials, receiver: Receiver, decided: str
) -> None:
    receiver.answers = [(302, {"location": receiver.url + "/elsewhere"})]
    deliver(services)
    assert len(receiver.got) == 1
    assert counts(services, site)[WAITING] == 1


def test_410_disables_the_callback_and_what_waits_is_dead(
    services: Services, site: Credentials, receiver: Receiver, decided: str
) -> None:
    receiver.answers = [(410, {})]
    deliver(services)
    with services.store.read() as tx:
        row = Sites(tx).get(site.site_id)
    assert row is not None
    assert row.callback_disabled_at is not None
    assert counts(services, site)[DEAD] == 1
    decide_by_api(decided, Action.REJECT, None, None, site.site_id, services.store)
    assert deliver(services) == 0
    assert counts(services, site)[DEAD] == 2


def test_after_a_day_a_delivery_is_dead_and_can_be_sent_again(
    services: Services, site: Credentials, receiver: Receiver, decided: str, clock: Clock
) -> None:
    receiver.answers = [(500, {})] * 100
    for _ in range(40):
        deliver(services)
        clock.forward(hours=6)
    assert counts(services, site) == {WAITING: 0, "delivered": 0, DEAD: 1}
    receiver.answers.clear()
    with services.store.begin() as tx:
        assert Deliveries(tx, site.site_id).resend_all() == 1
    deliver(services)
    assert counts(services, site)["delivered"] == 1


def test_while_a_secret_is_rotated_both_sign(
    services: Services, site: Credentials, receiver: Receiver, decided: str
) -> None:
    new = rotate_secret("news.example", services.store, services.clock, at_once=False)
    deliver(services)
    [(headers, body)] = receiver.got
    for secret in (site.webhook_secret, new):
        Webhook(secret).verify(body, headers)


def test_a_private_address_is_not_called_unless_the_operator_allows_it(
    services: Services, site: Credentials, receiver: Receiver, decided: str
) -> None:
    careful = Sender(timeout=2, allow_private=False)
    deliver_due(services.store, careful, services.clock, seconds=5, concurrency=4, beat=lambda: None)
    assert receiver.got == []
    with services.store.read() as tx:
        [waiting] = Deliveries(tx, site.site_id).page(WAITING)
    assert waiting.last_answer


def test_a_site_without_a_callback_hears_nothing_and_nothing_piles_up(services: Services, site: Credentials) -> None:
    accept([a_comment()], site.site_id, services.store, lambda: None)
    score_batch(services.store, services.classifier, limit=10, lease=30)
    assert counts(services, site)[WAITING] == 0


def test_a_delivery_that_was_claimed_by_a_dead_worker_is_due_again(
    services: Services, site: Credentials, receiver: Receiver, decided: str, clock: Clock
) -> None:
    with services.store.begin() as tx:
        assert len(Deliveries(tx, site.site_id).claim(10, 90)) == 1
    assert deliver(services) == 0
    clock.forward(seconds=91)
    assert deliver(services) == 1


def test_a_call_that_never_ends_holds_up_no_other(services: Services, site: Credentials, receiver: Receiver) -> None:
    set_callback("news.example", receiver.url, services.store, allow_private=True)
    accept([a_comment(id=f"c{number}") for number in range(30)], site.site_id, services.store, lambda: None)
    score_batch(services.store, services.classifier, limit=100, lease=30)
    receiver.answers = [(SILENT, {})]
    begun = time.monotonic()
    assert deliver(services) == 30
    # the silent one took its time-out of two seconds; the others came and went meanwhile
    assert [at - begun < 1.5 for at in receiver.times].count(True) == 30
    assert counts(services, site) == {WAITING: 1, "delivered": 29, DEAD: 0}
