"""Comments of another platform, told as they stood at some time, in any order: on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from service.moderation.follow import follow, follow_deletion
from service.moderation.sites import Credentials
from service.store import Store
from service.store.comments import Comments
from service.store.receipts import Receipt, Receipts
from tests.factories import a_comment

AT = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def text_of(store: Store, site: Credentials, id: str) -> str | None:
    with store.read() as tx:
        comment = Comments(tx, site.site_id).by_site_id(id)
    return comment and comment.text


def tell(store: Store, site: Credentials, text: str, as_of: datetime) -> bool:
    return bool(follow(a_comment(id="c", text=text), as_of, site.site_id, store, lambda: None))


def test_the_latest_state_stands_whatever_came_last(store: Store, site: Credentials) -> None:
    told = [tell(store, site, f"as of {seconds}", after(seconds)) for seconds in (2, 1, 3, 3, 2.5)]
    assert told == [True, False, True, True, False]
    assert text_of(store, site, "c") == "as of 3"


def test_after_a_deletion_only_what_is_later_comes_back(store: Store, site: Credentials) -> None:
    tell(store, site, "there", after(1))
    follow_deletion("c", after(10), site.site_id, store, by_author=True)
    assert not tell(store, site, "there", after(1))
    assert text_of(store, site, "c") is None
    assert tell(store, site, "back", after(11))
    assert text_of(store, site, "c") == "back"


def test_a_deletion_may_come_before_what_it_deletes(store: Store, site: Credentials) -> None:
    follow_deletion("c", after(10), site.site_id, store, by_author=True)
    assert not tell(store, site, "there", after(1))


def test_sites_follow_apart_and_from_their_own_webhooks(
    store: Store, site: Credentials, other_site: Credentials
) -> None:
    follow_deletion("c", after(10), other_site.site_id, store, by_author=True)
    with store.begin() as tx:
        assert Receipts(tx, site.site_id).take("c", after(20)) is Receipt.NEW
    assert tell(store, site, "there", after(1))


def test_many_at_once_leave_the_latest(store: Store, site: Credentials) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda second: tell(store, site, f"as of {second}", after(second)), [*range(20), *range(20)]))
    assert text_of(store, site, "c") == "as of 19"
