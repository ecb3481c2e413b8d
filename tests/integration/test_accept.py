"""Comments are stored as pending, once."""

from service.bootstrap import Services
from service.domain.comment import Author, Status
from service.domain.decision import Action
from service.moderation.accept import accept
from service.moderation.decide import decide_by_api
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.store import Store
from service.store.comments import Comments
from service.store.rows import CommentRow
from tests.factories import a_comment


class Wakes:
    """Counts how often a worker was woken."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def stored(store: Store, site: Credentials, site_comment_id: str) -> CommentRow:
    with store.read() as tx:
        row = Comments(tx, site.site_id).by_site_id(site_comment_id)
    assert row is not None
    return row


def test_a_comment_is_pending_and_wakes_a_worker(store: Store, site: Credentials) -> None:
    wakes = Wakes()
    [accepted] = accept([a_comment(id="c1")], site.site_id, store, wakes)
    assert (accepted.status, accepted.fresh, wakes.count) == (Status.PENDING, True, 1)
    assert stored(store, site, "c1").id == accepted.id


def test_answers_come_in_the_order_sent(store: Store, site: Credentials) -> None:
    ids = [f"x{number}" for number in (5, 3, 9, 1)]
    accepted = accept([a_comment(id=id) for id in ids], site.site_id, store, Wakes())
    assert [one.site_comment_id for one in accepted] == ids


def test_the_same_comment_again_changes_nothing_and_wakes_nobody(store: Store, site: Credentials) -> None:
    comment = a_comment()
    first = accept([comment], site.site_id, store, Wakes())
    wakes = Wakes()
    [again] = accept([comment], site.site_id, store, wakes)
    assert (again.id, again.fresh, wakes.count) == (first[0].id, False, 0)


def test_another_text_under_the_same_id_is_an_edit(store: Store, site: Credentials) -> None:
    [first] = accept([a_comment(id="c1", text="satu")], site.site_id, store, Wakes())
    [edited] = accept([a_comment(id="c1", text="dua")], site.site_id, store, Wakes())
    row = stored(store, site, "c1")
    assert (edited.id, edited.fresh, row.text, row.revision) == (first.id, True, "dua", 2)


def test_the_same_id_twice_in_a_batch_is_an_edit_of_the_first(store: Store, site: Credentials) -> None:
    sent = [a_comment(id="c1", text="satu"), a_comment(id="c1", text="dua"), a_comment(id="c1", text="dua")]
    accepted = accept(sent, site.site_id, store, Wakes())
    assert [one.fresh for one in accepted] == [True, True, False]
    assert stored(store, site, "c1").revision == 2


def test_an_edit_of_a_decided_comment_is_scored_anew(services: Services, site: Credentials) -> None:
    store = services.store
    accept([a_comment(id="c1")], site.site_id, store, Wakes())
    score_batch(store, services.classifier, limit=10, lease=30)
    before = stored(store, site, "c1")
    assert before.author.approved == 1
    accept([a_comment(id="c1", text="Maaf, maksud saya lain.")], site.site_id, store, Wakes())
    pending = stored(store, site, "c1")
    assert (pending.status, pending.scores, pending.author.approved) == (Status.PENDING, None, 0)
    score_batch(store, services.classifier, limit=10, lease=30)
    assert stored(store, site, "c1").author.approved == 1


def test_an_author_keeps_what_a_later_comment_leaves_out(store: Store, site: Credentials) -> None:
    accept(
        [a_comment(id="c1", author=Author("u7", "Ayu", "ayu@mail.example", "192.0.2.7"))], site.site_id, store, Wakes()
    )
    accept([a_comment(id="c2", author=Author("u7", "Ayu Lestari"))], site.site_id, store, Wakes())
    author = stored(store, site, "c2").author
    assert (author.name, author.email, author.ip) == ("Ayu Lestari", "ayu@mail.example", "192.0.2.7")


def test_two_sites_may_use_the_same_ids(store: Store, site: Credentials, other_site: Credentials) -> None:
    [mine] = accept([a_comment(id="c1")], site.site_id, store, Wakes())
    [theirs] = accept([a_comment(id="c1")], other_site.site_id, store, Wakes())
    assert mine.id != theirs.id
    assert theirs.fresh


def test_the_counts_of_an_author_follow_each_decision(services: Services, site: Credentials) -> None:
    store = services.store
    [accepted] = accept([a_comment(id="c1")], site.site_id, store, Wakes())
    decide_by_api(accepted.id, Action.APPROVE, None, None, site.site_id, store)
    decide_by_api(accepted.id, Action.REJECT, None, None, site.site_id, store)
    author = stored(store, site, "c1").author
    assert (author.approved, author.rejected) == (0, 1)
