"""Looking for words: by full text in what is flagged, letter by letter elsewhere."""

import pytest

from service.domain.comment import Author
from service.domain.decision import Action
from service.domain.view import QueueName, View
from service.moderation.accept import accept
from service.moderation.queue import deal, listed, search, size
from service.moderation.review import Act, Seen, review
from service.store import Store
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import dealt, ids, put

TEXT = "Dasar GOBLOK kalian, naïve dan 100% tukang-tipu! Lihat https://spam.example/murah"


FOUND = (
    "goblok",
    "Goblok",
    "kalian dasar",
    "dasar gob",
    "gob",
    "100",
    "  tipu   goblok ",
    "100%",
    "tukang-tipu",
    "spam.example/mu",
    "BLOK KALIAN,",
)

NOT_FOUND = (
    "gob dasar",
    "lok",
    "goblok semua",
    '"goblok',
    "goblok*",
    "NOT goblok",
    "goblok OR halo",
    "goblok AND",
    "text:goblok",
    "NEAR(goblok dasar)",
    "goblok:*",
    "goblok' & '",
    "!goblok",
    "(goblok",
    "goblok\\",
    "_",
    "^goblok",
    "½",
    "٣",
    "😀",
    "e\u0301",
    "\u200d",
)


def test_words_are_found_in_any_order_the_last_by_its_beginning_and_signs_letter_by_letter(
    store: Store, queued: Queued
) -> None:
    wanted, _other = queued(text=TEXT), queued(text="Halo semua")
    found = {words: ids(search(store, queued.site_id, words)) for words in FOUND}
    assert found == {words: [wanted.id] for words in FOUND}


def test_signs_of_query_languages_mean_nothing_but_themselves(store: Store, queued: Queued) -> None:
    queued(text=TEXT)
    assert [words for words in NOT_FOUND if search(store, queued.site_id, words)] == []


def test_an_authors_name_is_found_by_any_part_of_it(store: Store, queued: Queued) -> None:
    wanted, _other = queued(author=Author("x", "Sri Rejeki")), queued()
    assert ids(search(store, queued.site_id, "i rej")) == [wanted.id]


def test_what_has_words_in_text_and_name_is_found_once(store: Store, queued: Queued) -> None:
    wanted = queued(text="Ayu di sini")
    assert ids(search(store, queued.site_id, "ayu")) == [wanted.id]


def test_the_worst_is_found_first(store: Store, queued: Queued) -> None:
    mild, worst = queued(text="goblok", risk=1.0), queued(text="goblok", risk=2.0)
    assert ids(search(store, queued.site_id, "goblok")) == [worst.id, mild.id]
    assert ids(search(store, queued.site_id, "goblok", limit=1)) == [worst.id]


def test_words_of_another_site_are_not_found(store: Store, queued: Queued, elsewhere: Queued) -> None:
    elsewhere(text="goblok", author=Author("x", "Sri"))
    assert search(store, queued.site_id, "goblok") == []
    assert search(store, queued.site_id, "sri") == []
    assert search(store, queued.site_id, "gob!") == []


def test_what_is_decided_is_no_longer_found_and_comes_back_when_flagged_again(store: Store, queued: Queued) -> None:
    comment = queued(text="goblok")
    put(store, comment, status="approved")
    assert search(store, queued.site_id, "goblok") == []
    put(store, comment, status="flagged")
    assert ids(search(store, queued.site_id, "goblok")) == [comment.id]


def test_a_new_text_is_found_by_its_own_words(store: Store, queued: Queued) -> None:
    comment = queued(text="goblok")
    put(store, comment, text="halo")
    assert search(store, queued.site_id, "goblok") == []
    assert ids(search(store, queued.site_id, "halo")) == [comment.id]


@pytest.mark.parametrize("queue", [QueueName.REPORTED, QueueName.APPEALS])
def test_texts_that_are_not_flagged_are_searched_letter_by_letter(
    store: Store, queued: Queued, ayu: str, clock: Clock, queue: QueueName
) -> None:
    wanted, other = queued(text="Dasar goblok"), queued(text="halo")
    since = "reported_at" if queue is QueueName.REPORTED else "appealed_at"
    put(store, wanted, other, status="approved", **{since: clock.now})
    assert dealt(deal(store, queued.site_id, ayu, view=View(queue=queue, words="OBLO"))) == [wanted.id]


def test_what_is_pending_is_searched_letter_by_letter(store: Store, queued: Queued) -> None:
    wanted, _other = accept([a_comment(text="goblok"), a_comment()], queued.site_id, store, lambda: None)
    view = View(queue=QueueName.PENDING, words="oblo")
    assert ids(listed(store, queued.site_id, view).comments) == [wanted.id]
    assert size(store, queued.site_id, view) == 1


def test_what_is_decided_is_searched_letter_by_letter(store: Store, queued: Queued, ayu: str) -> None:
    wanted, other = queued(text="goblok"), queued()
    seen = [Seen(comment.id, 1, comment.status) for comment in (wanted, other)]
    review(store, lambda: None, queued.site_id, ayu, seen, Act(Action.REJECT))
    view = View(queue=QueueName.DECIDED, words="oblo")
    assert ids(listed(store, queued.site_id, view).comments) == [wanted.id]
    assert size(store, queued.site_id, view) == 1


def test_letter_by_letter_only_so_many_are_looked_at(
    store: Store, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.viewed.LOOKED_AT", 1)
    _old, new = queued(text="goblok!"), queued(text="goblok!")
    assert ids(search(store, queued.site_id, "goblok!")) == [new.id]
    assert len(search(store, queued.site_id, "goblok")) == 2
