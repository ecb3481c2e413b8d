"""The writer of comments whose callers were answered: many together, each once, none lost."""

import time
from collections.abc import Sequence
from threading import Barrier, Event, Thread

import pytest

from service.bootstrap import Services
from service.domain.comment import Author, NewComment, Status
from service.domain.compat import Compat
from service.domain.decision import Action
from service.domain.errors import Unavailable
from service.moderation import writer as writing
from service.moderation.at_once import AtOnce
from service.moderation.sites import Credentials
from service.runtime import metrics
from service.store import Store
from service.store.comments import Comments
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.at_once.checks import ABUSE, WAIT, check, found, rows, settle

# the writer


def test_what_comes_while_it_writes_is_written_together(services: Services, site: Credentials) -> None:
    at_once, batches = services.at_once, []
    plain = Comments.add_pending
    began, go_on = Event(), Event()

    def slow(self: Comments, new: Sequence[NewComment]) -> list[object]:
        batches.append((self.site_id, len(new)))
        began.set()
        assert go_on.wait(20)
        return plain(self, new)  # type: ignore[return-value]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Comments, "add_pending", slow)
        at_once.check(site.site_id, a_comment(), "coral")
        assert began.wait(10)
        for _ in range(30):
            at_once.check(site.site_id, a_comment(), "coral")
        go_on.set()
        at_once.close()
    assert batches == [(site.site_id, 1), (site.site_id, 30)]
    assert rows(services, "comments") == rows(services, "decisions") == 31


def test_comments_wait_a_moment_for_others_unless_somebody_waits_for_one(
    services: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LINGER", 30.0)
    batches = fail(monkeypatch, Unavailable("never"), times=0)
    began = time.monotonic()
    for _ in range(4):
        services.at_once.check(site.site_id, a_comment(), "coral")
    time.sleep(0.3)
    assert batches == []
    assert services.at_once.check(site.site_id, a_comment(), "coral", wait_ms=WAIT).comment_id is not None
    assert batches == [5]
    services.at_once.check(site.site_id, a_comment(), "coral")
    services.at_once.close()
    assert batches == [5, 1]
    assert time.monotonic() - began < 20


def test_each_sites_comments_are_its_own(services: Services, site: Credentials, other_site: Credentials) -> None:
    for number in range(20):
        place = (site, other_site)[number % 2]
        services.at_once.check(place.site_id, a_comment(id=f"c{number}"), "coral")
    services.at_once.close()
    for place, wanted in ((site, 0), (other_site, 1)):
        with services.store.read() as tx:
            ids = {row.site_comment_id for row in Comments(tx, place.site_id).page()}
        assert ids == {f"c{number}" for number in range(wanted, 20, 2)}


def test_many_threads_lose_nothing_and_decide_once_about_each(services: Services, site: Credentials) -> None:
    settle(services, site, Compat(budget_ms=5_000))
    start = Barrier(8)

    def run() -> None:
        start.wait()
        for number in range(25):
            # all of them send the same comments, by a few authors
            author = Author(f"u{number % 3}", "Ayu")
            services.at_once.check(site.site_id, a_comment(id=f"c{number}", text=ABUSE, author=author), "coral")

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    services.at_once.close()
    assert rows(services, "comments") == rows(services, "decisions") == 25


def test_two_processes_that_write_the_same_comments_lose_none(
    services: Services, site: Credentials, clock: Clock
) -> None:
    elsewhere = Store(services.store.url, clock)
    other = AtOnce(elsewhere, lambda: services.classifier, lambda: None, lambda: None)
    for number in range(60):
        comment = a_comment(id=f"c{number}", author=Author(f"u{number % 5}", f"Ayu {number}"))
        for judges in (services.at_once, other):
            judges.check(site.site_id, comment, "coral")
    services.at_once.close()
    other.close()
    elsewhere.close()
    assert rows(services, "comments") == rows(services, "decisions") == 60


def test_while_the_database_is_away_comments_wait_and_are_stored_when_it_is_back(
    services: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PAUSES", (0.01, 0.01))
    tries = fail(monkeypatch, Unavailable("the database is away"), times=6)
    assert check(services, site, id="c").comment_id is not None
    assert len(tries) == 7
    assert found(services, site, "c").status is Status.APPROVED


def test_one_that_cant_be_stored_keeps_no_other_from_it(
    services: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Comments.add_pending

    def refusing(self: Comments, new: Sequence[NewComment]) -> list[object]:
        if any(comment.id == "poison" for comment in new):
            raise ValueError("poison")
        return plain(self, new)  # type: ignore[return-value]

    monkeypatch.setattr(Comments, "add_pending", refusing)
    before = lost()
    for id in ("a", "b", "poison", "c", "d"):
        services.at_once.check(site.site_id, a_comment(id=id), "coral")
    services.at_once.close()
    with services.store.read() as tx:
        assert {row.site_comment_id for row in Comments(tx, site.site_id).page()} == {"a", "b", "c", "d"}
    assert lost() - before == 1


def test_at_a_stop_it_gives_up_a_database_that_stays_away_and_says_so(
    services: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PAUSES", (0.01, 0.01))
    fail(monkeypatch, Unavailable("the database is away"), times=10_000)
    before = lost()
    assert services.at_once.check(site.site_id, a_comment(), "coral").action is Action.APPROVE
    services.at_once.close()
    assert lost() - before == 1


def test_when_too_many_wait_who_brings_one_writes_it(
    services: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_WAITING", 0)
    checked = services.at_once.check(site.site_id, a_comment(id="c"), "coral")
    assert checked.comment_id == found(services, site, "c").id


def test_what_comes_after_the_stop_is_written_by_who_brings_it(services: Services, site: Credentials) -> None:
    services.at_once.close()
    checked = services.at_once.check(site.site_id, a_comment(id="c"), "coral")
    assert checked.comment_id == found(services, site, "c").id
    services.at_once.close()


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> list[int]:
    """Let storing comments fail so many times; the tries."""
    tries: list[int] = []
    plain = Comments.add_pending

    def failing(self: Comments, new: Sequence[NewComment]) -> list[object]:
        tries.append(len(new))
        if len(tries) <= times:
            raise error
        return plain(self, new)  # type: ignore[return-value]

    monkeypatch.setattr(Comments, "add_pending", failing)
    return tries


def lost() -> float:
    return metrics.meter().registry.get_sample_value("saring_at_once_lost_total") or 0.0
