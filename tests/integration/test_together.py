"""Requests that come at the same time share a transaction, and nothing else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from time import monotonic, sleep

import pytest

from service.domain.comment import Accepted, NewComment
from service.domain.errors import Overtaken
from service.moderation import together as module
from service.moderation.sites import Credentials
from service.moderation.together import FEW, MOST, Together
from service.store import Store
from service.store.comments import Comments
from tests.factories import a_comment


class Held:
    """The real `accept`, which waits in its first call until it is let go; notes the size of each call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self.writing, self.go_on = Event(), Event()
        self._real = module.accept
        monkeypatch.setattr(module, "accept", self)

    def __call__(self, comments: list[NewComment], *rest: object) -> list[Accepted]:
        self.sizes.append(len(comments))
        if not self.writing.is_set():
            self.writing.set()
            assert self.go_on.wait(20)
        return self._real(comments, *rest)  # type: ignore[arg-type]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


@pytest.fixture
def woken() -> list[int]:
    return []


@pytest.fixture
def together(store: Store, woken: list[int]) -> Together:
    return Together(store, lambda: woken.append(1))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as pool:
        yield pool


def waiting(together: Together, site: Credentials, count: int) -> None:
    """Wait until so many requests are in line."""
    until = monotonic() + 20
    while len(together._lines.get(site.site_id, ())) < count:
        assert monotonic() < until, "they did not line up"
        sleep(0.005)


def stored(store: Store, site: Credentials) -> dict[str, str]:
    """Our ids by the site's."""
    with store.read() as tx:
        return {row.site_comment_id: row.id for row in Comments(tx, site.site_id).page(limit=500)}


def test_those_that_come_while_one_is_written_are_written_together(
    store: Store, together: Together, held: Held, site: Credentials, threads: ThreadPoolExecutor, woken: list[int]
) -> None:
    sent = [[a_comment() for _ in range(1 + number % 3)] for number in range(12)]
    first = threads.submit(together.accept, sent[0], site.site_id)
    assert held.writing.wait(20)
    others = [threads.submit(together.accept, comments, site.site_id) for comments in sent[1:]]
    waiting(together, site, len(others))
    held.go_on.set()
    answers = [one.result(20) for one in (first, *others)]
    ids = stored(store, site)
    assert [[(one.site_comment_id, one.id) for one in answer] for answer in answers] == [
        [(comment.id, ids[comment.id]) for comment in comments] for comments in sent
    ]
    assert held.sizes == [1, sum(map(len, sent[1:]))]
    assert len(woken) == 2
    assert together._lines == {}


def test_who_is_alone_waits_for_nobody(store: Store, together: Together, site: Credentials) -> None:
    for _ in range(3):
        [one] = together.accept([a_comment()], site.site_id)
        assert one.fresh
    assert len(stored(store, site)) == 3
    assert together._lines == {}


def test_a_large_request_and_another_sites_go_their_own_way(
    store: Store,
    together: Together,
    held: Held,
    site: Credentials,
    other_site: Credentials,
    threads: ThreadPoolExecutor,
) -> None:
    first = threads.submit(together.accept, [a_comment()], site.site_id)
    assert held.writing.wait(20)
    assert len(together.accept([a_comment() for _ in range(FEW + 1)], site.site_id)) == FEW + 1
    assert len(together.accept([a_comment()], other_site.site_id)) == 1
    held.go_on.set()
    assert len(first.result(20)) == 1


def test_what_one_request_is_refused_for_refuses_no_other(
    store: Store, together: Together, held: Held, site: Credentials, threads: ThreadPoolExecutor
) -> None:
    first = threads.submit(together.accept, [a_comment()], site.site_id)
    assert held.writing.wait(20)
    # the doors refuse such an id, and it stands here for whatever a database refuses
    bad = threads.submit(together.accept, [a_comment(id="a\x00b" if not store.sqlite else None)], site.site_id)
    good = [threads.submit(together.accept, [a_comment()], site.site_id) for _ in range(3)]
    waiting(together, site, 4)
    held.go_on.set()
    assert len(first.result(20)) == 1
    assert all(one.result(20)[0].fresh for one in good)
    assert bad.exception(20) is not None
    assert len(stored(store, site)) == 4
    assert together._lines == {}


def test_a_failure_of_one_alone_is_told_and_holds_up_nobody(
    store: Store, together: Together, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> list[Accepted]:
        raise Overtaken("every time")

    with monkeypatch.context() as patched:
        patched.setattr(module, "accept", fails)
        with pytest.raises(Overtaken):
            together.accept([a_comment()], site.site_id)
    assert together.accept([a_comment()], site.site_id)[0].fresh


def test_the_same_comment_in_two_requests_is_stored_once(
    store: Store, together: Together, held: Held, site: Credentials, threads: ThreadPoolExecutor
) -> None:
    first = threads.submit(together.accept, [a_comment()], site.site_id)
    assert held.writing.wait(20)
    twice = a_comment()
    both = [threads.submit(together.accept, [replace(twice)], site.site_id) for _ in range(2)]
    waiting(together, site, 2)
    held.go_on.set()
    answers = [one.result(20)[0] for one in both]
    first.result(20)
    assert len({one.id for one in answers}) == 1
    assert sorted(one.fresh for one in answers) == [False, True]


def test_a_transaction_has_its_bound_and_the_rest_takes_the_next(
    store: Store, together: Together, held: Held, site: Credentials, threads: ThreadPoolExecutor
) -> None:
    first = threads.submit(together.accept, [a_comment()], site.site_id)
    assert held.writing.wait(20)
    count = MOST // FEW + 2
    others = [threads.submit(together.accept, [a_comment() for _ in range(FEW)], site.site_id) for _ in range(count)]
    waiting(together, site, count)
    held.go_on.set()
    assert all(len(one.result(20)) == FEW for one in others)
    first.result(20)
    assert held.sizes == [1, MOST, 2 * FEW]
