"""Tell the sites: each has a lane of its own, so that a slow one delays no other."""

import random
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from service.runtime import watch
from service.store import Store
from service.store.deliveries import Deliveries, Outbox
from service.store.rows import DeliveryRow
from service.store.sites import Sites
from service.webhooks.answers import Answer, Outcome
from service.webhooks.backoff import ATTEMPTS, next_delay
from service.webhooks.sender import Sender
from service.webhooks.signing import sign

log = structlog.get_logger(__name__)

LANES = 8
"""Sites that are served at the same time."""

CLAIM_SECONDS = 90.0
"""How long a claimed delivery is ours: longer than one attempt with the longest time-out (30 s) takes."""

GATHER = 0.01
"""Seconds in which calls end "at about the same time"."""

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
    """Deliver to one site until nothing of it is due, time is up or it asks us to slow down.

    Calls end one by one and free their places, so that one which never answers holds up no other.
    """
    attempts, go_on = 0, True
    calls: dict[Future[Answer], DeliveryRow] = {}
    with ThreadPoolExecutor(lane.width, "delivery") as pool:
        while True:
            if go_on and clock() < lane.until and len(calls) <= lane.width // 2:
                batch, secrets = _claim(lane, store, lane.width - len(calls))
                send = partial(_send, url=lane.url, secrets=secrets, sender=sender, clock=clock)
                calls |= {pool.submit(send, delivery): delivery for delivery in batch}
            if not calls:
                return Served(attempts, go_on and attempts > 0)
            wait(calls, return_when="FIRST_COMPLETED")
            # those that end at about the same time are noted in one transaction
            ended = [(calls.pop(call), call.result()) for call in wait(calls, timeout=GATHER).done]
            attempts += len(ended)
            go_on = _note(store, lane.site_id, ended) and go_on


def _claim(lane: Lane, store: Store, limit: int) -> tuple[list[DeliveryRow], tuple[str, ...]]:
    """Deliveries that are due and ours now, and the secrets to sign them with."""
    with store.begin() as tx:
        batch = Deliveries(tx, lane.site_id).claim(limit, CLAIM_SECONDS)
        site = Sites(tx).get(lane.site_id)
        return batch, site.secrets(tx.now) if site else ()


def _send(
    delivery: DeliveryRow, url: str, secrets: Sequence[str], sender: Sender, clock: Callable[[], datetime]
) -> Answer:
    body = delivery.body.encode()
    # the id is the event's and stays; time and signature are the attempt's
    headers = sign(secrets, f"msg_{delivery.id.replace('-', '')}", clock(), body)
    stopwatch = watch.Stopwatch()
    answer = sender.send(url, {**headers, "content-type": "application/json"}, body)
    last = delivery.attempts >= ATTEMPTS and answer.outcome is not Outcome.DELIVERED
    waited = (clock() - delivery.created_at).total_seconds()
    watch.attempted(stopwatch, delivery.id, delivery.comment_id, "dead" if last else answer.outcome.value, waited)
    return answer


def _note(store: Store, site_id: str, ended: Sequence[tuple[DeliveryRow, Answer]]) -> bool:
    """Write down what became of some calls; whether the site may be called on."""
    outcomes = {answer.outcome for _, answer in ended}
    with store.begin() as tx:
        deliveries = Deliveries(tx, site_id)
        deliveries.delivered([delivery.id for delivery, answer in ended if answer.outcome is Outcome.DELIVERED])
        for delivery, answer in ended:
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
