"""What commenters and colleagues write is shown as they wrote it and never run: texts, names and addresses of OWASP's classes."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page

from service.domain.comment import Author, NewComment, Thread
from service.domain.decision import Action
from service.moderation.look_up import REMARKS
from service.moderation.note import add_note
from service.moderation.queue import MAX_HAND, deal
from service.moderation.report import report
from service.moderation.review import Act
from service.moderation.sign_in import sign_in
from service.store.rows import CommentRow
from tests.browser.furnish import decide, edited, furnish, people, visited
from tests.browser.hostile import addresses, corpus, texts
from tests.browser.stage import PASSWORD, Stage, put_all_in_queue
from tests.browser.watch import strange, width

PHONE = {"width": 360, "height": 780}
TOGETHER = 50
"""Comments in one thread; as many as a list has on a page."""

WHOLE = 380
"""Characters that a list shows at least."""

AS_SEEN = """(elements) => elements.map((element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".vh").forEach((one) => one.remove());
    return [copy.textContent, [...new Set([...copy.querySelectorAll("*")].map((one) => one.localName))].join()];
})"""
"""Script for the texts of elements as they are seen, with the names of what is inside."""

Desk = Callable[..., Page]


@pytest.fixture
def hostile(stage: Stage) -> list[CommentRow]:
    """The whole corpus in the queue, with names, titles and addresses from it, too."""
    every, urls = texts(), addresses()

    def other(number: int) -> str:
        return every[(number * 7 + 3) % len(every)]

    comments = [
        NewComment(
            f"h{number}",
            text,
            Author(f"u{number // 2}", other(number)[:200], f"{other(number + 1)[:100]}@x", "192.0.2.1"),
            Thread(f"t{number // TOGETHER}", urls[number % len(urls)][:2000], other(number + 2)[:500]),
            parent_id=f"h{number - 1}" if number % TOGETHER else None,
            url=urls[(number + 1) % len(urls)][:2000],
        )
        for number, text in enumerate(every)
    ]
    return put_all_in_queue(stage.services, stage.site.site_id, comments)


def as_parsed(text: str) -> str:
    """What a browser makes of line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(page: Page, selector: str) -> list[str]:
    """The texts under this selector; nothing but our marks may be inside, of words that count and of disguised letters."""
    found = page.eval_on_selector_all(selector, AS_SEEN)
    assert {name for _text, inside in found for name in inside.split(",")} <= {"", "mark", "u"}, page.url
    return [text for text, _inside in found]


def harmless(page: Page) -> None:
    """Nothing of theirs is part of the page, and the page is as wide as the phone."""
    assert strange(page) == [], page.url
    assert width(page) <= PHONE["width"], page.url


def test_the_corpus_has_500_texts_of_all_classes() -> None:
    assert len(texts()) >= 500
    assert min(len(of_class) for of_class in corpus().values()) >= 10


def test_cards_show_them_as_they_are_written(stage: Stage, hostile: list[CommentRow], desk: Desk) -> None:
    """As many on a page as one hand can hold, all made visible; between the pages they are decided."""
    store, site_id, ayu = stage.services.store, stage.site.site_id, people(stage)["ayu@news.example"]
    page = desk(viewport=PHONE)
    left = {comment.id: comment for comment in hostile}
    while left:
        deal(store, site_id, ayu, size=MAX_HAND)
        page.reload()
        page.wait_for_selector("#hand[data-waiting='0']", state="attached")
        ids = page.eval_on_selector_all("#hand .card", "(cards) => cards.map((card) => card.dataset.comment)")
        assert ids, f"{len(left)} were never dealt"
        page.eval_on_selector_all("#hand .card", "(cards) => cards.forEach((card) => (card.hidden = false))")
        assert shown(page, "#hand .card .text") == [as_parsed(left[id].text) for id in ids]
        harmless(page)
        decide(stage, ayu, [left.pop(id) for id in ids], Act(Action.APPROVE))


def test_conversations_and_lists_show_them_as_they_are_written(
    stage: Stage, hostile: list[CommentRow], desk: Desk
) -> None:
    decide(stage, people(stage)["ayu@news.example"], hostile[::2], Act(Action.REJECT))
    page = desk("lead@news.example", viewport=PHONE)
    threads = [f"/desk/threads/{comment.thread.id}" for comment in hostile[::TOGETHER] if comment.thread]
    for paths, wanted in ((threads, hostile), (["/desk/list?queue=decided"], hostile[::2])):
        missing = {as_parsed(comment.text)[:WHOLE] for comment in wanted}
        left = [*paths]
        while left:
            page.goto(stage.url + left.pop())
            harmless(page)
            missing -= {text[:WHOLE] for text in shown(page, "main .words")}
            more = page.locator("main a[rel=next]")
            left += [more.get_attribute("href") or ""] if more.count() else []
        assert missing == set()


def test_notes_reports_and_earlier_texts_are_shown_as_they_are_written(
    stage: Stage, hostile: list[CommentRow], desk: Desk
) -> None:
    store, site_id = stage.services.store, stage.site.site_id
    bima = people(stage)["bima@news.example"]
    page = desk("lead@news.example", viewport=PHONE)
    every = [text for text in texts() if text.strip() and len(text) <= 2_000]
    for begin in range(0, len(every), REMARKS):
        target, some = hostile[begin], every[begin : begin + REMARKS]
        for number, text in enumerate(some):
            add_note(store, site_id, bima, target.id, text)
            report(target.id, f"{number}{text}"[:200], text[:100], text[:500], site_id, store)
        edited(stage, target, some[0])
        page.goto(f"{stage.url}/desk/comments/{target.id}")
        harmless(page)
        remarks = {" ".join(text.split()) for text in shown(page, "main .remark, main .words, main .text")}
        missing = [text for text in some if " ".join(as_parsed(text).split()) not in remarks]
        assert missing == []


def test_every_page_bears_them_wherever_people_write(stage: Stage, hostile: list[CommentRow], desk: Desk) -> None:
    turn = count()
    every = [text for text in texts() if text.strip()]

    def say(most: int) -> str:
        fitting = every[next(turn) * 13 % len(every) :]
        return next(text for text in (*fitting, "<script>alert(1)</script>") if len(text) <= most)

    made = furnish(stage, hostile, say)
    for _place, page in visited(stage, made, desk, viewport=PHONE):
        harmless(page)


def test_what_a_browser_calls_itself_is_shown_and_not_run(stage: Stage, desk: Desk) -> None:
    page = desk("lead@news.example", viewport=PHONE)
    for text in texts()[::12]:
        sign_in(stage.services.store, "lead@news.example", PASSWORD, text)
    page.goto(f"{stage.url}/settings/account")
    harmless(page)
