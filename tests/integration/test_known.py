"""What a process knows of authors from requests before, and that it never outlives them."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from service.domain.comment import Author
from service.domain.errors import Overtaken
from service.moderation import accept as accepting
from service.moderation.accept import accept, at_last
from service.moderation.erase import erase_author
from service.moderation.sites import Credentials
from service.store import Store, Transaction
from service.store.comments import Comments
from tests.conftest import Clock
from tests.factories import a_comment


@pytest.fixture
def elsewhere(store: Store, clock: Clock) -> Iterator[Store]:
    """The same database as another process sees it."""
    other = Store(store.url, clock)
    yield other
    other.close()


def send(store: Store, site: Credentials, id: str, **fields: str) -> None:
    author = Author(**{"id": "u1", "name": "Ayu", **fields})  # type: ignore[arg-type]
    accept([a_comment(id=id, author=author)], site.site_id, store, lambda: None)


def names(store: Store, site: Credentials) -> list[str]:
    with store.read() as tx:
        return [comment.author.name for comment in Comments(tx, site.site_id).page()]


def test_an_author_who_was_erased_elsewhere_is_made_anew(store: Store, elsewhere: Store, site: Credentials) -> None:
    send(store, site, "c1")
    send(store, site, "c2")
    erase_author("u1", site.site_id, elsewhere)
    send(store, site, "c3")
    assert names(store, site) == ["Ayu"]


def test_an_author_who_is_erased_amid_a_request_is_made_anew_by_its_second_try(
    store: Store, elsewhere: Store, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, site, "c1")
    tries = []

    def write(tx: Transaction) -> None:
        comments = Comments(tx, site.site_id)
        if not tries and not tx.sqlite:
            # between the look at the author and the commit
            check = comments._check_authors
            monkeypatch.setattr(comments, "_check_authors", lambda known: (_erase(elsewhere, site), check(known)))
        tries.append(1)
        comments.add_pending([a_comment(id="c2", author=Author(id="u1", name="Ayu"))])

    at_last(store, write)
    assert len(tries) == (1 if store.sqlite else 2)
    assert names(store, site)[0] == "Ayu"
    with store.read() as tx:
        orphans = "SELECT count(*) FROM comments WHERE author_id NOT IN (SELECT id FROM authors)"
        assert tx.connection.execute(sa.text(orphans)).scalar() == 0


def _erase(store: Store, site: Credentials) -> None:
    erase_author("u1", site.site_id, store)


def test_who_is_overtaken_every_time_says_so(store: Store) -> None:
    tries = []

    def write(_tx: Transaction) -> None:
        tries.append(1)
        raise Overtaken("again")

    with pytest.raises(Overtaken):
        at_last(store, write)
    assert len(tries) == accepting.TRIES


def test_a_new_name_is_written_though_the_old_one_is_known(store: Store, site: Credentials) -> None:
    send(store, site, "c1")
    send(store, site, "c2", name="Ayu Lestari")
    assert set(names(store, site)) == {"Ayu Lestari"}
    send(store, site, "c3")
    assert set(names(store, site)) == {"Ayu"}


def test_what_a_transaction_that_failed_would_have_made_is_not_known(store: Store, site: Credentials) -> None:
    def write(tx: Transaction) -> None:
        Comments(tx, site.site_id).add_pending([a_comment(id="c1", author=Author(id="u1", name="Ayu"))])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        at_last(store, write)
    send(store, site, "c2")
    assert names(store, site) == ["Ayu"]


def test_a_known_author_is_looked_up_again_on_sqlite_alone(store: Store, site: Credentials) -> None:
    send(store, site, "c1")
    statements: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    send(store, site, "c2")
    looked = [one for one in statements if "FROM authors" in one or "authors t" in one]
    assert bool(looked) is store.sqlite


def test_a_comment_that_is_erased_while_it_is_sent_again_is_stored_anew(
    store: Store, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, site, "c1")
    look = Comments._known
    looked: list[int] = []

    def erased_meanwhile(self: Comments, ids: list[str]) -> dict[str, object]:
        looked.append(1)
        return look(self, ids) if len(looked) > 1 else {}  # type: ignore[return-value]

    monkeypatch.setattr(Comments, "_known", erased_meanwhile)
    send(store, site, "c1")
    assert len(looked) == 2
    assert names(store, site) == ["Ayu"]


def test_a_name_is_changed_after_the_comment_is_locked(store: Store, site: Credentials) -> None:
    """As the ledger does it, so that an edit and a decision never wait for each other in a circle."""
    send(store, site, "c1")
    statements: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    accept([a_comment(id="c1", text="edited", author=Author(id="u1", name="Bayu"))], site.site_id, store, lambda: None)
    changed = next(n for n, one in enumerate(statements) if one.startswith("UPDATE authors"))
    edited = next(n for n, one in enumerate(statements) if one.startswith("UPDATE comments"))
    assert edited < changed
