"""Tell the sites: each has a lane of its own, so that a slow or dead one delays no other.

One thread claims for all lanes and writes down how the calls went, each in one transaction a round; the threads of a pool
call. A site begins with few calls at a time and earns more; sites that fail, and sites of which nothing is known yet, may take
only part of the places. What a site's breaker is: `service/webhooks/breaker.py`.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog

from service.moderation.lanes import Attempt, Lane, Parcel, pack
from service.runtime import watch
from service.store import Store, Transaction
from service.store.deliveries import Deliveries, Failure, Outbox
from service.store.rows import SiteRow
from service.store.sites import Sites
from service.webhooks.answers import Answer, Outcome
from service.webhooks.backoff import ATTEMPTS, next_delay
from service.webhooks.breaker import GIVE_UP_AFTER, Circuit
from service.webhooks.sender import Sender
from service.webhooks.signing import sign

log = structlog.get_logger(__name__)

LANES = 1_000
"""Sites that are served at a time."""

PLACES = 256
"""Calls at a time, to all sites."""

UNKNOWN_PLACES = 192
"""Places that sites may take of which nothing arrived yet in this run: those whose webhooks arrive always find the others."""

FAILING_PLACES = 64
"""Places that sites may take whose last attempt failed."""

CLAIM_SECONDS = 90.0
"""How long a claimed delivery is ours: longer than waiting for its turn and one attempt with the longest time-out (30 s) take."""

MOST_CLAIMED = 1_000
"""Deliveries of one claim."""

GATHER = 0.02
"""Seconds in which calls end "at about the same time": they are written down together."""

LOOK = 0.1
"""Seconds between two looks for sites with something due."""

GONE = "the receiver answered 410 Gone"

rng = random.SystemRandom()


def deliver_due(
    store: Store,
    sender: Sender,
    clock: Callable[[], datetime],
    *,
    seconds: float,
    concurrency: int,
    beat: Callable[[], None],
) -> int:
    """Deliver what is due, for about `seconds` or until nothing is; how many requests were made.

    `concurrency` is the number of calls to one site at a time; `beat` is called while it works. When time is up, others are still
    served while calls that began before take their time: a silent site must not be waited for by all.
    """
    office = _Office(store, sender, clock, concurrency, time.monotonic() + seconds)
    with ThreadPoolExecutor(PLACES, "delivery") as pool:
        try:
            while True:
                beat()
                office.note()
                office.take_up()
                office.claim()
                office.start(pool)
                if not office.lanes:
                    return office.attempts
                office.wait()
        finally:
            office.stop()


def hear(site_id: str, attempt: Attempt, now: datetime) -> None:
    """Tell of an attempt that ended, once it is written down."""
    deliveries = attempt.parcel.deliveries
    last = not attempt.arrived and all(delivery.attempts >= ATTEMPTS for delivery in deliveries)
    told: dict[str, str | int] = {"site_id": site_id, "webhook_id": attempt.parcel.id, "events": len(deliveries)}
    waited = [(now - delivery.created_at).total_seconds() for delivery in deliveries]
    watch.attempted(attempt.seconds, "dead" if last else attempt.answer.outcome.value, waited, told)


class _Office:
    """The lanes of one run, and what is done with them in turn."""

    def __init__(
        self, store: Store, sender: Sender, clock: Callable[[], datetime], concurrency: int, until: float
    ) -> None:
        self.store = store
        self.sender = sender
        self.clock = clock
        self.concurrency = concurrency
        self.until = until
        self.lanes: dict[str, Lane] = {}
        self.resting: set[str] = set()
        self.attempts = 0
        self.wake = threading.Event()
        self.looks_again_at = 0.0

    def note(self) -> None:
        """Write down what has ended, and let go of lanes that have nothing to do."""
        self.wake.clear()
        ended = {id: attempts for id, lane in self.lanes.items() if (attempts := lane.take_ended())}
        if ended:
            self.attempts += sum(map(len, ended.values()))
            with self.store.begin() as tx:
                resting = _write_down(tx, ended)
            for site_id, attempts in ended.items():
                lane = self.lanes[site_id]
                lane.attempts += len(attempts)
                lane.learn(any(attempt.arrived for attempt in attempts))
                lane.closed = site_id in resting
                for attempt in attempts:
                    hear(site_id, attempt, self.clock())
        self._give_back()
        now = time.monotonic()
        for site_id, lane in list(self.lanes.items()):
            if lane.idle() and (lane.closed or lane.dry or not self._may_begin(lane, now)):
                del self.lanes[site_id]
                if not lane.attempts or lane.closed:
                    self.resting.add(site_id)

    def take_up(self) -> None:
        """Make lanes for sites that have something due."""
        now = time.monotonic()
        if (self.lanes and now < self.looks_again_at) or not (now < self.until or self._late()):
            return
        failing = sum(lane.failing for lane in self.lanes.values())
        with self.store.read() as tx:
            due = Outbox(tx).sites_due(LANES - len(self.lanes), self.lanes.keys() | self.resting)
        for site in due:
            if site.failures and (failing >= FAILING_PLACES or now >= self.until):
                break
            failing += site.failures > 0
            self.lanes[site.id] = Lane(site.id, self.concurrency, site.failures > 0)
        # never more than a tenth of the time
        self.looks_again_at = time.monotonic() + max(LOOK, 9 * (time.monotonic() - now))

    def claim(self) -> None:
        """Claim for every lane that has room, in one transaction."""
        now = time.monotonic()
        rooms = {id: lane.room(now) for id, lane in self.lanes.items() if self._may_begin(lane, now)}
        wanting = {id: self.lanes[id] for id, room in rooms.items() if room > 0}
        if not wanting:
            return
        claimed: dict[str, list[Parcel]] = {}
        with self.store.begin() as tx:
            sites = Sites(tx).of_ids(wanting.keys())
            # in one order, so that two senders who probe several sites never wait for each other in a circle
            for site_id, lane in sorted(wanting.items()):
                lane.dry, lane.claims_again_at = True, now + LOOK
                site = sites.get(site_id)
                if site is None or site.callback_url is None or not site.may_be_called(tx.now):
                    continue
                lane.url, lane.secrets = site.callback_url, site.secrets(tx.now)
                limit = min(rooms[site_id] * site.callback_batch, MOST_CLAIMED)
                claimed[site_id] = parcels = _claim(tx, site, limit)
                if sum(len(parcel.deliveries) for parcel in parcels) >= limit:
                    lane.dry, lane.claims_again_at = False, 0.0
        # only now, after the commit, may a thread send it
        for site_id, parcels in claimed.items():
            wanting[site_id].probing = any(parcel.probe for parcel in parcels)
            wanting[site_id].load(parcels, now)

    def start(self, pool: Executor) -> None:
        """Give the free places to the lanes, those first whose webhooks arrive."""
        lanes = sorted(self.lanes.values(), key=lambda lane: (lane.failing, not lane.proven))
        taken = sum(lane.calls() for lane in lanes)
        failing = sum(lane.calls() for lane in lanes if lane.failing)
        for lane in lanes:
            places = (PLACES if lane.proven else UNKNOWN_PLACES) - taken
            if lane.failing:
                places = min(places, FAILING_PLACES - failing)
            begun = lane.start(pool, places, self._send, self.wake)
            taken += begun
            failing += begun * lane.failing

    def wait(self) -> None:
        """Until a call has ended and a moment more, or it is time to look again."""
        if self.wake.wait(LOOK):
            time.sleep(GATHER)

    def stop(self) -> None:
        """Give back what will not be sent; what is still under way after an error is due again when its claim ends."""
        unsent = {id: lane.take_unsent() for id, lane in self.lanes.items()}
        self._write_back({id: parcels for id, parcels in unsent.items() if parcels})

    def _may_begin(self, lane: Lane, now: float) -> bool:
        return now < self.until or (not lane.failing and not lane.slow(now) and self._late())

    def _late(self) -> bool:
        """Whether a call that began before time was up is still under way."""
        return any(lane.began_before(self.until) for lane in self.lanes.values())

    def _give_back(self) -> None:
        """Take from lanes what they will not send soon."""
        now = time.monotonic()
        over = {
            id: lane
            for id, lane in self.lanes.items()
            if lane.closed or lane.stale(now) or (now >= self.until and (not lane.proven or lane.slow(now)))
        }
        unsent = {id: lane.take_unsent() for id, lane in over.items() if lane.unsent}
        self._write_back({id: parcels for id, parcels in unsent.items() if parcels})

    def _write_back(self, unsent: Mapping[str, Sequence[Parcel]]) -> None:
        if unsent:
            with self.store.begin() as tx:
                for site_id, parcels in unsent.items():
                    _give_back(tx, site_id, parcels)

    def _send(self, parcel: Parcel, url: str, secrets: Sequence[str]) -> Answer:
        # the id is the event's and stays; time and signature are the attempt's
        headers = sign(secrets, parcel.id, self.clock(), parcel.body)
        return self.sender.send(url, headers, parcel.body)


def _claim(tx: Transaction, site: SiteRow, limit: int) -> list[Parcel]:
    """What is due for a site and ours now; of one whose breaker is open, one parcel at a time among all who send."""
    deliveries = Deliveries(tx, site.id)
    if site.callback_opened_at is None:
        return pack(deliveries.claim(limit, CLAIM_SECONDS), site.callback_batch, probe=False)
    if not Outbox(tx).begin_probe(site.id, CLAIM_SECONDS):
        return []
    claimed = deliveries.claim(site.callback_batch, CLAIM_SECONDS, least_tried=True)
    if not claimed:
        Sites(tx).change(site.id, callback_rest_until=site.callback_rest_until)
        return []
    probe, *others = pack(claimed, site.callback_batch, probe=True)
    _give_back(tx, site.id, others)
    return [probe]


def _give_back(tx: Transaction, site_id: str, parcels: Sequence[Parcel]) -> None:
    if parcels:
        Deliveries(tx, site_id).give_back([one.id for parcel in parcels for one in parcel.deliveries])


def _write_down(tx: Transaction, ended: Mapping[str, Sequence[Attempt]]) -> set[str]:
    """Write down what became of some calls; the sites that may be called no more for now."""
    sites = _troubled(tx, ended)
    failures: list[Failure] = []
    resting = set()
    for site_id, site in sites.items():
        failed = [attempt for attempt in ended[site_id] if not attempt.arrived]
        before = Circuit(site.callback_failures, site.callback_opened_at, site.callback_rest_until)
        circuit = _circuit_after(before, ended[site_id], tx.now)
        for attempt in failed:
            again = _failures(attempt, tx.now)
            failures += again
            times = [one.again_at for one in again if one.again_at is not None]
            if attempt.answer.outcome is Outcome.SLOW_DOWN and times:
                circuit = circuit.asked_to_rest(min(times))
        _change_circuit(tx, site_id, before, circuit)
        if circuit.rest_until is not None and circuit.rest_until > tx.now:
            resting.add(site_id)
    outbox = Outbox(tx)
    arrived = [attempt for attempts in ended.values() for attempt in attempts if attempt.arrived]
    outbox.delivered([one.id for attempt in arrived for one in attempt.parcel.deliveries])
    outbox.failed(failures)
    for site_id, site in sites.items():
        _end_what_is_over(tx, site, ended[site_id])
    return resting | {id for id, attempts in ended.items() if _gone(attempts)}


def _troubled(tx: Transaction, ended: Mapping[str, Sequence[Attempt]]) -> dict[str, SiteRow]:
    """Sites whose breaker must be looked at, held: those that failed now, and those that failed before and now did not."""
    sites = Sites(tx).of_ids(ended.keys())
    troubled = [
        id
        for id, site in sites.items()
        if site.callback_failures or site.callback_opened_at or not all(attempt.arrived for attempt in ended[id])
    ]
    return Sites(tx).hold(troubled) if troubled else {}


def _circuit_after(circuit: Circuit, attempts: Sequence[Attempt], now: datetime) -> Circuit:
    if any(attempt.arrived for attempt in attempts):
        return circuit.arrived()
    return circuit.failed(len(attempts), any(attempt.parcel.probe for attempt in attempts), now, rng)


def _change_circuit(tx: Transaction, site_id: str, before: Circuit, after: Circuit) -> None:
    if before == after:
        return
    fields = {"failures": after.failures, "opened_at": after.opened_at, "rest_until": after.rest_until}
    Sites(tx).change(site_id, **{f"callback_{name}": value for name, value in fields.items()})
    if before.opened_at is None and after.opened_at is not None:
        log.warning("circuit breaker opened", site=site_id)
    elif before.opened_at is not None and after.opened_at is None:
        log.info("circuit breaker closed", site=site_id)


def _failures(attempt: Attempt, now: datetime) -> list[Failure]:
    """What becomes of the deliveries of an attempt that failed. Those tried equally often stay together."""
    answer = _told(attempt)
    delays = {
        attempts: next_delay(attempts, rng, attempt.answer.retry_after)
        for attempts in {one.attempts for one in attempt.parcel.deliveries}
    }
    return [
        Failure(one.id, answer, None if (delay := delays[one.attempts]) is None else now + timedelta(seconds=delay))
        for one in attempt.parcel.deliveries
    ]


def _end_what_is_over(tx: Transaction, site: SiteRow, attempts: Sequence[Attempt]) -> None:
    """Stop for a site that wants no more; give up what was due for a day while every probe failed."""
    deliveries = Deliveries(tx, site.id)
    if _gone(attempts):
        Sites(tx).change(site.id, callback_disabled_at=tx.now, callback_disabled_why=GONE)
        deliveries.stop(f"callback disabled: {GONE}")
        log.warning("callback disabled", site=site.id, why=GONE)
        return
    since = site.callback_opened_at
    probes = [attempt for attempt in attempts if attempt.parcel.probe and not attempt.arrived]
    if probes and since is not None and since <= tx.now - GIVE_UP_AFTER:
        given_up = deliveries.give_up(tx.now - GIVE_UP_AFTER, _told(probes[-1]))
        log.warning("deliveries given up", site=site.id, count=given_up)


def _gone(attempts: Sequence[Attempt]) -> bool:
    return any(attempt.answer.outcome is Outcome.GONE for attempt in attempts)


def _told(attempt: Attempt) -> str:
    return f"{attempt.answer.status or 'no answer'}: {attempt.answer.excerpt}"[:300]
