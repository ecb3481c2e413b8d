"""Sites that ask for it hear of several events in one request."""

import json

import pytest
from standardwebhooks import Webhook

from service.bootstrap import Services
from service.domain.decision import Action
from service.domain.errors import Invalid
from service.moderation.decide import decide_by_api
from service.moderation.lanes import pack
from service.moderation.sites import set_callback
from service.webhooks.parcels import MAX_BODY, WHOLE_BATCHES, most_together
from tests.conftest import Clock
from tests.integration.delivery.place import Place, a_site, counts, decide_for, deliver, row, waiting


def test_events_travel_together_signed_and_as_they_would_alone(services: Services, place: Place) -> None:
    site_id = a_site(services, "many.example", place.url, 25, batch=10)
    alone = {f"msg_{one.id.replace('-', '')}": json.loads(one.body) for one in waiting(services, site_id)}
    deliver(services)
    for headers, body in place.got:
        told = Webhook(row(services, site_id).webhook_secret).verify(body, headers)
        assert told["type"] == "comment.batch"
        assert len(told["data"]["events"]) <= 10
    events = [event for told in place.bodies() for event in told["data"]["events"]]
    assert {event.pop("id"): event for event in events} == alone
    assert len(place.got) <= 5


def test_a_batch_that_fails_is_sent_again_whole_with_the_same_id_and_bytes(
    services: Services, place: Place, clock: Clock
) -> None:
    site_id = a_site(services, "many.example", place.url, 5, batch=10)
    place.status = 500
    deliver(services)
    assert counts(services, site_id)["waiting"] == 5
    place.status = 204
    clock.forward(minutes=1)
    deliver(services)
    (first_headers, first), (second_headers, second) = place.got
    assert (first_headers["webhook-id"], first) == (second_headers["webhook-id"], second)
    assert counts(services, site_id)["delivered"] == 5


def test_other_events_make_another_id(services: Services, place: Place) -> None:
    site_id = a_site(services, "many.example", place.url, 3, batch=10)
    deliver(services)
    decide_for(services, site_id, 3)
    deliver(services)
    assert len(place.times_each()) == 2


def test_two_events_of_a_comment_never_travel_together_and_arrive_in_order(services: Services, place: Place) -> None:
    site_id = a_site(services, "many.example", place.url, 4, batch=100)
    for one in waiting(services, site_id):
        decide_by_api(one.comment_id, Action.REJECT, None, None, site_id, services.store)
    deliver(services)
    requests = [[event["data"]["id"] for event in told["data"]["events"]] for told in place.bodies()]
    assert all(len(set(comments)) == len(comments) for comments in requests)
    numbers: dict[str, list[int]] = {}
    for told in place.bodies():
        for event in told["data"]["events"]:
            numbers.setdefault(event["data"]["id"], []).append(event["data"]["decision"]["number"])
    assert list(numbers.values()) == [[1, 2]] * 4


def test_an_event_that_fails_its_batch_stands_alone_at_last(services: Services, place: Place, clock: Clock) -> None:
    site_id = a_site(services, "many.example", place.url, 8, batch=8)
    place.refuses = waiting(services, site_id)[0].comment_id
    for _ in range(WHOLE_BATCHES + 4):
        deliver(services)
        clock.forward(minutes=16)
    assert counts(services, site_id) == {"waiting": 1, "delivered": 7, "dead": 0}


def test_batches_are_halved_after_the_third_attempt() -> None:
    assert [most_together(100, attempts) for attempts in (1, 3, 4, 5, 9, 21)] == [100, 100, 50, 25, 1, 1]


def test_a_batch_is_bounded_in_bytes(services: Services, place: Place) -> None:
    site_id = a_site(services, "many.example", place.url, 3, batch=500)
    [one, *_] = waiting(services, site_id)
    large = [
        type(one)(**{**vars(one), "id": f"{number:032d}", "body": json.dumps({"x": "é" * 9_000})})
        for number in range(60)
    ]
    parcels = pack(large, 500, probe=False)
    assert max(len(parcel.body) for parcel in parcels) <= MAX_BODY
    assert sum(len(parcel.deliveries) for parcel in parcels) == 60
    assert len(parcels) < 20
    assert len(json.loads(parcels[0].body)["data"]["events"]) == len(parcels[0].deliveries)


def test_410_ends_a_batch_as_it_ends_one_event(services: Services, place: Place) -> None:
    place.status = 410
    site_id = a_site(services, "many.example", place.url, 30, batch=10)
    deliver(services)
    assert row(services, site_id).callback_disabled_at is not None
    assert counts(services, site_id) == {"waiting": 0, "delivered": 0, "dead": 30}


@pytest.mark.parametrize("batch", [0, 501])
def test_a_batch_out_of_bounds_is_refused(services: Services, place: Place, batch: int) -> None:
    a_site(services, "many.example", place.url, 0)
    with pytest.raises(Invalid, match="from 1 to 500"):
        set_callback("many.example", place.url, services.store, allow_private=True, batch=batch)
