"""Labels: one for each source, key and attribute, of this site, for as long as its comment stays."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.domain.errors import NotFound
from service.moderation.accept import accept
from service.moderation.erase import erase_comment
from service.moderation.sites import Credentials
from service.moderation.tidy import tidy
from service.store import Store
from service.store.labels import Labels, NewLabel
from service.store.tables import labels
from tests.conftest import Clock
from tests.factories import a_comment


def put(store: Store, site: Credentials, *new: NewLabel) -> int:
    with store.begin() as tx:
        return Labels(tx, site.site_id).put(new)


def kept(store: Store) -> list[tuple[str, str, float]]:
    with store.read() as tx:
        query = sa.select(labels.c.key, labels.c.attribute, labels.c.value).order_by(labels.c.key, labels.c.attribute)
        return [tuple(row) for row in tx.connection.execute(query)]


def test_the_last_label_of_a_thing_counts(store: Store, site: Credentials) -> None:
    assert put(store, site, NewLabel("perspective", "a", "TOXICITY", 1.0, "teks")) == 1
    again = NewLabel("perspective", "a", "TOXICITY", 0.0), NewLabel("perspective", "a", "TOXICITY", 0.25)
    assert put(store, site, *again, NewLabel("perspective", "a", "INSULT", 1.0)) == 2
    assert kept(store) == [("a", "INSULT", 1.0), ("a", "TOXICITY", 0.25)]
    assert put(store, site) == 0


def test_each_site_has_its_own(store: Store, site: Credentials, other_site: Credentials) -> None:
    put(store, site, NewLabel("akismet", "a", "spam", 1.0))
    put(store, other_site, NewLabel("akismet", "a", "spam", 0.0))
    assert [value for _, _, value in kept(store)] in ([1.0, 0.0], [0.0, 1.0])


def test_another_sites_comment_cant_be_labelled(store: Store, site: Credentials, other_site: Credentials) -> None:
    [comment] = accept([a_comment()], site.site_id, store, lambda: None)
    label = NewLabel("akismet", "a", "spam", 1.0, comment_id=comment.id)
    with pytest.raises(NotFound):
        put(store, other_site, label)
    assert kept(store) == []
    assert put(store, site, label) == 1


def test_a_label_goes_with_its_comment(store: Store, site: Credentials) -> None:
    [comment] = accept([a_comment()], site.site_id, store, lambda: None)
    put(
        store, site, NewLabel("akismet", "a", "spam", 1.0, comment_id=comment.id), NewLabel("akismet", "b", "spam", 1.0)
    )
    erase_comment(comment.id, site.site_id, store)
    assert kept(store) == [("b", "spam", 1.0)]


def test_a_label_of_a_text_is_kept_as_long_as_comments_are(store: Store, site: Credentials, clock: Clock) -> None:
    put(store, site, NewLabel("perspective", "old", "INSULT", 1.0, "teks"))
    put(store, site, NewLabel("perspective", "renewed", "INSULT", 1.0, "teks"))
    clock.forward(days=20)
    put(store, site, NewLabel("perspective", "renewed", "INSULT", 0.0, "teks"))
    clock.now += timedelta(days=11)
    list(tidy(store, clock, 0))
    assert len(kept(store)) == 2
    list(tidy(store, clock, 30))
    assert kept(store) == [("renewed", "INSULT", 0.0)]
