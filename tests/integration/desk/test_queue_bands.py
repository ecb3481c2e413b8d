"""A band at a time: histograms and samples."""

import pytest

from service.domain.errors import Invalid
from service.domain.view import QueueName, View
from service.moderation.bands import histogram, samples
from service.store import Store
from service.store.queue import Queue
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import approve_author, ids, put

EDGES = [number / 50 for number in range(51)]


def test_each_score_is_in_the_bin_that_it_begins(store: Store, queued: Queued) -> None:
    for edge in EDGES[::5]:
        put(store, queued(), scores={"insult": edge})
    found = histogram(store, queued.site_id, View(), "insult")
    expected = [0] * 50
    for number in range(0, 50, 5):
        expected[number] = 1
    expected[49] = 1
    assert list(found.counts) == expected
    assert (found.attribute, found.total) == ("insult", 11)


def test_a_bin_is_what_a_band_has(store: Store, queued: Queued) -> None:
    for score in (0.5799, 0.58, 0.5801, 0.5999, 0.6):
        put(store, queued(), scores={"spam": score})
    counts = histogram(store, queued.site_id, View(), "spam").counts
    with store.read() as tx:
        for number in range(50):
            band = View(attribute="spam", low=number / 50, high=(number + 1) / 50)
            assert len(Queue(tx, queued.site_id).ids_of(band, 10)) == counts[number]


def test_a_histogram_passes_over_the_band_that_is_to_be_chosen(store: Store, queued: Queued) -> None:
    for score in (0.1, 0.9):
        put(store, queued(), scores={"insult": score, "spam": score})
    view = View(attribute="insult", low=0.8)
    assert histogram(store, queued.site_id, view, "insult").total == 2
    assert histogram(store, queued.site_id, view, "spam").total == 1


def test_a_histogram_is_of_what_the_view_has(store: Store, queued: Queued, elsewhere: Queued) -> None:
    elsewhere()
    wanted, other = queued(text="goblok"), queued()
    put(store, wanted, scores={"insult": 0.9})
    put(store, other, scores=None)
    assert histogram(store, queued.site_id, View(), "insult").total == 1
    assert histogram(store, queued.site_id, View(words="goblok"), "insult").total == 1
    assert histogram(store, queued.site_id, View(queue=QueueName.REPORTED), "insult").total == 0
    approve_author(store, wanted)
    assert histogram(store, queued.site_id, View(queue=QueueName.NEW_AUTHORS), "insult").total == 0


def test_samples_are_the_worst_of_the_band(store: Store, queued: Queued) -> None:
    mild, worst, outside = queued(risk=1.0), queued(risk=2.0), queued(risk=3.0)
    put(store, mild, worst, scores={"insult": 0.5})
    put(store, outside, scores={"insult": 0.6})
    view = View(attribute="insult", low=0.4, high=0.6)
    assert ids(samples(store, queued.site_id, view)) == [worst.id, mild.id]
    assert ids(samples(store, queued.site_id, view, limit=1)) == [worst.id]


def test_only_what_is_scored_has_a_histogram(store: Store, queued: Queued) -> None:
    with pytest.raises(Invalid, match=r"^attribute: "):
        histogram(store, queued.site_id, View(), "rudeness")


@pytest.mark.parametrize("queue", [QueueName.PENDING, QueueName.DECIDED])
def test_nothing_is_decided_band_by_band_in_a_list(store: Store, queued: Queued, queue: QueueName) -> None:
    with pytest.raises(Invalid, match=r"^queue: "):
        histogram(store, queued.site_id, View(queue=queue), "insult")
    with pytest.raises(Invalid, match=r"^queue: "):
        samples(store, queued.site_id, View(queue=queue))
