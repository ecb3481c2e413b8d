"""A card says which of the two readers made its scores, and an opened one is marked by both."""

import re
from collections.abc import Callable, Sequence
from html import unescape

import pytest
import sqlalchemy as sa

from classifier import Span
from service.bootstrap import Services
from service.store.rows import CommentRow
from service.store.tables import comments
from tests.both import Both
from tests.conftest import one_database
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued

pytestmark = one_database

Browse = Callable[[str], Browser]
TEXT = "orang seperti itu sebaiknya pulang ke hutan saja"


def on_hutan(text: str, attributes: Sequence[str]) -> list[Span]:
    """What words weigh, to somebody who understands them."""
    begin = text.index("hutan")
    return [Span(begin, begin + len("hutan"), name, 2.0) for name in attributes]


@pytest.fixture
def both(services: Services) -> Both:
    """Both readers, with a way of their own to weigh words."""
    made = services.__dict__["stack"] = Both(services.classifier, spans=on_hutan)
    return made


@pytest.fixture
def read_twice(services: Services, queued: Queued, both: Both) -> CommentRow:
    """A comment in the queue that both have scored."""
    comment = queued(text=TEXT)
    with services.store.begin() as tx:
        by_both = sa.update(comments).where(comments.c.id == comment.id).values(model_version=both.version)
        tx.connection.execute(by_both)
    return queued.now(comment.id)


def marked(page: str) -> list[str]:
    return [unescape(word) for word in re.findall(r"<mark [^>]*>([^<]*)<", page)]


def plain(page: str) -> str:
    """What is seen of a page."""
    return re.sub(r"<span class=\"vh\">[^<]*</span>|<[^>]+>", "", page)


def test_a_card_says_that_both_have_scored_it_and_names_them(
    browse: Browse, read_twice: CommentRow, both: Both
) -> None:
    browser = browse("moderator")
    for path in ("/desk", f"/desk/comments/{read_twice.id}"):
        page = browser.get(path).text
        assert f'title="{", ".join(both.readers)}">Scored by both models' in page, path


def test_a_card_says_so_in_indonesian(browse: Browse, read_twice: CommentRow) -> None:
    page = browse("viewer").get(f"/desk/comments/{read_twice.id}", headers={"Accept-Language": "id"}).text
    assert "Dinilai oleh kedua model" in page


def test_a_card_says_that_the_first_has_scored_it_alone_where_there_are_two(
    browse: Browse, services: Services, queued: Queued
) -> None:
    comment = queued(text=TEXT)
    browser = browse("moderator")
    line = f'title="{services.classifier.version}">Scored by the first model alone'
    assert line in browser.get(f"/desk/comments/{comment.id}").text
    assert line not in browser.get("/desk").text
    services.__dict__["stack"] = Both(services.classifier)
    assert line in browser.get("/desk").text


def test_an_opened_card_is_there_at_once_and_asks_for_its_marks(
    browse: Browse, read_twice: CommentRow, both: Both
) -> None:
    page = browse("viewer").get(f"/desk/comments/{read_twice.id}").text
    assert f'hx-get="/desk/comments/{read_twice.id}/marks" hx-trigger="load"' in page
    assert "htmx.min.js" in page
    assert both.occluded == []
    assert "hutan" not in marked(page)


def test_its_marks_are_the_words_that_both_readers_go_by(browse: Browse, read_twice: CommentRow, both: Both) -> None:
    marks = browse("viewer").get(f"/desk/comments/{read_twice.id}/marks").text
    assert marked(marks) == ["hutan"]
    assert "Marked by both models:" in marks
    assert 'id="legend" hx-swap-oob="true"' in marks
    assert both.occluded == [(TEXT, ("insult",), 1.0)]
    # it is the text and asks for nothing more
    assert plain(marks).strip().startswith(TEXT)
    assert "hx-get" not in marks


def test_a_veiled_text_stays_veiled_with_its_new_marks(
    browse: Browse, services: Services, read_twice: CommentRow
) -> None:
    with services.store.begin() as tx:
        worst = sa.update(comments).where(comments.c.id == read_twice.id).values(scores={"insult": 0.9, "threat": 0.9})
        tx.connection.execute(worst)
    marks = browse("viewer").get(f"/desk/comments/{read_twice.id}/marks").text
    assert '<div class="text veil" data-veil="worst"' in marks


@pytest.mark.parametrize("gone", ["none", "broken", "busy"])
def test_the_first_readers_marks_stay_where_both_cant_tell(
    browse: Browse, services: Services, read_twice: CommentRow, both: Both, gone: str
) -> None:
    browser, path = browse("viewer"), f"/desk/comments/{read_twice.id}"
    if gone == "none":
        services.__dict__["stack"] = None
    both.broken = gone == "broken"
    free = services.second_reader._free
    if gone == "busy":
        assert free.acquire(blocking=False)
    try:
        answer = browser.get(f"{path}/marks")
    finally:
        if gone == "busy":
            free.release()
    assert (answer.status_code, answer.text) == (204, "")
    assert TEXT in plain(browser.get(path).text)


def test_a_card_that_the_first_has_scored_alone_is_marked_by_it(browse: Browse, queued: Queued, both: Both) -> None:
    comment = queued(text=TEXT)
    browser = browse("viewer")
    assert "hx-get" not in browser.get(f"/desk/comments/{comment.id}").text
    assert browser.get(f"/desk/comments/{comment.id}/marks").status_code == 204
    assert both.occluded == []


def test_another_sites_card_is_not_marked_for_anybody(
    browse: Browse, services: Services, elsewhere: Queued, both: Both
) -> None:
    comment = elsewhere(text=TEXT)
    assert browse("admin").get(f"/desk/comments/{comment.id}/marks").status_code == 404
    assert both.occluded == []


def test_cards_of_the_queue_ask_for_nothing(browse: Browse, read_twice: CommentRow, both: Both) -> None:
    assert "/marks" not in browse("moderator").get("/desk").text
    assert both.occluded == []


def test_the_policys_page_says_which_models_make_the_scores(browse: Browse, services: Services, both: Both) -> None:
    browser = browse("lead")
    assert f"{services.classifier.version} reads every comment, reader-1 also" in browser.get("/settings/policy").text
    services.__dict__["stack"] = None
    page = browser.get("/settings/policy").text
    assert f"One model makes the scores: {services.classifier.version}. There is no second one (" in page
