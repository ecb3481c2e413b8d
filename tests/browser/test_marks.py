"""An opened card that both readers scored: it is there at once, and its marks come after it."""

from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from classifier import Span
from service.store.rows import CommentRow
from service.store.tables import comments
from tests.both import Both
from tests.browser.stage import WITHOUT_HIDDEN, Stage

TEXT = "orang seperti itu sebaiknya pulang ke hutan saja"


def on_hutan(text: str, attributes: Sequence[str]) -> list[Span]:
    begin = text.index("hutan")
    return [Span(begin, begin + len("hutan"), name, 2.0) for name in attributes]


@pytest.fixture
def both(stage: Stage) -> Both:
    made = stage.services.__dict__["stack"] = Both(stage.services.classifier, spans=on_hutan)
    return made


@pytest.fixture
def read_twice(stage: Stage, queued: Callable[..., CommentRow], both: Both) -> CommentRow:
    comment = queued(text=TEXT)
    with stage.services.store.begin() as tx:
        by_both = sa.update(comments).where(comments.c.id == comment.id).values(model_version=both.version)
        tx.connection.execute(by_both)
    return comment


def test_the_marks_of_both_models_come_after_the_page(
    desk: Callable[..., Page], stage: Stage, read_twice: CommentRow
) -> None:
    page = desk("lead@news.example")
    page.goto(f"{stage.url}/desk/comments/{read_twice.id}")
    expect(page.locator(".text mark")).to_have_count(1)
    expect(page.locator(".text mark")).to_contain_text("hutan")
    expect(page.locator("#legend")).to_contain_text("Marked by both models:")
    assert page.locator(".said .text").count() == page.locator(".said .unveil").count() == 1
    assert page.locator(".text").evaluate(WITHOUT_HIDDEN) == TEXT
    assert Axe().run(page).response["violations"] == []


def test_the_first_models_marks_stay_where_the_second_fails(
    desk: Callable[..., Page], stage: Stage, read_twice: CommentRow, both: Both
) -> None:
    both.broken = True
    page = desk("lead@news.example")
    with page.expect_response("**/marks") as answered:
        page.goto(f"{stage.url}/desk/comments/{read_twice.id}")
    assert answered.value.status == 204
    assert page.locator(".text").evaluate(WITHOUT_HIDDEN) == TEXT
    expect(page.locator("#legend")).not_to_contain_text("both")
