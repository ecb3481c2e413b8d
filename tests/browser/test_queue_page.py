"""What a moderator does beside approving and rejecting one card after the other."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from service.domain.comment import Author, Status
from service.domain.decision import Action
from service.moderation.decide import decide_by_api
from service.store.decisions import Decisions
from service.store.rows import CommentRow
from service.store.tables import comments
from tests.browser.stage import Stage, stored
from tests.browser.test_desk import CURRENT, current, settle, status
from tests.remarks import notes_of

Queued = Callable[..., CommentRow]
Desk = Callable[..., Page]


def reasons_of(stage: Stage, comment: CommentRow) -> list[str]:
    with stage.services.store.read() as tx:
        decision = Decisions(tx, comment.site_id).latest([comment.id])[comment.id]
    return [reason.code for reason in decision.reasons]


def change(stage: Stage, some: list[CommentRow], **fields: object) -> None:
    with stage.services.store.begin() as tx:
        ids = [comment.id for comment in some]
        tx.connection.execute(sa.update(comments).where(comments.c.id.in_(ids)).values(**fields))


def shown(page: Page, name: str) -> None:
    expect(page.locator(f"#ask-{name}")).to_be_visible()


def closed(page: Page) -> None:
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_digit_rejects_with_the_reason_of_its_place(stage: Stage, queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.keyboard.press("5")
    expect(page.locator(".toast.no")).to_have_text("Rejected (Spam). Press u to undo.")
    assert current(page) == second.id
    settle(page)
    assert (status(stage, first), reasons_of(stage, first)) == (Status.REJECTED, ["spam"])


def test_the_reasons_stand_in_a_menu_with_their_keys(stage: Stage, queued: Queued, desk: Desk) -> None:
    comment = queued()
    page = desk()
    page.click(".reasons summary")
    expect(page.locator(".reasons .drop button")).to_have_count(9)
    assert page.locator(".reasons .drop kbd").all_text_contents() == list("123456789")
    page.click(".reasons .drop button:nth-of-type(3)")
    settle(page)
    assert reasons_of(stage, comment) == ["threat"]


def test_many_are_asked_about_and_come_back_together(stage: Stage, queued: Queued, desk: Desk) -> None:
    some = [queued(risk=3 - number) for number in range(3)]
    page = desk()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#picked")).to_have_text("3 selected")
    page.keyboard.press("2")
    expect(page.locator("#ask-sure h2")).to_have_text("Reject 3 comments?")
    page.keyboard.press("Escape")
    closed(page)
    assert page.locator("#hand .card").count() == 3
    page.keyboard.press("2")
    shown(page, "sure")
    page.keyboard.press("Enter")
    settle(page)
    assert {status(stage, comment) for comment in some} == {Status.REJECTED}
    page.keyboard.press("u")
    expect(page.locator(".toast.ok")).to_have_text("Undone: 3 comments are flagged again.")
    expect(page.locator("#hand .card")).to_have_count(3)


def test_shift_and_a_click_select_a_range(queued: Queued, desk: Desk) -> None:
    for number in range(4):
        queued(risk=4 - number)
    page = desk()
    page.click("#rail li:nth-child(1) .pick")
    page.click("#rail li:nth-child(3) .go", modifiers=["Shift"])
    expect(page.locator("#picked")).to_have_text("3 selected")


def test_one_decision_covers_what_is_nearly_the_same(stage: Stage, queued: Queued, desk: Desk) -> None:
    same = [queued(risk=5 - number) for number in range(3)]
    change(stage, same, likeness=7)
    page = desk()
    expect(page.locator(f"{CURRENT} .alike")).to_have_text("+ 2 alike")
    page.keyboard.press("r")
    expect(page.locator(".toast.no")).to_have_text("3 rejected. Press u to undo.")
    settle(page)
    assert {status(stage, comment) for comment in same} == {Status.REJECTED}
    page.keyboard.press("u")
    expect(page.locator("#hand .card")).to_have_count(1)
    expect(page.locator(f"{CURRENT} .alike")).to_have_text("+ 2 alike")


def test_e_hands_a_card_to_a_lead_with_a_note(stage: Stage, queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.keyboard.press("e")
    shown(page, "escalate")
    page.keyboard.type("aneh?")
    page.keyboard.press("Enter")
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", second.id)
    settle(page)
    assert stored(stage.services, stage.site.site_id, first.id).escalated_at is not None
    lead = desk("lead@news.example")
    lead.click("text=Escalated")
    expect(lead.locator(CURRENT)).to_have_attribute("data-comment", first.id)
    expect(lead.locator(CURRENT)).to_contain_text("aneh?")
    lead.keyboard.press("a")
    settle(lead)
    assert status(stage, first) is Status.APPROVED


def test_n_leaves_a_note_on_the_card(stage: Stage, queued: Queued, desk: Desk) -> None:
    comment = queued()
    page = desk()
    page.keyboard.press("n")
    shown(page, "note")
    page.keyboard.type("sudah ditanya")
    page.keyboard.press("Enter")
    expect(page.locator(CURRENT)).to_contain_text("sudah ditanya")
    assert page.locator("#hand .card").count() == page.locator("#rail li").count() == 1
    assert [note.text for note in notes_of(stage.services.store, stage.site.site_id, comment.id)] == ["sudah ditanya"]


def test_h_rejects_what_else_the_author_wrote(stage: Stage, queued: Queued, desk: Desk) -> None:
    theirs = [queued(risk=9 - number, author=Author("u9", "Sari")) for number in range(3)]
    other = queued(risk=1, author=Author("u1", "Dewi"))
    page = desk()
    page.keyboard.press("h")
    expect(page.locator("#ask-hide .told")).to_contain_text("3 comments by this author")
    page.keyboard.press("Enter")
    expect(page.locator(".toast.no")).to_have_text("3 comments rejected. Press u to undo.")
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", other.id)
    assert {status(stage, comment) for comment in theirs} == {Status.REJECTED}


def test_b_bans_the_author_for_the_days_chosen(stage: Stage, queued: Queued, desk: Desk) -> None:
    comment = queued()
    page = desk()
    page.keyboard.press("b")
    shown(page, "ban")
    assert page.locator("#ask-ban .days input").count() == 3
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".toast.ok")).to_have_text("The author is banned for 3 days.")
    assert stored(stage.services, stage.site.site_id, comment.id).author.banned_until is not None
    assert current(page) == comment.id


def test_a_card_that_a_colleague_decided_goes_and_the_next_is_not_decided_by_mistake(
    stage: Stage, queued: Queued, desk: Desk
) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    assert current(page) == first.id
    decide_by_api(first.id, Action.REJECT, None, None, stage.site.site_id, stage.services.store)
    detail = f"{{ kind: 'decided', ids: ['{first.id}'], by: 'Bima' }}"
    page.evaluate(f"document.dispatchEvent(new CustomEvent('saring:changed', {{ detail: {detail} }}))")
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", second.id)
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }))")
    assert current(page) == second.id
    page.wait_for_timeout(700)
    page.keyboard.press("a")
    settle(page)
    assert status(stage, second) is Status.APPROVED


def test_what_comes_into_a_short_hand_is_dealt_within_two_seconds(stage: Stage, queued: Queued, desk: Desk) -> None:
    page = desk()
    expect(page.locator("#clear")).to_be_visible()
    comment = queued()
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('saring:changed', { detail: { kind: 'flagged', ids: [], by: null } }))"
    )
    expect(page.locator(CURRENT)).to_have_attribute("data-comment", comment.id, timeout=2_500)


def test_a_decision_that_was_not_sent_yet_is_undone_without_the_server(
    stage: Stage, queued: Queued, desk: Desk
) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate(
        "for (const key of 'aau') document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))"
    )
    assert current(page) == second.id
    settle(page)
    assert [status(stage, comment) for comment in (first, second)] == [Status.APPROVED, Status.FLAGGED]
    assert [url for url in sent if "/desk/undo" in url] == []


def test_keys_without_any_pause_lose_nothing(stage: Stage, queued: Queued, desk: Desk) -> None:
    some = [queued(risk=60 - number) for number in range(40)]
    page = desk()
    page.evaluate(
        """async (times) => {
            const current = () => document.querySelector("#hand .card:not([hidden])")?.dataset.comment;
            const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            for (let turn = 0; turn < times; turn++) {
                while (!current()) await frame();
                const key = turn % 4 ? "a" : "1";
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
                await frame();
            }
        }""",
        len(some),
    )
    expect(page.locator("#clear")).to_be_visible()
    settle(page)
    wanted = [Status.APPROVED if number % 4 else Status.REJECTED for number in range(len(some))]
    assert [status(stage, comment) for comment in some] == wanted


def test_several_decisions_that_could_not_be_saved_come_back_in_their_order(queued: Queued, desk: Desk) -> None:
    some = [queued(risk=4 - number) for number in range(4)]
    page = desk(intercepted=True)
    page.route("**/desk/decisions", lambda route: route.abort())
    page.evaluate(
        "for (const key of 'aar') document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))"
    )
    settle(page)
    ids = page.locator("#hand .card").evaluate_all("(all) => all.map((card) => card.dataset.comment)")
    assert sorted(ids) == sorted(comment.id for comment in some)
    expect(page.locator(".toast.warn").first).to_contain_text("Not saved")
    page.unroute("**/desk/decisions")
    desk.complaints.clear()  # type: ignore[attr-defined]


def test_the_order_is_in_the_address_as_soon_as_it_is_chosen(queued: Queued, desk: Desk) -> None:
    oldest = queued(risk=1)
    queued(risk=2)
    page = desk()
    page.select_option("#order", "oldest")
    page.wait_for_url(re.compile(r"/desk\?order=oldest$"))
    assert current(page) == oldest.id


def test_filters_are_kept_in_the_address_and_taken_away_one_by_one(queued: Queued, desk: Desk) -> None:
    queued(text="baik sekali", risk=2)
    wanted = queued(text="dasar goblok", risk=1)
    page = desk()
    page.click(".filters summary")
    page.fill("#f-q", "goblok")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk\?q=goblok$"))
    assert current(page) == wanted.id
    assert page.locator("#hand .card").count() == 1
    page.click(".chip")
    expect(page.locator("#hand .card")).to_have_count(2)


def test_the_cards_of_a_filtered_page_stay_within_its_filters(queued: Queued, desk: Desk, stage: Stage) -> None:
    for number in range(3):
        queued(text=f"baik sekali {number}", risk=9)
        queued(text=f"dasar goblok {number}", risk=2)
    page = desk()
    page.goto(f"{stage.url}/desk?q=goblok")
    for _ in range(3):
        assert "goblok" in page.inner_text(f"{CURRENT} .text")
        page.keyboard.press("a")
    expect(page.locator("#clear h2")).to_have_text("Nothing fits")


def test_a_view_is_saved_and_found_again(queued: Queued, desk: Desk, stage: Stage) -> None:
    queued(text="dasar goblok")
    page = desk()
    page.goto(f"{stage.url}/desk?q=goblok")
    page.click(".views summary")
    page.fill("#view-name", "Kasar")
    page.keyboard.press("Enter")
    expect(page.locator(".toast.ok")).to_have_text("Saved as “Kasar”.")
    page.goto(f"{stage.url}/desk?queue=reported")
    page.click(".views summary")
    page.click("text=Kasar 1")
    page.wait_for_url(re.compile(r"/desk\?q=goblok$"))
    page.click(".views summary")
    page.click("[aria-label='Delete the view “Kasar”']")
    expect(page.locator("main")).to_contain_text("None yet.")


def test_without_script_a_reason_a_filter_and_a_lead_are_reached_by_forms(
    stage: Stage, queued: Queued, desk: Desk
) -> None:
    first, second = queued(risk=2, text="dasar goblok"), queued(risk=1)
    page = desk(java_script_enabled=False)
    page.goto(f"{stage.url}/desk?q=goblok")
    page.click(".reasons summary")
    page.click(".reasons button[value=hate]")
    assert (status(stage, first), reasons_of(stage, first)) == (Status.REJECTED, ["hate"])
    assert page.url.endswith("/desk?q=goblok")
    page.goto(f"{stage.url}/desk")
    page.click(".more summary")
    page.click(".more button[data-do=escalate]")
    page.fill("#note", "aneh")
    page.click("main .primary")
    assert stored(stage.services, stage.site.site_id, second.id).escalated_at is not None


@pytest.mark.parametrize("key", ["?", "b", "h", "e", "n"])
def test_each_dialog_fits_a_small_phone_and_gives_the_focus_back(queued: Queued, desk: Desk, key: str) -> None:
    queued(author=Author("u1", "x" * 120))
    page = desk("lead@news.example", viewport={"width": 360, "height": 640})
    page.focus(CURRENT)
    page.keyboard.press(key)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    box = dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["height"] <= 640
    page.keyboard.press("Escape")
    closed(page)
    assert page.evaluate("document.activeElement.className") == "card sheet"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_number_of_the_open_queue_follows_each_decision(desk: Desk, queued: Queued) -> None:
    for number in range(3):
        queued(risk=2 - number / 10)
    page = desk()
    assert page.inner_text("#tally") == "3"
    page.keyboard.press("a")
    expect(page.locator("#tally")).to_have_text("2")
