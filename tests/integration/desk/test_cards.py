"""What a card tells of a comment, and what telling it costs."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import render_template_string
from flask.testing import FlaskClient

from service.bootstrap import Services
from service.domain.comment import Author, Status, Thread
from service.domain.decision import Action
from service.domain.reasons import ChosenReason
from service.moderation.accept import accept
from service.moderation.appeal import appeal
from service.moderation.ban import ban
from service.moderation.card import Card, cards
from service.moderation.marks import MOST_MARKED
from service.moderation.note import add_note
from service.moderation.report import report
from service.moderation.review import Act, Seen, review
from service.moderation.score import score_batch
from service.moderation.steer import set_reasons
from service.store import Store
from service.store.comments import Comments
from service.store.rows import CommentRow
from service.store.tables import comments
from tests.browser.stage import send
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued
from tests.integration.desk.queues import put

Browse = Callable[[str], Browser]
STORY = Thread("s", "https://news.example/s", "Harga beras")
DISGUISED = "dasar g0bl0k dan t-o-l-o-l, anjiiing!"


def nothing() -> None:
    pass


def card_of(services: Services, comment: CommentRow) -> Card:
    """The card as it stands now."""
    now = Queued(services, comment.site_id).now(comment.id)
    return cards(services.store, services.classifier, comment.site_id, [now])[0]


def decide(services: Services, who: str, comment: CommentRow, act: Act, *, as_lead: bool = False) -> None:
    now = Queued(services, comment.site_id).now(comment.id)
    review(
        services.store, nothing, comment.site_id, who, [Seen(now.id, now.revision, now.status)], act, as_lead=as_lead
    )


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(store.engine, "before_cursor_execute", note)


def everything(services: Services, queued: Queued, who: str, name: str) -> CommentRow:
    """A comment with all that a card can show."""
    thread, author = Thread(name, None, name), Author(f"u-{name}", name)
    send(services, queued.site_id, [a_comment(id=f"{name}-{n}", thread=thread, author=author) for n in range(7)])
    queued(id=name, text="lama", thread=thread, author=author, parent_id=f"{name}-0")
    comment = queued(id=name, text=DISGUISED, thread=thread, author=author, parent_id=f"{name}-0")
    send(services, queued.site_id, [a_comment(id=f"{name}-after", thread=thread)])
    decide(services, who, comment, Act(Action.REJECT, "insult"))
    for number in range(4):
        report(comment.id, f"r{number}", "insult", f"catatan {number}", queued.site_id, services.store)
        add_note(services.store, queued.site_id, who, comment.id, f"lihat {number}")
    appeal(services.store, queued.site_id, comment.id, "Tolong baca lagi.")
    ban(services.store, queued.site_id, who, comment.author.id, 3, None)
    return queued.now(comment.id)


def test_a_hand_costs_as_many_statements_as_a_card(services: Services, queued: Queued, ayu: str) -> None:
    hand = [everything(services, queued, ayu, f"n{number}") for number in range(5)]
    with counted(services.store) as for_one:
        cards(services.store, services.classifier, queued.site_id, hand[:1])
    with counted(services.store) as for_five:
        made = cards(services.store, services.classifier, queued.site_id, hand)
    assert all(one.around.parent and one.around.after and one.around.appeal and one.around.notes for one in made)
    assert len(for_five) == len(for_one)
    assert len(for_one) <= 10


def test_a_plain_card_asks_nothing_of_reports_notes_and_appeals(services: Services, queued: Queued) -> None:
    comment = queued()
    with counted(services.store) as sent:
        cards(services.store, services.classifier, queued.site_id, [comment])
    assert not re.search(r"FROM (reports|appeals)|FROM notes JOIN", " ".join(sent))
    assert len(sent) <= 5


def test_a_card_knows_what_stands_around_its_comment(services: Services, queued: Queued) -> None:
    first, second = (queued(text=text, thread=STORY) for text in ("yang pertama", "yang kedua"))
    comment = queued(thread=STORY, parent_id=first.site_comment_id)
    last = queued(thread=STORY)
    queued(thread=Thread("another", None, None))
    around = card_of(services, comment).around
    assert around.parent
    assert around.before
    assert around.after
    assert (around.parent.id, around.before.id, around.after.id) == (first.id, second.id, last.id)
    assert around.parent.text == "yang pertama"


def test_a_comment_alone_has_nothing_around_it(services: Services, queued: Queued) -> None:
    around = card_of(services, queued(thread=None, author=Author("alone", "A"))).around
    assert (around.parent, around.before, around.after, around.written) == (None, None, None, ())


def test_a_comment_that_is_erased_meanwhile_still_makes_a_card(services: Services, queued: Queued) -> None:
    comment, other = queued(thread=STORY), queued(thread=STORY)
    with services.store.begin() as tx:
        Comments(tx, queued.site_id).erase([comment.id])
    made = cards(services.store, services.classifier, queued.site_id, [comment, other])
    assert [one.comment.id for one in made] == [comment.id, other.id]
    assert made[0].around.decisions == ()


def test_what_stands_around_is_of_the_same_site(services: Services, queued: Queued, elsewhere: Queued) -> None:
    elsewhere(id="shared", thread=STORY)
    comment = queued(thread=STORY, parent_id="shared", author=Author("u1", "Ayu"))
    elsewhere(thread=STORY, author=Author("u1", "Ayu"))
    around = card_of(services, comment).around
    assert (around.parent, around.before, around.after, around.written) == (None, None, None, ())


def test_a_card_has_the_last_five_of_its_author_without_itself(services: Services, queued: Queued) -> None:
    author = Author("u9", "Sari")
    made = [queued(author=author) for _ in range(8)]
    ids = [comment.id for comment in made]
    assert [one.id for one in card_of(services, made[-1]).around.written] == ids[-2:-7:-1]
    assert [one.id for one in card_of(services, made[0]).around.written] == ids[-1:-6:-1]


def test_only_the_beginning_of_a_neighbour_is_read(services: Services, queued: Queued) -> None:
    queued(text="x" * 20_000, thread=STORY)
    before = card_of(services, queued(thread=STORY)).around.before
    assert before
    assert before.text == "x" * 600


def test_reports_are_shown_the_newest_with_their_number(browse: Browse, services: Services, queued: Queued) -> None:
    comment = queued()
    for number in range(5):
        report(comment.id, f"r{number}", "personal_data", f"nomor {number}", queued.site_id, services.store)
    assert [one.text for one in card_of(services, comment).around.reports] == ["nomor 2", "nomor 3", "nomor 4"]
    page = browse("moderator").get("/desk").text
    assert "5 readers' reports" in page
    assert "personal details" in page
    assert "nomor 4" in page


def test_notes_say_whose_they_are(browse: Browse, services: Services, queued: Queued, bima: str) -> None:
    add_note(services.store, queued.site_id, bima, queued().id, "sudah ditegur")
    page = browse("moderator").get("/desk").text
    assert "<bdi>Bima</bdi>" in page
    assert "sudah ditegur" in page


def test_an_appeal_is_shown_while_it_waits(browse: Browse, services: Services, queued: Queued, ayu: str) -> None:
    comment = queued()
    decide(services, ayu, comment, Act(Action.REJECT))
    appeal(services.store, queued.site_id, comment.id, "Saya tidak menghina.")
    page = browse("moderator").get(f"/desk/comments/{comment.id}").text
    assert "Its author asks for another look." in page
    assert "Saya tidak menghina." in page
    decide(services, ayu, comment, Act(Action.APPROVE), as_lead=True)
    assert card_of(services, comment).around.appeal is None


def test_a_card_says_what_a_colleague_decided_and_why(
    browse: Browse, services: Services, queued: Queued, bima: str
) -> None:
    set_reasons(services.store, queued.site_id, [ChosenReason("insult"), ChosenReason("advert", "iklan gelap")])
    first, second = queued(), queued(text="yang lain sama sekali")
    decide(services, bima, first, Act(Action.REJECT, "insult"))
    decide(services, bima, second, Act(Action.REJECT, "advert"))
    browser = browse("moderator")
    assert "Bima rejected it: insult" in browser.get(f"/desk/comments/{first.id}").text
    assert "Bima rejected it: iklan gelap" in browser.get(f"/desk/comments/{second.id}").text


def test_a_reason_that_a_site_has_no_more_is_said_by_its_code(
    browse: Browse, services: Services, queued: Queued, bima: str
) -> None:
    set_reasons(services.store, queued.site_id, [ChosenReason("dark_advert", "iklan gelap")])
    comment = queued()
    decide(services, bima, comment, Act(Action.REJECT, "dark_advert"))
    set_reasons(services.store, queued.site_id, [])
    assert "Bima rejected it: dark advert" in browse("moderator").get(f"/desk/comments/{comment.id}").text


def test_a_card_says_that_its_author_is_banned_while_that_lasts(
    browse: Browse, services: Services, queued: Queued, ayu: str, clock: Clock
) -> None:
    ban(services.store, queued.site_id, ayu, queued().author.id, 2, None)
    browser = browse("moderator")
    assert "Banned; ends" in browser.get("/desk").text
    clock.forward(days=2)
    browser.log_in("moderator@news.example")
    assert "Banned; ends" not in browser.get("/desk").text


def test_a_card_says_how_often_its_comment_was_edited(browse: Browse, queued: Queued) -> None:
    for text in ("satu", "dua", "tiga"):
        queued(id="edited", text=text)
    assert "edited 2 times" in browse("moderator").get("/desk").text


def test_a_comment_that_was_put_to_a_lead_says_so(browse: Browse, services: Services, queued: Queued) -> None:
    comment = queued()
    with services.store.begin() as tx:
        since = sa.update(comments).where(comments.c.id == comment.id).values(escalated_at=tx.now)
        tx.connection.execute(since)
    assert "Put to a lead" in browse("lead").get(f"/desk/comments/{comment.id}").text


def test_a_card_explains_its_place(browse: Browse, services: Services, queued: Queued, clock: Clock) -> None:
    comment = queued(risk=2.0)
    clock.forward(hours=12)
    place = card_of(services, comment).place
    assert (place.risk, place.reach_weight, place.wait_weight) == (2.0, 1.0, 2.0)
    assert "risk 2.0 × reach 1.0 × wait 2.0" in browse("moderator").get("/desk").text


def test_waiting_for_ever_is_a_number_too(services: Services, queued: Queued, clock: Clock) -> None:
    comment = queued()
    clock.forward(days=36_500)
    assert card_of(services, comment).place.wait_weight < float("inf")


@pytest.mark.parametrize("days", [60, 36_500])
def test_what_waits_for_long_is_shown(browse: Browse, queued: Queued, clock: Clock, days: int) -> None:
    queued(text="Masih menunggu")
    clock.forward(days=days)
    assert "Masih menunggu" in browse("moderator").get("/desk").text


@pytest.mark.parametrize("reach", [1e12, 1e308])
def test_what_the_whole_world_reads_is_shown(browse: Browse, store: Store, queued: Queued, reach: float) -> None:
    put(store, queued(text="Dibaca semua"), reach=reach)
    assert "Dibaca semua" in browse("moderator").get("/desk").text


def test_a_disguised_text_stands_beside_how_it_was_read(services: Services, queued: Queued) -> None:
    reading = card_of(services, queued(text=f"@budi {DISGUISED} https://x.example/a")).reading
    assert reading
    assert [(one.written, one.read) for one in reading.disguises] == [
        ("g0bl0k", "goblok"),
        ("t-o-l-o-l", "tolol"),
        ("anjiiing", "anjing"),
    ]
    assert "".join(piece.text for piece in reading.written) == f"@budi {DISGUISED} https://x.example/a"
    assert "".join(piece.text for piece in reading.read) == "@budi dasar goblok dan tolol, anjing! https://x.example/a"
    assert [piece.text for piece in reading.read if piece.differs] == ["goblok", "tolol", "anjing"]


def test_a_word_that_is_written_both_ways_is_still_disguised_once(services: Services, queued: Queued) -> None:
    reading = card_of(services, queued(text="goblok g0bl0k")).reading
    assert reading
    assert [piece.text for piece in reading.written if piece.differs] == ["g0bl0k"]


@pytest.mark.parametrize(
    "text", ["Terima kasih, Pak RT 05/09!", "covid19 Rp50.000 anak-anak", "", "\ue000 \ue001", "🤡🤡"]
)
def test_a_plain_text_is_not_shown_twice(services: Services, queued: Queued, text: str) -> None:
    assert card_of(services, queued(text=text)).reading is None


def test_a_long_disguised_text_is_shown_as_read_from_its_beginning(services: Services, queued: Queued) -> None:
    reading = card_of(services, queued(text="g0bl0k " * 2_000)).reading
    assert reading
    assert not reading.whole
    assert len("".join(piece.text for piece in reading.read)) == 2_000


def test_of_thousands_of_rude_words_the_heaviest_are_marked(services: Services, queued: Queued) -> None:
    card = card_of(services, queued(text=" ".join(f"goblok dan kata{number}" for number in range(800))))
    assert 1 <= sum(segment.mark is not None for segment in card.segments) <= MOST_MARKED
    assert "".join(segment.text for segment in card.segments) == card.comment.text


def test_the_worst_texts_are_marked_for_the_veil(browse: Browse, services: Services, queued: Queued) -> None:
    mild = queued(id="mild", text="baik", author=Author("u1", "A"), thread=None)
    harsh = queued(id="harsh", text="kasar", author=Author("u2", "B"), thread=None)
    with services.store.begin() as tx:
        worst = sa.update(comments).where(comments.c.id == harsh.id).values(scores={"threat": 0.6})
        tx.connection.execute(worst)
    browser = browse("viewer")
    assert '<div class="text veil" data-veil="worst"' in browser.get(f"/desk/comments/{harsh.id}").text
    assert 'data-veil="worst"' not in browser.get(f"/desk/comments/{mild.id}").text
    reply = queued(text="balasan", parent_id="harsh", author=Author("u1", "A"), thread=None)
    page = browser.get(f"/desk/comments/{reply.id}").text
    assert '<p class="words veil" data-veil="worst" dir="auto">kasar</p>' in page
    assert '<div class="text veil" dir="auto"' in page


def test_images_and_links_in_a_text_stay_text(browse: Browse, services: Services, queued: Queued) -> None:
    evil = (
        '<img src="https://evil.example/a.png"> https://evil.example/b ![x](https://evil.example/c.png) '
        "<a href='javascript:alert(1)'>g0bl0k</a> data:text/html,x"
    )
    queued(id="parent", text=evil, thread=STORY)
    comment = queued(text=evil, thread=STORY, parent_id="parent", author=Author("u", evil))
    queued(text=evil, thread=STORY)
    report(comment.id, "r", evil[:100], evil, queued.site_id, services.store)
    browser = browse("moderator")
    for path in ("/desk", f"/desk/comments/{comment.id}", f"/desk/authors/{comment.author.id}"):
        page = browser.get(path).text
        assert "evil.example" in page
        assert not re.search(r"<img|<a href='|\b(src|href|action)=\"[^\"]*evil", page), path


def test_readers_reports_are_a_reason_to_look(browse: Browse, services: Services, queued: Queued) -> None:
    comment = queued()
    with services.store.begin() as tx:
        tx.connection.execute(sa.update(comments).where(comments.c.id == comment.id).values(reported_at=tx.now))
    assert "Readers reported it. Flagged for insult (90%)." in browse("moderator").get("/desk").text


def test_an_approved_comment_says_that_no_rule_asked(browse: Browse, services: Services, queued: Queued) -> None:
    [accepted] = accept([a_comment()], queued.site_id, services.store, nothing)
    score_batch(services.store, services.classifier, limit=1, lease=30)
    assert queued.status(accepted.id) is Status.APPROVED
    assert "No rule asked for a look at it." in browse("viewer").get(f"/desk/comments/{accepted.id}").text


@pytest.mark.parametrize(("alike", "said"), [(0, None), (1, "+ 1 alike"), (12, "+ 12 alike")])
def test_a_card_says_how_many_are_like_it(
    services: Services, queued: Queued, client: FlaskClient, alike: int, said: str | None
) -> None:
    made = card_of(services, queued())
    with client.application.test_request_context("/desk"):
        page = render_template_string(
            '{% from "desk/_card.html" import card with context %}{{ card(one, alike=alike) }}', one=made, alike=alike
        )
    assert (said in page) if said else "alike" not in page


@pytest.mark.parametrize(
    ("source", "went_by", "said"),
    [
        (None, None, None),
        ("coral", None, "came by Coral"),
        ("hyvor", None, "came by Hyvor Talk"),
        ("of a later version", None, "came by of a later version"),
        ("akismet", "open", "Was published before it could be scored"),
        ("coral", "closed", "Was held because it could not be scored in time"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_card_says_by_which_service_it_came_and_whether_it_went_by_unscored(
    browse: Browse, queued: Queued, source: str | None, went_by: str | None, said: str | None
) -> None:
    comment = queued(source=source, went_by=went_by)
    moderator = browse("moderator")
    for page in (moderator.get("/desk").text, moderator.get(f"/desk/comments/{comment.id}").text):
        phrases = ("came by", "Was published", "Was held")
        assert any(phrase in page for phrase in phrases) == (said is not None)
        assert said is None or said in page
