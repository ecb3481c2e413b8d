"""Authors who are banned for a time."""

from datetime import timedelta
from threading import Thread

import pytest

from service.bootstrap import Services
from service.domain.comment import Author, Status
from service.domain.errors import Invalid, NotFound
from service.moderation.accept import accept
from service.moderation.ban import ban, bans_of, lift
from service.moderation.erase import erase_author, erase_comment
from service.moderation.score import score_batch
from service.store import Store
from service.store.appeals import Appeals
from service.store.bans import Bans
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.notes import Notes
from service.store.rows import AuthorRow, CommentRow
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.conftest import Queued
from tests.remarks import appeals_of, notes_of
from tests.servers import await_lock

TROLL = Author("troll", "Troll")
KIND = "Terima kasih atas beritanya, sangat membantu."


def scored(services: Services, queued: Queued, author: Author = TROLL) -> CommentRow:
    """A kind comment of the author, as the worker decided about it."""
    (sent,) = accept([a_comment(text=KIND, author=author)], queued.site_id, services.store, lambda: None)
    score_batch(services.store, services.classifier, limit=100, lease=30)
    return queued.now(sent.id)


@pytest.fixture
def troll(queued: Queued) -> AuthorRow:
    """An author with a comment in the queue."""
    return queued(author=TROLL).author


def test_what_a_banned_author_sends_is_rejected_for_that(
    services: Services, queued: Queued, ayu: str, troll: AuthorRow
) -> None:
    ban(services.store, queued.site_id, ayu, troll.id, 7, "spam")
    comment = scored(services, queued)
    assert comment.status is Status.REJECTED
    with services.store.read() as tx:
        [decision] = Decisions(tx, queued.site_id).of_comment(comment.id)
    assert [reason.code for reason in decision.reasons] == ["banned_author"]


def test_others_are_not_touched_by_it(
    services: Services, queued: Queued, elsewhere: Queued, ayu: str, troll: AuthorRow
) -> None:
    ban(services.store, queued.site_id, ayu, troll.id, 7, None)
    assert scored(services, queued, Author("other", "Other")).status is Status.APPROVED
    assert scored(services, elsewhere).status is Status.APPROVED


def test_a_ban_ends_by_its_time(services: Services, queued: Queued, ayu: str, troll: AuthorRow, clock: Clock) -> None:
    ban(services.store, queued.site_id, ayu, troll.id, 1, None)
    clock.forward(hours=25)
    assert scored(services, queued).status is Status.APPROVED


def test_a_ban_can_be_lifted_and_who_did_it_is_kept(
    services: Services, queued: Queued, ayu: str, bima: str, troll: AuthorRow
) -> None:
    ban(services.store, queued.site_id, ayu, troll.id, 7, "spam")
    lift(services.store, queued.site_id, bima, troll.id)
    assert scored(services, queued).status is Status.APPROVED
    [past] = bans_of(services.store, queued.site_id, troll.id)
    assert (past.user_id, past.name, past.note, past.lifted_by) == (ayu, "Ayu", "spam", bima)
    with pytest.raises(NotFound):
        lift(services.store, queued.site_id, bima, troll.id)


def test_a_second_ban_takes_the_place_of_the_first(
    store: Store, queued: Queued, ayu: str, bima: str, troll: AuthorRow, clock: Clock
) -> None:
    ban(store, queued.site_id, ayu, troll.id, 30, None)
    ban(store, queued.site_id, bima, troll.id, 7, None)
    second, first = bans_of(store, queued.site_id, troll.id)
    assert (second.user_id, second.lifted_at, first.lifted_by) == (bima, None, bima)
    assert second.until - clock.now == timedelta(days=7)


def test_comments_that_are_here_stay_as_they_are(store: Store, queued: Queued, ayu: str, troll: AuthorRow) -> None:
    comment = queued(author=TROLL)
    ban(store, queued.site_id, ayu, troll.id, 7, None)
    now = queued.now(comment.id)
    assert now.status is Status.FLAGGED
    assert now.author.banned_until is not None


@pytest.mark.parametrize("days", [0, -1, 366, 10**12])
def test_a_ban_that_cannot_be_is_refused(store: Store, queued: Queued, ayu: str, troll: AuthorRow, days: int) -> None:
    with pytest.raises(Invalid):
        ban(store, queued.site_id, ayu, troll.id, days, None)
    assert bans_of(store, queued.site_id, troll.id) == []


def test_another_sites_author_is_not_found(store: Store, queued: Queued, elsewhere: Queued, ayu: str) -> None:
    theirs = elsewhere(author=TROLL).author
    for act in (
        lambda: ban(store, queued.site_id, ayu, theirs.id, 7, None),
        lambda: lift(store, queued.site_id, ayu, theirs.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert bans_of(store, queued.site_id, theirs.id) == []


def test_an_erased_author_takes_the_bans_along(store: Store, queued: Queued, ayu: str, troll: AuthorRow) -> None:
    ban(store, queued.site_id, ayu, troll.id, 7, "their name is in here")
    assert erase_author("troll", queued.site_id, store) == 1
    assert bans_of(store, queued.site_id, troll.id) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_author_who_is_erased_while_somebody_bans_them_leaves_nothing(
    store: Store, queued: Queued, ayu: str, troll: AuthorRow
) -> None:
    with store.begin() as tx:
        bans = Bans(tx, queued.site_id)
        bans.lock_author(troll.id)
        erasing = Thread(target=erase_author, args=("troll", queued.site_id, store))
        erasing.start()
        await_lock(tx.connection)
        bans.add(troll.id, ayu, tx.now + timedelta(days=1), None)
    erasing.join(20)
    assert bans_of(store, queued.site_id, troll.id) == []
    with pytest.raises(NotFound):
        ban(store, queued.site_id, ayu, troll.id, 7, None)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_comment_that_is_erased_while_somebody_writes_about_it_leaves_nothing(
    store: Store, queued: Queued, ayu: str
) -> None:
    comment = queued()
    with store.begin() as tx:
        Comments(tx, queued.site_id).get_for_update(comment.id)
        erasing = Thread(target=erase_comment, args=(comment.id, queued.site_id, store))
        erasing.start()
        await_lock(tx.connection)
        Notes(tx, queued.site_id).add([comment.id], ayu, "x")
        Appeals(tx, queued.site_id).add(comment.id, "x")
    erasing.join(20)
    assert notes_of(store, queued.site_id, comment.id) == []
    assert appeals_of(store, queued.site_id, comment.id) == []
