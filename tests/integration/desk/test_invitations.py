"""Invitations by link."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from service.bootstrap import Services
from service.domain.errors import Conflict, Invalid, NotFound, Refused
from service.domain.user import Role
from service.moderation import invite as module
from service.moderation.invite import invite, join, join_anew, offer_of, open_invitations, revoke
from service.moderation.people import people_of
from service.moderation.sign_in import add_user, sign_in, who
from service.moderation.sites import Credentials
from service.store import Store
from service.store.tables import invitations
from tests.browser.stage import PASSWORD
from tests.conftest import Clock
from tests.integration.desk.browser import Browser

Browse = Callable[[str], Browser]
OTHER = "another password"


@pytest.fixture
def rina(services: Services, site: Credentials) -> str:
    """An admin's id."""
    return add_user(services.store, "rina@news.example", "Rina", PASSWORD, site.site_id, "admin")


def memberships(store: Store, email: str, password: str) -> list[tuple[str, Role]]:
    token = sign_in(store, email, password)
    assert isinstance(token, str)
    person = who(store, token)
    assert person is not None
    return [(one.site_name, one.role) for one in person.memberships]


def test_somebody_new_makes_an_account(store: Store, site: Credentials, rina: str) -> None:
    token = invite(store, site.site_id, rina, "lead").token
    join_anew(store, token, " Sari@news.example ", " Sari  Dewi\x00", OTHER)
    assert memberships(store, "sari@news.example", OTHER) == [("news.example", Role.LEAD)]
    assert "Sari Dewi" in {person.name for person in people_of(store, site.site_id)}


def test_an_invitation_is_good_for_once(store: Store, site: Credentials, rina: str) -> None:
    token = invite(store, site.site_id, rina, "lead").token
    join_anew(store, token, "sari@news.example", "Sari", OTHER)
    with pytest.raises(NotFound):
        join_anew(store, token, "dewi@news.example", "Dewi", OTHER)


def test_of_many_who_use_it_at_once_one_joins(
    store: Store, site: Credentials, other_site: Credentials, rina: str
) -> None:
    token = invite(store, site.site_id, rina, "viewer").token
    people = [add_user(store, f"u{n}@x.example", "U", PASSWORD, other_site.site_id, "viewer") for n in range(4)]

    def attempt(user_id: str) -> bool:
        try:
            return join(store, token, user_id)
        except NotFound:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, people)) == 1
    assert len(people_of(store, site.site_id)) == 2


def test_it_lasts_for_a_week(store: Store, site: Credentials, rina: str, clock: Clock) -> None:
    token = invite(store, site.site_id, rina, "lead").token
    clock.forward(days=7, seconds=-1)
    assert offer_of(store, token).role is Role.LEAD
    clock.forward(seconds=1)
    with pytest.raises(NotFound):
        offer_of(store, token)
    assert open_invitations(store, site.site_id) == []


def test_the_token_is_not_in_the_database(store: Store, site: Credentials, rina: str) -> None:
    token = invite(store, site.site_id, rina, "lead").token
    with store.read() as tx:
        kept = str(tx.connection.execute(sa.select(invitations)).all())
    assert token not in kept


def test_what_is_taken_back_leads_nowhere(store: Store, site: Credentials, other_site: Credentials, rina: str) -> None:
    token = invite(store, site.site_id, rina, "lead").token
    [waiting] = open_invitations(store, site.site_id)
    with pytest.raises(NotFound):
        revoke(store, other_site.site_id, waiting.id)
    revoke(store, site.site_id, waiting.id)
    with pytest.raises(NotFound):
        offer_of(store, token)


def test_what_was_used_is_not_taken_back(store: Store, site: Credentials, rina: str, bima: str) -> None:
    token = invite(store, site.site_id, rina, "lead").token
    [waiting] = open_invitations(store, site.site_id)
    join_anew(store, token, "sari@news.example", "Sari", OTHER)
    with pytest.raises(NotFound):
        revoke(store, site.site_id, waiting.id)


def test_so_many_may_wait_and_no_more(
    store: Store, site: Credentials, rina: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    for _ in range(2):
        invite(store, site.site_id, rina, "lead")
    with pytest.raises(Conflict):
        invite(store, site.site_id, rina, "lead")


def test_with_an_address_only_its_owner_joins(
    store: Store, site: Credentials, other_site: Credentials, rina: str
) -> None:
    token = invite(store, site.site_id, rina, "lead", "Sari@news.example").token
    dewi = add_user(store, "dewi@x.example", "Dewi", PASSWORD, other_site.site_id, "viewer")
    with pytest.raises(Refused):
        join(store, token, dewi)
    # whatever a form says
    join_anew(store, token, "dewi@x.example", "Sari", OTHER)
    assert memberships(store, "sari@news.example", OTHER) == [("news.example", Role.LEAD)]
    assert memberships(store, "dewi@x.example", PASSWORD) == [("other.example", Role.VIEWER)]


def test_a_member_keeps_their_role_and_uses_nothing_up(store: Store, site: Credentials, rina: str, ayu: str) -> None:
    token = invite(store, site.site_id, rina, "viewer").token
    assert not join(store, token, ayu)
    assert memberships(store, "ayu@news.example", PASSWORD) == [("news.example", Role.MODERATOR)]
    assert offer_of(store, token)


def test_an_address_with_an_account_is_answered_like_any_other(
    store: Store, site: Credentials, other_site: Credentials, rina: str
) -> None:
    add_user(store, "sari@x.example", "Sari", PASSWORD, other_site.site_id, "viewer")
    token = invite(store, site.site_id, rina, "admin").token
    join_anew(store, token, "sari@x.example", "Not Sari", OTHER)
    with pytest.raises(Refused):
        sign_in(store, "sari@x.example", OTHER)
    assert memberships(store, "sari@x.example", PASSWORD) == [("other.example", Role.VIEWER)]


def test_with_one_invitation_one_learns_of_one_address_at_most(
    store: Store, site: Credentials, other_site: Credentials, rina: str
) -> None:
    add_user(store, "sari@x.example", "Sari", PASSWORD, other_site.site_id, "viewer")
    token = invite(store, site.site_id, rina, "viewer").token
    join_anew(store, token, "sari@x.example", "Not Sari", OTHER)
    join_anew(store, token, "dewi@x.example", "Dewi", OTHER)
    for email in ("sari@x.example", "dewi@x.example"):
        with pytest.raises(Refused):
            sign_in(store, email, OTHER)
    assert offer_of(store, token).email == "sari@x.example"


@pytest.mark.parametrize(
    ("email", "name", "password"),
    [
        ("no address", "Sari", OTHER),
        ("a\x00@x.example", "Sari", OTHER),
        ("\ud800@x.example", "Sari", OTHER),
        ("x" * 10_000 + "@x.example", "Sari", OTHER),
        ("sari@x.example", " \x00 ", OTHER),
        ("sari@x.example", "Sari", "short"),
        ("sari@x.example", "Sari", "x" * 1_001),
    ],
)
def test_what_cannot_be_an_account_uses_nothing_up(
    store: Store, site: Credentials, rina: str, email: str, name: str, password: str
) -> None:
    token = invite(store, site.site_id, rina, "viewer").token
    with pytest.raises(Invalid):
        join_anew(store, token, email, name, password)
    assert offer_of(store, token).email is None


@pytest.fixture
def link(browse: Browse) -> Callable[..., str]:
    """Makes an invitation on the admins' page; its path."""

    def make(**form: str) -> str:
        answer = browse("admin").post("/settings/invitations", {"role": "moderator", **form}, page="/settings/people")
        assert answer.status_code == 201
        found = re.search(r"http://127.0.0.1:8080(/invitations/[\w-]{43})", answer.text)
        assert found
        return found[1]

    return make


def test_the_link_is_shown_once(browse: Browse, link: Callable[..., str]) -> None:
    path = link(email="sari@news.example")
    page = browse("admin").get("/settings/people").text
    assert path not in page
    assert "sari@news.example" in page


def test_a_wrong_address_is_said(browse: Browse) -> None:
    answer = browse("admin").post("/settings/invitations", {"role": "lead", "email": "sari"}, page="/settings/people")
    assert (answer.status_code, "Give an e-mail address" in answer.text) == (422, True)


def test_somebody_new_joins_and_logs_in(app: APIFlask, link: Callable[..., str]) -> None:
    path, browser = link(), Browser(app.test_client())
    form = {"name": "Sari", "email": "sari@news.example", "password": OTHER}
    assert browser.post(path, {**form, "password": "short"}, page=path).status_code == 422
    answer = browser.post(path, form, page=path)
    assert answer.location == f"/login?next={path}"
    answer = browser.log_in("sari@news.example", OTHER, next=path)
    assert answer.location == path
    assert browser.get(path).location == "/desk"
    page = browser.get("/desk").text
    assert "Welcome!" in page
    assert "moderator" in page


def test_a_person_with_an_account_logs_in_and_accepts_with_one_click(
    app: APIFlask, services: Services, other_site: Credentials, site: Credentials, link: Callable[..., str]
) -> None:
    add_user(services.store, "sari@x.example", "Sari", PASSWORD, other_site.site_id, "viewer")
    path, browser = link(email="sari@x.example"), Browser(app.test_client())
    form = {"name": "Sari", "password": OTHER}
    # told the same as somebody new
    assert browser.post(path, form, page=path).location == f"/login?next={path}"
    browser.log_in("sari@x.example", next=path)
    assert "Accept" in browser.get(path).text
    assert browser.post(f"{path}/accept", page=path).location == "/desk"
    assert "news.example" in browser.get("/desk").text
    assert browser.get(path).location == "/desk"
    assert Browser(app.test_client()).get(path).status_code == 404


def test_a_person_of_another_address_is_told_so(
    app: APIFlask, services: Services, other_site: Credentials, link: Callable[..., str]
) -> None:
    add_user(services.store, "dewi@x.example", "Dewi", PASSWORD, other_site.site_id, "viewer")
    path, browser = link(email="sari@x.example"), Browser(app.test_client())
    browser.log_in("dewi@x.example")
    assert "another e-mail address" in browser.get(path).text
    assert browser.post(f"{path}/accept", page="/desk").status_code == 403


@pytest.mark.parametrize("token", ["a" * 43, "a" * 42, "%00" * 43, "../../" * 7 + "a"])
def test_a_link_that_never_was_says_no_more_than_an_old_one(app: APIFlask, token: str) -> None:
    browser = Browser(app.test_client())
    assert browser.get(f"/invitations/{token}").status_code == 404


def test_an_old_link_is_told_from_nothing(app: APIFlask, link: Callable[..., str], clock: Clock) -> None:
    path, browser = link(), Browser(app.test_client())
    token = browser.token(path)
    clock.forward(days=8)
    never = f"/invitations/{'a' * 43}"
    assert browser.get(path).text == browser.get(never).text
    assert "This invitation is not valid" in browser.get(path).text
    form = {"csrf_token": token, "name": "Sari", "email": "sari@x.example", "password": OTHER}
    assert browser.client.post(path, data=form).status_code == 404
