"""What a card looks like: it fits a screen, and nothing that a commenter writes breaks it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from service.domain.comment import Author, Thread
from service.moderation.report import report
from service.store.rows import CommentRow
from tests.browser.stage import Stage

STORY = Thread(
    "s", "https://news.example/s", "Harga beras naik lagi, pemerintah janji operasi pasar di tiga puluh kota"
)
RUDE = "Kamu itu g0bl0k dan t-o-l-o-l, dasar anjiiing! Baca dulu https://news.example/x baru ngomong."

BROKEN = {
    "a word without end": {"text": "W" * 3_000},
    "a name without end": {"author": Author("n", "N" * 200)},
    "a story without title": {
        "thread": Thread("https://x.example/" + "a" * 1_500, "https://x.example/" + "a" * 1_500, None)
    },
    "right to left": {"text": "هذا تعليق سيء جدا", "author": Author("r", "محمد\u202e عبد")},
    "letters on letters": {"text": "g0bl0k " + "x" + "\u0353\u033d\u033e" * 200},
    "a disguise without end": {"text": "g0bl0k" * 500},
}

WIDTH = "document.documentElement.scrollWidth"


def test_a_card_fits_a_screen(desk: Callable[..., Page], stage: Stage, queued: Callable[..., CommentRow]) -> None:
    queued(id="parent", text="Menurut saya kenaikan ini wajar, petani harus untung juga.", thread=STORY)
    comment = queued(text=RUDE, thread=STORY, parent_id="parent", risk=5.0)
    queued(text="Sopan ya.", thread=STORY)
    report(comment.id, "r", "insult", "kasar sekali", stage.site.site_id, stage.services.store)
    page = desk()
    card, bar = page.locator(".card:not([hidden])").bounding_box(), page.locator("#actions").bounding_box()
    assert card
    assert bar
    assert card["y"] + card["height"] <= bar["y"]


@pytest.mark.parametrize("what", BROKEN)
def test_no_comment_breaks_the_page(
    desk: Callable[..., Page], queued: Callable[..., CommentRow], stage: Stage, what: str
) -> None:
    comment = queued(**BROKEN[what])
    assert comment.thread
    page = desk(viewport={"width": 360, "height": 780})
    paths = ("", f"/comments/{comment.id}", f"/authors/{comment.author.id}", f"/threads/{comment.thread.id}")
    for path in paths:
        page.goto(f"{stage.url}/desk{path}")
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        assert page.evaluate(WIDTH) <= 360, path


def test_single_pages_have_no_barriers(
    desk: Callable[..., Page], stage: Stage, queued: Callable[..., CommentRow]
) -> None:
    queued(id="edited", text="lama", thread=STORY)
    comment = queued(id="edited", text=RUDE, thread=STORY)
    queued(text="Sopan ya.", thread=STORY, parent_id="edited")
    report(comment.id, "r", "insult", "kasar sekali", stage.site.site_id, stage.services.store)
    page = desk("lead@news.example")
    assert comment.thread
    author = f"authors/{comment.author.id}"
    for path in (f"comments/{comment.id}", author, f"{author}/hide", f"threads/{comment.thread.id}?at={comment.id}"):
        page.goto(f"{stage.url}/desk/{path}")
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_a_neighbour_is_unfolded_by_key(desk: Callable[..., Page], queued: Callable[..., CommentRow]) -> None:
    queued(text="Yang sebelumnya, dengan banyak kata.", thread=STORY)
    queued(text=RUDE, thread=STORY, risk=5.0)
    page = desk()
    page.locator(".card:not([hidden]) .beside summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".card:not([hidden]) .beside .words").is_visible()
