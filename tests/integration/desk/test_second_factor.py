"""Codes of an app, and recovery codes."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from service.domain.errors import Conflict, NotFound, Refused
from service.moderation.account import change_password
from service.moderation.second_factor import RECOVERY_CODES, confirm, factor_of, finish_sign_in, offer, reset, turn_off
from service.moderation.sign_in import FREE_TRIES, HalfIn, add_user, sign_in, who
from service.moderation.sites import Credentials
from service.store import Store
from service.store.tables import users
from tests.browser.stage import PASSWORD
from tests.conftest import Clock
from tests.integration.desk.browser import Browser
from tests.integration.desk.codes import code_at, set_up

EMAIL = "ayu@news.example"


def half_in(store: Store) -> HalfIn:
    half = sign_in(store, EMAIL, PASSWORD)
    assert isinstance(half, HalfIn)
    return half


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_password_alone_lets_in_until_the_first_code(store: Store, ayu: str) -> None:
    offer(store, ayu, PASSWORD)
    assert isinstance(sign_in(store, EMAIL, PASSWORD), str)


def test_a_code_lets_in_after_the_password(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(seconds=30)
    person = who(store, finish_sign_in(store, half_in(store), code_at(secret, clock.now)))
    assert person is not None
    assert person.id == ayu


@pytest.mark.parametrize("typed", ["{} ", " {}", "{}\n"])
def test_a_code_is_read_as_people_type_it(store: Store, ayu: str, clock: Clock, typed: str) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    code = code_at(secret, clock.now)
    assert finish_sign_in(store, half_in(store), typed.format(f"{code[:3]} {code[3:]}"))


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_phones_clock_may_be_wrong_by_half_a_minute(store: Store, ayu: str, clock: Clock, seconds: int) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=5)
    code = code_at(secret, clock.now)
    clock.forward(seconds=-seconds)
    assert finish_sign_in(store, half_in(store), code)


def test_a_code_of_long_ago_does_not_do(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=5)
    code = code_at(secret, clock.now)
    clock.forward(seconds=61)
    with pytest.raises(Refused):
        finish_sign_in(store, half_in(store), code)


def test_a_code_is_good_for_once(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    code = code_at(secret, clock.now)
    assert finish_sign_in(store, half_in(store), code)
    with pytest.raises(Refused):
        finish_sign_in(store, half_in(store), code)


def test_the_code_that_turned_it_on_is_used_up(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    with pytest.raises(Refused):
        finish_sign_in(store, half_in(store), code_at(secret, clock.now))


def test_of_many_with_one_code_one_gets_in(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    half, code = half_in(store), code_at(secret, clock.now)

    def attempt(_number: int) -> bool:
        try:
            return bool(finish_sign_in(store, half, code))
        except Refused:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_a_recovery_code_lets_in_once(store: Store, ayu: str) -> None:
    _, codes = set_up(store, ayu)
    assert len(set(codes)) == RECOVERY_CODES
    assert finish_sign_in(store, half_in(store), f" {codes[3].upper()} ")
    assert factor_of(store, ayu).codes_left == RECOVERY_CODES - 1
    with pytest.raises(Refused):
        finish_sign_in(store, half_in(store), codes[3])


def test_recovery_codes_are_not_in_the_database(store: Store, ayu: str) -> None:
    _, codes = set_up(store, ayu)
    with store.read() as tx:
        kept = str(tx.connection.execute(sa.select(users.c.recovery_codes)).scalar())
    assert all(code not in kept and code.replace("-", "") not in kept for code in codes)


def test_too_many_codes_lock_the_account_even_for_the_right_one(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    half, code = half_in(store), code_at(secret, clock.now)
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused):
            finish_sign_in(store, half, wrong(code))
    with pytest.raises(Refused):
        finish_sign_in(store, half, code)


def test_the_right_password_gives_no_new_tries_for_codes(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    code = code_at(secret, clock.now)
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused):
            finish_sign_in(store, half_in(store), wrong(code))
    with pytest.raises(Refused, match="locked"):
        sign_in(store, EMAIL, PASSWORD)


def test_the_right_password_uses_up_no_try(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    for _ in range(3 * FREE_TRIES):
        half = half_in(store)
    assert finish_sign_in(store, half, code_at(secret, clock.now))


def test_another_password_ends_what_was_begun_with_the_old_one(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    half = half_in(store)
    change_password(store, ayu, PASSWORD, "another password", "")
    with pytest.raises(Refused):
        finish_sign_in(store, half, code_at(secret, clock.now))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "\x00", "a" * 10_000, "\ud800"])
def test_what_is_no_code_is_refused(store: Store, ayu: str, code: str) -> None:
    set_up(store, ayu)
    with pytest.raises(Refused):
        finish_sign_in(store, half_in(store), code)


def test_setting_up_needs_the_password(store: Store, ayu: str) -> None:
    with pytest.raises(Refused):
        offer(store, ayu, "not the password")
    assert factor_of(store, ayu).secret is None


def test_a_wrong_first_code_turns_nothing_on(store: Store, ayu: str, clock: Clock) -> None:
    offer(store, ayu, PASSWORD)
    secret = factor_of(store, ayu).secret
    assert secret is not None
    with pytest.raises(Refused):
        confirm(store, ayu, wrong(code_at(secret, clock.now)))
    assert factor_of(store, ayu).since is None


def test_what_is_on_is_not_set_up_over(store: Store, ayu: str, clock: Clock) -> None:
    secret, _ = set_up(store, ayu)
    with pytest.raises(Conflict):
        offer(store, ayu, PASSWORD)
    clock.forward(minutes=1)
    assert finish_sign_in(store, half_in(store), code_at(secret, clock.now))


def test_turning_off_needs_password_and_code(store: Store, ayu: str, clock: Clock) -> None:
    secret, codes = set_up(store, ayu)
    clock.forward(minutes=1)
    for password, code in (("not the password", codes[0]), (PASSWORD, wrong(code_at(secret, clock.now)))):
        with pytest.raises(Refused):
            turn_off(store, ayu, password, code)
    turn_off(store, ayu, PASSWORD, code_at(secret, clock.now))
    assert isinstance(sign_in(store, EMAIL, PASSWORD), str)


def test_the_operator_takes_a_lost_one_away_and_ends_the_sessions(store: Store, ayu: str) -> None:
    _, codes = set_up(store, ayu)
    token = finish_sign_in(store, half_in(store), codes[0])
    reset(store, " Ayu@news.example")
    assert who(store, token) is None
    assert isinstance(sign_in(store, EMAIL, PASSWORD), str)
    with pytest.raises(NotFound):
        reset(store, "nobody@news.example")


@pytest.fixture
def browser(app: APIFlask, ayu: str) -> Browser:
    """Nobody is logged in with it yet."""
    return Browser(app.test_client())


def test_the_login_asks_for_a_code_and_goes_on_to_the_page_wanted(
    browser: Browser, store: Store, ayu: str, clock: Clock
) -> None:
    secret, _ = set_up(store, ayu)
    clock.forward(minutes=1)
    answer = browser.log_in(EMAIL, next="/desk/search?q=a")
    assert answer.location == "/login/code"
    assert browser.get("/desk").location.startswith("/login")
    answer = browser.post("/login/code", {"code": code_at(secret, clock.now)}, page="/login/code")
    assert answer.location == "/desk/search?q=a"
    assert browser.get("/desk").status_code == 200


def test_a_wrong_code_is_asked_for_again(browser: Browser, store: Store, ayu: str) -> None:
    set_up(store, ayu)
    browser.log_in(EMAIL)
    answer = browser.post("/login/code", {"code": "000000"}, page="/login/code")
    assert answer.status_code == 401
    assert "This code is wrong" in answer.text
    assert browser.get("/desk").status_code == 302


def test_after_five_minutes_the_password_is_asked_for_again(
    browser: Browser, store: Store, ayu: str, clock: Clock
) -> None:
    secret, _ = set_up(store, ayu)
    browser.log_in(EMAIL)
    token = browser.token("/login/code")
    clock.forward(minutes=5)
    form = {"csrf_token": token, "code": code_at(secret, clock.now)}
    assert browser.client.post("/login/code", data=form).location == "/login"
    assert browser.get("/login/code").location == "/login"
    assert browser.get("/desk").status_code == 302


def test_it_is_set_up_on_the_account_page(browser: Browser, store: Store, ayu: str, clock: Clock) -> None:
    browser.log_in(EMAIL)
    page = "/settings/account"
    assert browser.post(f"{page}/second-factor", {"password": PASSWORD}, page=page).status_code == 303
    shown = browser.get(page).text
    secret = factor_of(store, ayu).secret
    assert secret is not None
    assert secret in re.sub(r"\s", "", shown)
    assert "<svg viewBox" in shown
    assert "data:" not in shown
    assert " style=" not in shown
    wrong_code = browser.post(f"{page}/second-factor/confirm", {"code": "1"}, page=page)
    assert (wrong_code.status_code, "This code is wrong" in wrong_code.text) == (422, True)
    form = {"code": code_at(secret, clock.now)}
    answer = browser.post(f"{page}/second-factor/confirm", form, page=page)
    codes = re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", answer.text)
    assert len(codes) == RECOVERY_CODES
    shown = browser.get(page).text
    assert secret not in re.sub(r"\s", "", shown)
    assert codes[0] not in shown
    assert "10 recovery codes are left" in shown
    assert finish_sign_in(store, half_in(store), codes[0])


def test_it_is_turned_off_on_the_account_page(browser: Browser, store: Store, ayu: str) -> None:
    browser.log_in(EMAIL)
    _, codes = set_up(store, ayu)
    page = "/settings/account"
    answer = browser.post(f"{page}/second-factor/off", {"password": PASSWORD, "code": "000000"}, page=page)
    assert (answer.status_code, factor_of(store, ayu).since is not None) == (422, True)
    browser.post(f"{page}/second-factor/off", {"password": PASSWORD, "code": codes[0]}, page=page)
    assert factor_of(store, ayu).since is None


def test_the_picture_for_an_app_fits_any_address(app: APIFlask, store: Store, site: Credentials) -> None:
    email = "\u4e2d" * 250 + "@news.example"
    add_user(store, email, "Zhong", PASSWORD, site.site_id, "moderator")
    browser = Browser(app.test_client())
    browser.log_in(email)
    form = {"password": PASSWORD}
    assert browser.post("/settings/account/second-factor", form, page="/settings/account").status_code == 303
    assert browser.get("/settings/account").status_code == 200
