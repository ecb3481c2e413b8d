"""Texts that hurt are blurred until somebody asks to read them; breaks are suggested; nothing of a comment is ever loaded."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.domain.preferences import Blur, Preferences
from service.moderation import card
from service.moderation.accept import accept
from service.moderation.kindness import choose
from service.moderation.record import record
from service.moderation.sign_in import sign_in, who
from service.store.comments import Comments
from service.store.ledger import Ruling
from tests.browser.stage import PASSWORD, Stage
from tests.factories import a_comment

Desk = Callable[..., Page]
Put = Callable[..., str]
TEXT = "#hand .card:not([hidden]) .text"
BUTTON = "#hand .card:not([hidden]) .unveil"
MINUTE = 60_000


@pytest.fixture
def put(stage: Stage) -> Put:
    """Puts a comment with these scores into the queue; its id."""

    def flagged(text: str = "Awas kamu nanti malam.", risk: float = 1.0, **scores: float) -> str:
        services, site_id = stage.services, stage.site.site_id
        added = accept([a_comment(text=text)], site_id, services.store, lambda: None)[0]
        why = (Reason("score", Action.FLAG, "threat", 0.9, 0.5),)
        with services.store.begin() as tx:
            comment = Comments(tx, site_id).get(added.id)
            assert comment
            kept = Scores(scores, "id", "m")
            record(tx, site_id, [Ruling(comment, Action.FLAG, Actor.POLICY, why, scores=kept, risk=risk)])
        return added.id

    return flagged


def choose_for(stage: Stage, preferences: Preferences, email: str = "ayu@news.example") -> None:
    person = who(stage.services.store, sign_in(stage.services.store, email, PASSWORD))
    assert person
    choose(stage.services.store, person.id, preferences)


def blurred(text: Locator) -> bool:
    return bool(text.evaluate("(text) => getComputedStyle(text).filter !== 'none'"))


def expect_blurred(text: Locator) -> None:
    expect(text).to_have_css("filter", "blur(8.96px)")


def expect_clear(text: Locator) -> None:
    expect(text).to_have_css("filter", "none")


def test_the_worst_is_blurred_until_v_is_held(put: Put, desk: Desk) -> None:
    put(threat=0.9)
    page = desk()
    assert blurred(page.locator(TEXT))
    page.keyboard.down("v")
    expect_clear(page.locator(TEXT))
    page.keyboard.up("v")
    expect_blurred(page.locator(TEXT))


def test_what_is_not_of_the_worst_is_clear(put: Put, desk: Desk) -> None:
    put(threat=card.WORST_FROM - 0.01, insult=0.99)
    page = desk()
    expect_clear(page.locator(TEXT))
    expect(page.locator(BUTTON)).to_be_hidden()


@pytest.mark.parametrize(
    ("blur", "expected"),
    [(Blur.NEVER, [False, False]), (Blur.WORST, [True, False]), (Blur.ALL, [True, True])],
)
def test_each_moderator_chooses_what_is_blurred(
    stage: Stage, put: Put, desk: Desk, blur: Blur, expected: list[bool]
) -> None:
    put(risk=2, threat=0.9)
    put(risk=1, insult=0.9)
    choose_for(stage, Preferences(blur))
    page = desk()
    found = []
    for _ in range(2):
        found.append(blurred(page.locator(TEXT)))
        assert page.locator(BUTTON).is_visible() is found[-1]
        page.keyboard.press("j")
    assert found == expected
    assert {blurred(row) for row in page.locator("#rail .excerpt").all()} == set(expected)


def test_screen_readers_read_what_is_blurred(put: Put, desk: Desk) -> None:
    put("Awas kamu, nanti malam.", threat=0.9)
    page = desk()
    assert blurred(page.locator(TEXT))
    assert "- mark: malam" in page.locator("#hand").aria_snapshot()


def test_the_button_held_shows_and_clicked_keeps_until_the_next_card(put: Put, desk: Desk) -> None:
    put(risk=2, threat=0.9)
    put(risk=1, threat=0.9)
    page = desk()
    box = page.locator(BUTTON).bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.wait_for_timeout(400)
    expect_clear(page.locator(TEXT))
    page.mouse.up()
    expect_blurred(page.locator(TEXT))
    page.click(BUTTON)
    page.mouse.move(5, 5)
    expect_clear(page.locator(TEXT))
    expect(page.locator(BUTTON)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("a")
    expect_blurred(page.locator(TEXT))
    expect(page.locator(BUTTON)).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_the_button_works_by_keyboard_alone(stage: Stage, put: Put, desk: Desk, key: str) -> None:
    put(threat=0.9)
    choose_for(stage, Preferences(single_keys=False))
    page = desk()
    page.keyboard.down("v")
    expect_blurred(page.locator(TEXT))
    page.keyboard.up("v")
    page.locator(BUTTON).focus()
    page.keyboard.down(key)
    page.wait_for_timeout(400)
    expect_clear(page.locator(TEXT))
    page.keyboard.up(key)
    expect_blurred(page.locator(TEXT))
    page.keyboard.press(key)
    expect_clear(page.locator(TEXT))
    page.keyboard.press(key)
    expect_blurred(page.locator(TEXT))


def test_a_finger_on_the_text_shows_it_while_it_lies_there(put: Put, desk: Desk) -> None:
    put(threat=0.9)
    page = desk(viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    finger = {"pointerType": "touch", "bubbles": True, "isPrimary": True}
    assert blurred(page.locator(TEXT))
    page.locator(TEXT).dispatch_event("pointerdown", finger)
    expect_clear(page.locator(TEXT))
    page.wait_for_timeout(400)
    page.locator(TEXT).dispatch_event("pointerup", finger)
    assert blurred(page.locator(TEXT))


def test_v_is_a_letter_where_one_types(put: Put, desk: Desk) -> None:
    put(threat=0.9)
    page = desk()
    page.focus("#search")
    page.keyboard.down("v")
    expect_blurred(page.locator(TEXT))
    page.keyboard.up("v")
    expect(page.locator("#search")).to_have_value("v")


def test_a_list_is_blurred_too_and_has_a_button(stage: Stage, put: Put, desk: Desk) -> None:
    put(threat=0.9)
    page = desk()
    page.goto(f"{stage.url}/desk/search?q=awas")
    words = page.locator(".list .words")
    assert blurred(words)
    page.click("#veiled .unveil")
    expect_clear(words)


def test_nothing_that_a_comment_names_is_loaded(put: Put, desk: Desk, stage: Stage) -> None:
    """A request to elsewhere fails the test: the `desk` fixture minds them."""
    hostile = "![x](http://evil.example/a.png) <img src=http://evil.example/b.png> https://evil.example/c.jpg www.evil.example"
    comment_id = put(hostile, threat=0.9)
    page = desk()
    page.keyboard.down("v")
    for path in ("/desk", f"/desk/comments/{comment_id}", "/desk/search?q=evil"):
        page.goto(stage.url + path)
        assert (
            page.locator("img, iframe, video, audio, object, embed, link[rel=prefetch], link[rel=preconnect]").count()
            == 0
        )
        assert page.locator(".text a, .words a").count() == 0
        assert page.locator("meta[http-equiv=x-dns-prefetch-control][content=off]").count() == 1


def work(page: Page, minutes: int) -> None:
    """Give a sign of life each minute."""
    for _ in range(minutes):
        page.clock.run_for(MINUTE)
        page.keyboard.press("Shift")


def test_after_long_work_a_break_is_suggested_and_stands_in_nobodys_way(stage: Stage, put: Put, desk: Desk) -> None:
    choose_for(stage, Preferences(break_minutes=10))
    put(risk=2, insult=0.9)
    put(risk=1, insult=0.9)
    page = desk()
    page.clock.install()
    page.reload()
    work(page, 9)
    expect(page.locator("#rest")).to_be_hidden()
    work(page, 3)
    expect(page.locator("#rest")).to_contain_text("You have worked for 1")
    before = page.get_attribute("#hand .card:not([hidden])", "data-comment")
    page.keyboard.press("a")
    assert page.get_attribute("#hand .card:not([hidden])", "data-comment") != before
    page.click("#rest button")
    expect(page.locator("#rest")).to_be_hidden()
    work(page, 5)
    expect(page.locator("#rest")).to_be_hidden()
    work(page, 12)
    expect(page.locator("#rest")).to_be_visible()


def test_a_pause_is_a_break(stage: Stage, desk: Desk) -> None:
    choose_for(stage, Preferences(break_minutes=10))
    page = desk()
    page.clock.install()
    page.reload()
    work(page, 9)
    page.clock.fast_forward(6 * MINUTE)
    page.keyboard.press("Shift")
    work(page, 8)
    expect(page.locator("#rest")).to_be_hidden()


def test_who_wants_no_reminder_has_none(stage: Stage, desk: Desk) -> None:
    choose_for(stage, Preferences(break_minutes=0))
    page = desk()
    page.clock.install()
    page.reload()
    work(page, 30)
    expect(page.locator("#rest")).to_be_hidden()


def test_the_desk_shows_what_one_has_decided(put: Put, desk: Desk) -> None:
    put(risk=2, threat=0.9)
    page = desk()
    page.keyboard.press("r")
    page.wait_for_selector("#hand[data-waiting='0']", state="attached")
    page.evaluate("document.dispatchEvent(new CustomEvent('saring:today'))")
    expect(page.locator("#today")).to_contain_text("1 of those you decided in 24 hours was of the worst kind:")


def test_the_preferences_are_chosen_by_keyboard(stage: Stage, put: Put, desk: Desk) -> None:
    put(insult=0.9)
    page = desk()
    page.goto(f"{stage.url}/settings/preferences")
    page.focus("input[name=blur][value=worst]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("25")
    page.keyboard.press("Enter")
    expect(page.locator(".toast.ok")).to_have_text("Saved.")
    assert page.get_attribute("html", "data-blur") == "all"
    page.goto(f"{stage.url}/desk")
    assert blurred(page.locator(TEXT))
    assert page.get_attribute("[data-rest]", "data-rest") == "25"
