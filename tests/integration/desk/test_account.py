"""One's password and one's sessions."""

import re

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from service.desk.account import device
from service.domain.errors import Invalid, NotFound, Refused
from service.moderation.account import change_password, end_other_sessions, end_session, sessions_of
from service.moderation.sign_in import FREE_TRIES, hash_of, sign_in, who
from service.store import Store
from service.store.tables import sessions
from tests.browser.stage import PASSWORD
from tests.conftest import Clock
from tests.integration.desk.browser import Browser

EMAIL, NEW = "ayu@news.example", "air yang jernih"
PAGE = "/settings/account"


def log_in(store: Store, agent: str | None = None) -> str:
    token = sign_in(store, EMAIL, PASSWORD, agent)
    assert isinstance(token, str)
    return token


def test_another_password_ends_every_other_session(store: Store, ayu: str) -> None:
    here, there = log_in(store), log_in(store)
    change_password(store, ayu, PASSWORD, NEW, hash_of(here))
    assert who(store, here) is not None
    assert who(store, there) is None
    with pytest.raises(Refused):
        sign_in(store, EMAIL, PASSWORD)
    assert sign_in(store, EMAIL, NEW)


def test_the_old_password_is_asked_for_and_its_tries_are_counted(store: Store, ayu: str) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused):
            change_password(store, ayu, "not the password", NEW, "")
    with pytest.raises(Refused):
        change_password(store, ayu, PASSWORD, NEW, "")
    with pytest.raises(Refused):
        sign_in(store, EMAIL, NEW)


@pytest.mark.parametrize("new", ["", "short", "x" * 1_001])
def test_a_password_that_cannot_be_is_refused(store: Store, ayu: str, new: str) -> None:
    with pytest.raises(Invalid):
        change_password(store, ayu, PASSWORD, new, "")
    assert log_in(store)


def test_a_password_may_have_any_characters(store: Store, ayu: str) -> None:
    odd = "\x00\ud800 ☂ пароль"
    change_password(store, ayu, PASSWORD, odd, "")
    assert sign_in(store, EMAIL, odd)


def test_sessions_are_listed_the_last_used_first(store: Store, ayu: str, bima: str, clock: Clock) -> None:
    first = log_in(store, "Mozilla/5.0 Firefox/150.0")
    clock.forward(minutes=5)
    second = log_in(store)
    sign_in(store, "bima@news.example", PASSWORD)
    clock.forward(minutes=5)
    who(store, first)
    listed = sessions_of(store, ayu)
    assert [one.token_hash for one in listed] == [hash_of(first), hash_of(second)]
    assert [one.agent for one in listed] == ["Mozilla/5.0 Firefox/150.0", None]


def test_what_has_expired_is_not_listed(store: Store, ayu: str, clock: Clock) -> None:
    log_in(store)
    clock.forward(hours=13)
    assert sessions_of(store, ayu) == []


def test_ending_a_session_counts_at_once(store: Store, ayu: str) -> None:
    token = log_in(store)
    end_session(store, ayu, hash_of(token))
    assert who(store, token) is None


def test_nobody_ends_another_persons_session(store: Store, ayu: str, bima: str) -> None:
    token = log_in(store)
    with pytest.raises(NotFound):
        end_session(store, bima, hash_of(token))
    assert end_other_sessions(store, bima, "") == 0
    assert who(store, token) is not None


@pytest.mark.parametrize("agent", ["x" * 5_000, "a\x00b\x1b[31m\nc", "\ud800"])
def test_what_a_browser_calls_itself_is_bounded_and_tame(store: Store, ayu: str, agent: str) -> None:
    log_in(store, agent)
    with store.read() as tx:
        kept = tx.connection.execute(sa.select(sessions.c.agent)).scalar()
    assert kept is None or (len(kept) <= 200 and kept.isprintable())


def test_a_hostile_browsers_name_is_shown_as_text(app: APIFlask, ayu: str) -> None:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = "<script>alert(1)</script>"
    browser = Browser(client)
    browser.log_in(EMAIL)
    page = browser.get(PAGE).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/604.1", "Safari · iPhone"),
        ("curl/8", "Unknown browser"),
        (None, "Unknown browser"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_browser_is_named_shortly(app: APIFlask, agent: str | None, said: str) -> None:
    with app.test_request_context():
        assert device(agent) == said


def test_the_page_ends_one_session_or_all_others(app: APIFlask, store: Store, ayu: str) -> None:
    here, there, yonder = (Browser(app.test_client()) for _ in range(3))
    for browser in (here, there, yonder):
        browser.log_in(EMAIL)
    hashes = re.findall(r'name="session" value="([0-9a-f]{64})"', here.get(PAGE).text)
    assert len(hashes) == 3
    own = re.findall(r'name="session" value="([0-9a-f]{64})"', here.get(PAGE).text)
    mine = hash_of(here.client.get_cookie("saring").value)
    other = next(one for one in own if one != mine)
    here.post(f"{PAGE}/sessions/end", {"session": other}, page=PAGE)
    assert [browser.get("/desk").status_code for browser in (here, there, yonder)].count(302) == 1
    here.post(f"{PAGE}/sessions/end-others", page=PAGE)
    assert [browser.get("/desk").status_code for browser in (here, there, yonder)] == [200, 302, 302]
    assert here.post(f"{PAGE}/sessions/end", {"session": mine}, page=PAGE).location == "/login"
    assert here.get("/desk").status_code == 302


def test_the_page_changes_the_password(app: APIFlask, store: Store, ayu: str) -> None:
    browser = Browser(app.test_client())
    browser.log_in(EMAIL)
    assert "Give 10 to" in browser.post(f"{PAGE}/password", {"old": PASSWORD, "new": "x"}, page=PAGE).text
    assert "This password is wrong" in browser.post(f"{PAGE}/password", {"old": "x", "new": NEW}, page=PAGE).text
    assert browser.post(f"{PAGE}/password", {"old": PASSWORD, "new": NEW}, page=PAGE).status_code == 303
    assert browser.get("/desk").status_code == 200
    assert sign_in(store, EMAIL, NEW)


def test_the_account_is_there_for_people_without_a_site(app: APIFlask, store: Store, ayu: str) -> None:
    browser = Browser(app.test_client())
    browser.log_in(EMAIL)
    with store.begin() as tx:
        tx.connection.exec_driver_sql("DELETE FROM memberships")
    assert browser.get("/desk").status_code == 403
    assert browser.get(PAGE).status_code == 200


@pytest.mark.parametrize(
    "text", ["", "\x00", "x" * 10_000, "%_", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_what_no_page_sends_fails_nothing(app: APIFlask, ayu: str, text: str) -> None:
    browser = Browser(app.test_client())
    browser.log_in(EMAIL)
    token = browser.token(PAGE)
    names = ("session", "old", "new", "password", "code")
    for path in ("sessions/end", "password", "second-factor/confirm", "second-factor/off", "second-factor"):
        form = {"csrf_token": token, **dict.fromkeys(names, text)}
        assert browser.client.post(f"{PAGE}/{path}", data=form).status_code < 500, path
    assert browser.get("/desk").status_code == 200
