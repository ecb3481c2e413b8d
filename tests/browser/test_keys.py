"""Everything that can be done can be done with a keyboard alone, and one always sees where one is."""

import re
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Page, expect
from pyotp import TOTP

from service.domain.comment import Status
from service.domain.preferences import Blur, Preferences
from service.moderation.ban import bans_of
from service.moderation.kindness import preferences_of
from service.moderation.people import people_of
from service.moderation.second_factor import RECOVERY_CODES
from service.store.notes import Notes
from service.store.rows import CommentRow
from tests.browser.awkward import awkward, saying
from tests.browser.furnish import furnish, visited
from tests.browser.keys import focus, stops, tab_to
from tests.browser.places import ADMIN, AYU, LEAD
from tests.browser.stage import PASSWORD, Stage, stored
from tests.conftest import Clock

CURRENT = "#hand .card:not([hidden])"
Queued = Callable[..., CommentRow]
Desk = Callable[..., Page]


def current(page: Page) -> str:
    """The id of the comment in sight."""
    return page.get_attribute(CURRENT, "data-comment") or ""


def settle(page: Page) -> None:
    """Until everything is saved; then something still has the focus."""
    page.wait_for_selector("#hand[data-waiting='0']", state="attached")
    page.wait_for_selector(f"{CURRENT}, #clear:not([hidden])")
    if page.locator(CURRENT).count():
        assert focus(page) is not None


def status(stage: Stage, comment: CommentRow) -> Status:
    return stored(stage.services, stage.site.site_id, comment.id).status


@pytest.mark.timeout(600)
def test_tab_stops_are_seen_and_covered_by_nothing_on_every_page(stage: Stage, desk: Desk) -> None:
    made = furnish(stage, awkward(stage), saying())
    bad = []
    for place, page in visited(stage, made, desk):
        walked = stops(page)
        assert len(walked) > 1, place
        bad += [f"{place.name}: {at}" for at in walked if not (at["ring"] and at["inSight"] and at["free"])]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("key", ["a", "r", "1", "9"])
def test_one_key_decides_and_the_next_card_has_the_focus(stage: Stage, queued: Queued, desk: Desk, key: str) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.keyboard.press(key)
    settle(page)
    assert status(stage, first) is (Status.APPROVED if key == "a" else Status.REJECTED)
    assert current(page) == second.id


def test_skip_and_undo(stage: Stage, queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.keyboard.press("s")
    settle(page)
    assert current(page) == second.id
    page.keyboard.press("r")
    settle(page)
    page.keyboard.press("u")
    settle(page)
    assert status(stage, second) is Status.FLAGGED
    assert status(stage, first) is Status.FLAGGED


def test_escalate_with_a_note(stage: Stage, queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    page.keyboard.press("e")
    page.keyboard.type("Is this a threat?")
    page.keyboard.press("Enter")
    settle(page)
    assert current(page) == second.id
    assert stored(stage.services, stage.site.site_id, first.id).escalated_at is not None


def test_leave_a_note(stage: Stage, queued: Queued, desk: Desk) -> None:
    first = queued()
    page = desk()
    page.keyboard.press("n")
    page.keyboard.type("The third this week.")
    page.keyboard.press("Enter")
    settle(page)
    with stage.services.store.read() as tx:
        notes = Notes(tx, stage.site.site_id).of_comment(first.id)
    assert [note.text for note in notes] == ["The third this week."]
    assert current(page) == first.id


def test_hide_the_authors_others(stage: Stage, queued: Queued, desk: Desk) -> None:
    comments = [queued(risk=2 - number / 10) for number in range(3)]
    page = desk()
    page.keyboard.press("h")
    page.wait_for_selector("#ask-hide [value=yes]:enabled")
    page.keyboard.press("Enter")
    settle(page)
    assert {status(stage, comment) for comment in comments} == {Status.REJECTED}


def test_ban_for_a_time_of_ones_choice(stage: Stage, queued: Queued, desk: Desk) -> None:
    comment = queued()
    page = desk()
    page.keyboard.press("b")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settle(page)
    bans = bans_of(stage.services.store, stage.site.site_id, comment.author.id)
    assert [(ban.until - ban.created_at).days for ban in bans] == [3]


def test_escape_leaves_what_was_asked_and_nothing_is_done(stage: Stage, queued: Queued, desk: Desk) -> None:
    comment = queued()
    page = desk()
    for key in "enhb?":
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert focus(page) is not None, key
    assert status(stage, comment) is Status.FLAGGED


def test_select_a_range_and_decide_it(stage: Stage, queued: Queued, desk: Desk) -> None:
    comments = [queued(risk=2 - number / 10) for number in range(4)]
    page = desk()
    for key in ("x", "j", "j", "Shift+X", "r", "Enter"):
        page.keyboard.press(key)
    settle(page)
    assert [status(stage, comment) for comment in comments] == [Status.REJECTED] * 3 + [Status.FLAGGED]


def test_the_buttons_are_reached_by_tab(stage: Stage, queued: Queued, desk: Desk) -> None:
    first, second = queued(risk=2), queued(risk=1)
    page = desk()
    tab_to(page, "[data-do=approve]")
    page.keyboard.press("Enter")
    settle(page)
    assert status(stage, first) is Status.APPROVED
    tab_to(page, ".reasons summary")
    page.keyboard.press("Enter")
    tab_to(page, "[data-do=reason][data-key='2']")
    page.keyboard.press("Space")
    settle(page)
    assert status(stage, second) is Status.REJECTED


def test_filter_and_order(queued: Queued, desk: Desk) -> None:
    queued(text="dasar goblok")
    page = desk()
    tab_to(page, ".filters summary")
    page.keyboard.press("Enter")
    tab_to(page, "#f-q")
    page.keyboard.type("goblok")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q=goblok"))
    expect(page.locator(CURRENT)).to_be_visible()
    tab_to(page, "#order")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile(r"order=oldest"))


def test_save_a_view_and_delete_it(queued: Queued, desk: Desk) -> None:
    queued()
    page = desk()
    page.goto(f"{page.url}?order=oldest")
    tab_to(page, ".views summary")
    page.keyboard.press("Enter")
    tab_to(page, "#view-name")
    page.keyboard.type("The oldest")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .ok")).to_be_visible()
    page.goto(page.url.split("?")[0] + "/views")
    expect(page.locator("main .saved")).to_contain_text("The oldest")
    tab_to(page, "main .saved button")
    page.keyboard.press("Enter")
    expect(page.locator("main .saved")).not_to_contain_text("The oldest")


def test_decide_a_band(stage: Stage, queued: Queued, desk: Desk) -> None:
    comments = [queued(text=f"You are an idiot, sir number {number}.") for number in range(3)]
    page = desk(LEAD)
    page.goto(f"{stage.url}/desk/bands?attribute=insult")
    tab_to(page, "#low")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#count")).to_have_text("3")
    assert page.input_value("#low") == "0.1"
    tab_to(page, "#band-act .reject")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("3")
    assert {status(stage, comment) for comment in comments} == {Status.REJECTED}


def test_invite_somebody_and_change_a_role(stage: Stage, desk: Desk) -> None:
    page = desk(ADMIN)
    page.goto(f"{stage.url}/settings/people")
    tab_to(page, "input[name=email]")
    page.keyboard.type("new@news.example")
    page.keyboard.press("Enter")
    expect(page.locator("code.secret")).to_contain_text("/invitations/")
    ayu = next(one for one in people_of(stage.services.store, stage.site.site_id) if one.email == AYU)
    tab_to(page, f"form[action$='{ayu.id}/role'] select")
    page.keyboard.type("Lead")
    tab_to(page, f"form[action$='{ayu.id}/role'] button")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .ok")).to_be_visible()
    roles = {one.email: one.role for one in people_of(stage.services.store, stage.site.site_id)}
    assert roles[AYU] == "lead"


def log_out(page: Page) -> None:
    tab_to(page, ".top > .menu summary")
    page.keyboard.press("Enter")
    tab_to(page, "form[action='/logout'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")


def test_log_out(stage: Stage, desk: Desk) -> None:
    log_out(desk())


def set_up_second_factor(page: Page, stage: Stage) -> tuple[str, list[str]]:
    """Turn it on; its secret and the recovery codes that the page shows."""
    page.goto(f"{stage.url}/settings/account")
    tab_to(page, "#second-factor input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    secret = page.locator("#second-factor code.secret").inner_text().replace(" ", "")
    tab_to(page, "#code")
    page.keyboard.type(TOTP(secret).at(stage.services.store.clock()))
    page.keyboard.press("Enter")
    expect(page.locator("ul.codes li").first).to_be_visible()
    return secret, page.locator("ul.codes code").all_inner_texts()


def log_in_with(page: Page, code: str) -> None:
    """From the login page with the password and a code; in the first field and in the code's one is without asking."""
    # a page is loaded a moment before the field that it names has the focus
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type(LEAD)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")


def test_set_up_a_second_factor_and_log_in_with_it(stage: Stage, desk: Desk, clock: Clock) -> None:
    page = desk(LEAD)
    secret, _codes = set_up_second_factor(page, stage)
    log_out(page)
    clock.forward(minutes=1)
    log_in_with(page, TOTP(secret).at(clock.now))


def test_make_recovery_codes_and_use_them(stage: Stage, desk: Desk) -> None:
    page = desk(LEAD)
    _secret, codes = set_up_second_factor(page, stage)
    assert len({*codes}) == RECOVERY_CODES
    log_out(page)
    log_in_with(page, codes[0])
    page.goto(f"{stage.url}/settings/account")
    expect(page.locator("#second-factor")).to_contain_text(f"{RECOVERY_CODES - 1} recovery codes are left.")
    tab_to(page, "#second-factor summary")
    page.keyboard.press("Space")
    tab_to(page, "#off-password")
    page.keyboard.type(PASSWORD)
    tab_to(page, "#off-code")
    page.keyboard.type(codes[1])
    tab_to(page, "#second-factor details button")
    page.keyboard.press("Space")
    expect(page.locator("#second-factor button")).to_have_text("Set up")


def test_choose_ones_preferences(stage: Stage, desk: Desk) -> None:
    page = desk()
    page.goto(f"{stage.url}/settings/preferences")
    tab_to(page, "[name=blur]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#break_minutes")
    page.keyboard.press("Control+A")
    page.keyboard.type("25")
    tab_to(page, "[name=single_keys]")
    page.keyboard.press("Space")
    tab_to(page, "[name=language]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[name=theme]")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    tab_to(page, "main button.primary")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .ok")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    ayu = next(one for one in people_of(stage.services.store, stage.site.site_id) if one.email == AYU)
    kept = preferences_of(stage.services.store, ayu.id)
    assert kept == Preferences(Blur.ALL, break_minutes=25, single_keys=False, theme="dark")
    # the form says what was chosen, and a choice that can't be is told where one is
    assert page.locator("main :checked").evaluate_all("(all) => all.map((one) => one.value)") == ["all", "id", "dark"]
    tab_to(page, "#break_minutes")
    page.keyboard.press("Control+A")
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    expect(page.locator("#break_minutes[aria-invalid=true]")).to_have_value("many")
    assert preferences_of(stage.services.store, ayu.id) == kept


def test_save_a_policy(stage: Stage, desk: Desk) -> None:
    page = desk(LEAD)
    page.goto(f"{stage.url}/settings/policy")
    tab_to(page, "input[name='links.max']")
    page.keyboard.press("Control+A")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved")


def test_take_a_second_look(stage: Stage, desk: Desk) -> None:
    made: Mapping[str, str] = furnish(stage, awkward(stage), saying())
    page = desk("Bima@news.example")
    page.goto(f"{stage.url}/desk/second-looks")
    expect(page.locator("main .card")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("stays as it is")
    assert made
