"""Tell the sites: each has a lane of its own, so that a slow one delays no other."""

import random
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from service.store import Store
from service.store.deliveries import Deliveries, Outbox
from service.store.rows import DeliveryRow
from service.store.sites import Sites
from service.webhooks.answers import Answer, Outcome
from service.webhooks.backoff import next_delay
from service.webhooks.sender import Sender
from service.webhooks.signing import sign

log = structlog.get_logger(__name__)

LANES = 8
"""Sites that are served at the same time."""

ROUNDS = 2
"""Deliveries claimed for each call that runs at a time."""

CLAIM_SECONDS = 90.0
"""How long a claimed delivery is ours: longer than ROUNDS attempts with the longest time-out (30 s) take."""

GONE = "the receiver answered 410 Gone"

rng = random.SystemRandom()


@dataclass(frozen=True)
class Lane:
    """One site being served: how many calls to it at a time, and until when."""

    site_id: str
    url: str
    width: int
    until: datetime


@dataclass(frozen=True)
class Served:
    """How a lane ended: the attempts that were made, and whether the site may be called on."""

    attempts: int
    go_on: bool


def deliver_due(
    store: Store,
    sender: Sender,
    clock: Callable[[], datetime],
    *,
    seconds: float,
    concurrency: int,
    beat: Callable[[], None],
) -> int:
    """Deliver what is due, for about `seconds` or until nothing is; how many attempts were made.

    `concurrency` is the number of calls to one site at a time; `beat` is called while it works.
    """
    until = clock() + timedelta(seconds=seconds)
    attempts = 0
    resting: set[str] = set()
    lanes: dict[str, Future[Served]] = {}
    with ThreadPoolExecutor(LANES, "lane") as pool:
        while True:
            beat()
            for site_id in [id for id, lane in lanes.items() if lane.done()]:
                served = lanes.pop(site_id).result()
                attempts += served.attempts
                if not served.go_on:
                    resting.add(site_id)
            if clock() < until:
                for site_id, url in _due_sites(store, resting | lanes.keys())[: LANES - len(lanes)]:
                    lane = Lane(site_id, url, concurrency, until)
                    lanes[site_id] = pool.submit(_serve, lane, store, sender, clock)
            if not lanes:
                return attempts
            wait(lanes.values(), timeout=0.25, return_when="FIRST_COMPLETED")


def _due_sites(store: Store, but: Collection[str]) -> list[tuple[str, str]]:
    with store.read() as tx:
        return [(site_id, url) for site_id, url in Outbox(tx).sites_due() if site_id not in but]


def _serve(lane: Lane, store: Store, sender: Sender, clock: Callable[[], datetime]) -> Served:
    """Deliver to one site until nothing of it is due, time is up or it asks us to slow down."""
    attempts = 0
    with ThreadPoolExecutor(lane.width, "delivery") as pool:
        while clock() < lane.until:
            with store.begin() as tx:
                batch = Deliveries(tx, lane.site_id).claim(lane.width * ROUNDS, CLAIM_SECONDS)
                site = Sites(tx).get(lane.site_id)
            if not batch or site is None:
                return Served(attempts, go_on=attempts > 0)
            send = partial(_send, url=lane.url, secrets=site.secrets(clock()), sender=sender, clock=clock)
            answers = list(pool.map(send, batch))
            attempts += len(batch)
            if not _note(store, lane.site_id, batch, answers):
                return Served(attempts, go_on=False)
    return Served(attempts, go_on=True)


def _send(
    delivery: DeliveryRow, url: str, secrets: Sequence[str], sender: Sender, clock: Callable[[], datetime]
) -> Answer:
    body = delivery.body.encode()
    # the id is the event's and stays; time and signature are the attempt's
    headers = sign(secrets, f"msg_{delivery.id.replace('-', '')}", clock(), body)
    return sender.send(url, {**headers, "content-type": "application/json"}, body)


def _note(store: Store, site_id: str, batch: Sequence[DeliveryRow], answers: Sequence[Answer]) -> bool:
    """Write down what became of a batch; whether the site may be called on."""
    pairs = list(zip(batch, answers, strict=True))
    outcomes = {answer.outcome for answer in answers}
    with store.begin() as tx:
        deliveries = Deliveries(tx, site_id)
        deliveries.delivered([delivery.id for delivery, answer in pairs if answer.outcome is Outcome.DELIVERED])
        for delivery, answer in pairs:
            if answer.outcome is not Outcome.DELIVERED:
                _note_failure(deliveries, delivery, answer)
        if Outcome.GONE in outcomes:
            Sites(tx).change(site_id, callback_disabled_at=tx.now, callback_disabled_why=GONE)
            deliveries.stop(f"callback disabled: {GONE}")
            log.warning("callback disabled", site=site_id, why=GONE)
    return outcomes.isdisjoint({Outcome.GONE, Outcome.SLOW_DOWN})


def _note_failure(deliveries: Deliveries, delivery: DeliveryRow, answer: Answer) -> None:
    delay = next_delay(delivery.attempts, rng, answer.retry_after)
    again = None if delay is None else deliveries.tx.now + timedelta(seconds=delay)
    deliveries.failed(delivery.id, f"{answer.status or 'no answer'}: {answer.excerpt}"[:300], again)
    if answer.outcome is Outcome.SLOW_DOWN and again is not None:
        deliveries.hold(again)
