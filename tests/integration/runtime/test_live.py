"""What changes reaches open desks through a real Redis that dies, hangs and comes back."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from service.domain.change import Change, Kind
from service.domain.errors import Unavailable
from service.runtime import live as module
from service.runtime.listeners import BEHIND, MOST_FOR_ONE, MOST_IDS, Listener
from service.runtime.live import Live, live
from service.settings import Settings
from tests.integration.runtime.conftest import Broker
from tests.integration.runtime.test_rates import deaf_server

SITE, OTHER = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"


@pytest.fixture
def desks(own_settings: Settings, own_broker: Broker) -> Iterator[Live]:
    """One process: it commits, and has open desks."""
    made = live(own_settings)
    yield made
    made.close()


@pytest.fixture
def worker(own_settings: Settings, own_broker: Broker) -> Iterator[Live]:
    """Another process, which only commits."""
    made = live(own_settings)
    yield made
    made.close()


def told(listener: Listener, seconds: float = 10.0) -> dict[str, object]:
    message = listener.next(seconds)
    assert message is not None, "told nothing"
    found: dict[str, object] = json.loads(message)
    return found


def kind(listener: Listener, seconds: float = 10.0) -> object:
    return told(listener, seconds)["kind"]


def decided(*ids: str, site_id: str = SITE) -> list[Change]:
    return [Change(site_id, Kind.DECIDED, ids, "Ayu", "u1")]


def test_a_desk_that_opens_looks_again_since_its_page_is_older(desks: Live) -> None:
    first = desks.listen(SITE, "ayu")
    assert kind(first) == "resync"
    second = desks.listen(SITE, "ayu")
    assert kind(second, 0.1) == "resync"


def test_what_another_process_committed_reaches_every_desk_of_the_site(desks: Live, worker: Live) -> None:
    listeners = [desks.listen(SITE, "ayu"), desks.listen(SITE, "ayu")]
    assert [kind(listener) for listener in listeners] == ["resync", "resync"]
    began = time.monotonic()
    worker.tell(decided("c1", "c2"))
    for listener in listeners:
        assert told(listener) == {"kind": "decided", "ids": ["c1", "c2"], "by": "Ayu", "user": "u1"}
    assert time.monotonic() - began < 1


def test_the_desks_of_another_site_hear_nothing(desks: Live) -> None:
    ours, theirs = desks.listen(SITE, "ayu"), desks.listen(OTHER, "ayu")
    assert kind(ours) == kind(theirs) == "resync"
    desks.tell(decided("c1"))
    assert kind(ours) == "decided"
    assert theirs.next(0.3) is None


def test_a_message_names_so_many_comments_at_most(desks: Live) -> None:
    listener = desks.listen(SITE, "ayu")
    assert kind(listener) == "resync"
    desks.tell(decided(*(f"c{number}" for number in range(2_000))))
    assert len(told(listener)["ids"]) == MOST_IDS  # type: ignore[arg-type]


def test_a_slow_desk_looks_again_in_place_of_reading_all(desks: Live) -> None:
    slow, quick = desks.listen(SITE, "ayu"), desks.listen(SITE, "ayu")
    assert kind(slow) == kind(quick) == "resync"
    for number in range(BEHIND + 1):
        desks.tell(decided(f"c{number}"))
        assert kind(quick) == "decided"
    assert kind(slow) == "resync"
    assert slow.next(0.1) is None


def test_when_redis_dies_desks_ask_for_themselves_and_when_it_is_back_they_look_again(
    desks: Live, worker: Live, own_broker: Broker
) -> None:
    listener = desks.listen(SITE, "ayu")
    assert kind(listener) == "resync"
    own_broker.kill()
    assert kind(listener, 2) == "away"
    late = desks.listen(SITE, "ayu")
    assert kind(late, 0.1) == "away"
    own_broker.start()
    assert kind(listener) == kind(late) == "resync"
    worker.tell(decided("c1"))
    assert kind(listener) == kind(late) == "decided"


def test_a_redis_that_hangs_is_found_out(monkeypatch: pytest.MonkeyPatch, own_settings: Settings) -> None:
    monkeypatch.setattr(module, "SILENT_SECONDS", 1.0)
    with deaf_server() as url:
        desks = live(replace(own_settings, redis_url=url))
        assert kind(desks.listen(SITE, "ayu"), 5) == "away"
        desks.close()


def test_what_could_not_be_told_is_made_up_for(desks: Live, worker: Live, own_broker: Broker) -> None:
    listener = desks.listen(SITE, "ayu")
    assert kind(listener) == "resync"
    worker.tell(decided("c1"))
    assert kind(listener) == "decided"
    own_broker.kill()
    assert kind(listener) == "away"
    began = time.monotonic()
    with capture_logs() as logs:
        for number in range(100):
            worker.tell(decided(f"c{number}"))
        assert time.monotonic() - began < 0.1
        time.sleep(0.5)
        own_broker.start()
        # on being heard again, and for what the worker could not tell
        assert kind(listener) == kind(listener) == "resync"
        worker.tell(decided("c9"))
        assert kind(listener) == "decided"
    said = [entry["event"] for entry in logs if "told of" in entry["event"]]
    assert said == [
        "open desks can't be told of changes, they ask for themselves",
        "open desks are told of changes again",
    ]


def test_a_redis_that_hangs_keeps_no_commit_waiting(own_settings: Settings) -> None:
    with deaf_server() as url:
        worker = live(replace(own_settings, redis_url=url))
        longest = 0.0
        for number in range(5_000):
            began = time.monotonic()
            worker.tell(decided(f"c{number}"))
            longest = max(longest, time.monotonic() - began)
        assert longest < 0.9, "the second that Redis has to answer was waited for"
        worker.close()


def test_a_process_follows_so_many_desks_and_no_more(own_settings: Settings, own_broker: Broker) -> None:
    desks = live(replace(own_settings, live_streams=2))
    first, _second = desks.listen(SITE, "ayu"), desks.listen(OTHER, "ayu")
    with pytest.raises(Unavailable):
        desks.listen(SITE, "ayu")
    first.close()
    first.close()
    assert kind(desks.listen(SITE, "ayu")) == "resync"
    desks.close()


def test_one_person_cannot_take_all_of_them(desks: Live) -> None:
    first, *_others = [desks.listen(site, "ayu") for site in (SITE, OTHER) * (MOST_FOR_ONE // 2)]
    with pytest.raises(Unavailable):
        desks.listen(SITE, "ayu")
    assert kind(desks.listen(SITE, "bima")) == "resync"
    first.close()
    assert kind(desks.listen(SITE, "ayu")) == "resync"


def test_at_the_end_of_the_process_every_stream_ends_at_once(desks: Live) -> None:
    listener = desks.listen(SITE, "ayu")
    assert kind(listener) == "resync"
    desks.close()
    began = time.monotonic()
    assert listener.next(10) is None
    assert listener.ended
    assert time.monotonic() - began < 0.5
    with pytest.raises(Unavailable):
        desks.listen(SITE, "ayu")
