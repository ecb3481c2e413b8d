"""Logging in by single sign-on, against a real provider on this machine."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.domain.errors import Refused
from service.moderation.account import change_password
from service.moderation.invite import invite, join_anew, open_invitations
from service.moderation.sign_in import NO_PASSWORD, add_user, sign_in, who
from service.moderation.sites import Credentials
from service.store import Store
from service.store.users import UserRow, Users
from service.web import sso
from tests.app import an_app
from tests.browser.stage import PASSWORD
from tests.conftest import one_database
from tests.integration.desk.browser import Browser
from tests.integration.desk.codes import set_up
from tests.integration.desk.sso.conftest import AYU, CALLBACK
from tests.provider import Provider

SARI = {"sub": "sari-1", "email": "sari@news.example", "email_verified": True, "name": "Sari\x00 Dewi"}


def person(store: Store, email: str) -> UserRow | None:
    with store.read() as tx:
        return Users(tx).by_email(email)


def test_the_login_offers_it(browser: Browser) -> None:
    assert 'href="/login/oidc"' in browser.get("/login").text
    assert 'href="/login/oidc?next=/desk?x%3D1"' in browser.get("/login?next=/desk?x%3D1").text


def test_a_person_with_a_verified_address_is_let_in_and_linked(
    browser: Browser, enter: Callable[..., TestResponse], store: Store, ayu: str, op: Provider
) -> None:
    assert enter("/desk/search?q=a", **AYU).location == "/desk/search?q=a"
    assert browser.get("/desk").status_code == 200
    found = person(store, "ayu@news.example")
    assert found is not None
    assert found.oidc_subject == f"{op.url} ayu-1"


def test_who_is_linked_is_found_whatever_their_address_is_now(
    browser: Browser, enter: Callable[..., TestResponse], ayu: str
) -> None:
    enter(**AYU)
    browser.post("/logout")
    assert enter(sub="ayu-1", email="new@name.example", email_verified=False).location == "/desk"
    assert "Ayu" in browser.get("/desk").text


@pytest.mark.parametrize("verified", [False, None, "false", 1.5, "yes"])
def test_an_address_that_is_not_verified_is_nobodys(
    browser: Browser, enter: Callable[..., TestResponse], ayu: str, verified: object
) -> None:
    answer = enter(**{**AYU, "email_verified": verified})
    assert (answer.status_code, "Nobody has invited you yet" in answer.text) == (403, True)
    assert browser.get("/desk").status_code == 302


def test_an_account_that_is_linked_to_one_is_not_given_to_another(
    browser: Browser, enter: Callable[..., TestResponse], store: Store, ayu: str
) -> None:
    enter(**AYU)
    browser.post("/logout")
    assert enter(**{**AYU, "sub": "ayu-2"}).status_code == 403
    found = person(store, "ayu@news.example")
    assert found is not None
    assert str(found.oidc_subject).endswith(" ayu-1")


def test_linking_ends_what_was_begun_by_password(enter: Callable[..., TestResponse], store: Store, ayu: str) -> None:
    before = sign_in(store, "ayu@news.example", PASSWORD)
    assert isinstance(before, str)
    enter(**AYU)
    assert who(store, before) is None


def test_nobody_gets_an_account_without_being_invited(enter: Callable[..., TestResponse], store: Store) -> None:
    assert enter(**SARI).status_code == 403
    assert person(store, "sari@news.example") is None


def test_an_invitation_of_their_address_is_accepted(
    browser: Browser, enter: Callable[..., TestResponse], store: Store, site: Credentials, ayu: str
) -> None:
    invite(store, site.site_id, ayu, "lead", "Sari@news.example")
    invite(store, site.site_id, ayu, "lead", "other@news.example")
    assert enter(**SARI).location == "/desk"
    page = browser.get("/settings/policy")
    assert page.status_code == 200
    assert "Sari Dewi" in page.text
    assert [one.email for one in open_invitations(store, site.site_id)] == ["other@news.example"]


def test_an_invitation_that_they_bring_the_link_of_is_accepted(
    browser: Browser, enter: Callable[..., TestResponse], store: Store, site: Credentials, ayu: str
) -> None:
    path = f"/invitations/{invite(store, site.site_id, ayu, 'lead').token}"
    assert f'href="/login/oidc?next={path}"' in browser.get(path).text
    assert enter(path, **SARI).location == path
    assert browser.get(path).location == "/desk"


def test_a_link_that_names_another_address_lets_nobody_in(
    enter: Callable[..., TestResponse], store: Store, site: Credentials, ayu: str
) -> None:
    token = invite(store, site.site_id, ayu, "lead", "other@news.example").token
    assert enter(f"/invitations/{token}", **SARI).status_code == 403


def test_an_invitation_gives_nothing_to_an_address_that_is_not_verified(
    enter: Callable[..., TestResponse], store: Store, site: Credentials, ayu: str
) -> None:
    token = invite(store, site.site_id, ayu, "lead", "sari@news.example").token
    assert enter(f"/invitations/{token}", **{**SARI, "email_verified": False}).status_code == 403


def test_who_came_by_it_has_no_password_to_guess(
    browser: Browser, enter: Callable[..., TestResponse], store: Store, site: Credentials, ayu: str
) -> None:
    invite(store, site.site_id, ayu, "lead", "sari@news.example")
    enter(**SARI)
    for password in (NO_PASSWORD, "", PASSWORD):
        with pytest.raises(Refused):
            sign_in(store, "sari@news.example", password)
    page = browser.get("/settings/account").text
    assert "You log in by single sign-on" in page
    assert 'type="password"' not in page
    found = person(store, "sari@news.example")
    assert found is not None
    with pytest.raises(Refused):
        change_password(store, found.id, NO_PASSWORD, "a new password", "")


def test_a_stranger_who_made_the_account_first_is_locked_out_of_it(
    browser: Browser, enter: Callable[..., TestResponse], store: Store, site: Credentials, ayu: str
) -> None:
    join_anew(store, invite(store, site.site_id, ayu, "lead").token, "sari@news.example", "Sari", PASSWORD)
    made = person(store, "sari@news.example")
    assert made is not None
    set_up(store, made.id)
    assert enter(**SARI).location == "/desk"
    with pytest.raises(Refused):
        sign_in(store, "sari@news.example", PASSWORD)
    now = person(store, "sari@news.example")
    assert now is not None
    assert (now.totp_secret, now.totp_at, now.recovery_codes) == (None, None, None)


def test_the_password_goes_on_working(enter: Callable[..., TestResponse], store: Store, ayu: str) -> None:
    enter(**AYU)
    assert isinstance(sign_in(store, "ayu@news.example", PASSWORD), str)


def test_the_second_factor_is_the_providers_matter(
    browser: Browser, enter: Callable[..., TestResponse], store: Store, ayu: str
) -> None:
    set_up(store, ayu)
    assert enter(**AYU).location == "/desk"
    assert browser.get("/desk").status_code == 200


def test_an_address_that_is_told_elsewhere_is_asked_for(
    enter: Callable[..., TestResponse], op: Provider, ayu: str
) -> None:
    op.userinfo = dict(AYU)
    assert enter(sub="ayu-1").location == "/desk"


def test_what_is_told_of_somebody_else_does_not_count(
    enter: Callable[..., TestResponse], op: Provider, ayu: str
) -> None:
    op.userinfo = {**AYU, "sub": "somebody else"}
    assert enter(sub="ayu-1").status_code == 403


@one_database
def test_the_description_is_asked_for_once_and_again_after_an_hour(
    enter: Callable[..., TestResponse], browser: Browser, op: Provider, ayu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        enter(**AYU)
        browser.post("/logout")
    assert op.asked.count("/.well-known/openid-configuration") == 1
    now = sso.time.monotonic()
    monkeypatch.setattr(sso.time, "monotonic", lambda: now + sso.KEEP)
    enter(**AYU)
    assert op.asked.count("/.well-known/openid-configuration") == 2


@one_database
def test_nothing_is_asked_of_the_provider_until_somebody_wants_in(browser: Browser, op: Provider) -> None:
    browser.get("/login")
    assert op.asked == []


@one_database
@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_the_secret_is_given_as_the_provider_takes_it(
    enter: Callable[..., TestResponse], op: Provider, ayu: str, method: str
) -> None:
    op.description = {"token_endpoint_auth_methods_supported": [method]}
    assert enter(**AYU).location == "/desk"


@one_database
def test_where_none_is_set_there_is_none(services: Services) -> None:
    browser = Browser(an_app(services).test_client())
    assert "oidc" not in browser.get("/login").text
    assert browser.get("/login/oidc").status_code == 404
    assert browser.get(CALLBACK).status_code == 404


@one_database
def test_the_provider_is_told_to_come_back_to_the_public_address(browser: Browser) -> None:
    location = browser.get("/login/oidc", headers={"Host": "evil.example"}).location
    assert parse_qs(urlsplit(location).query)["redirect_uri"] == [f"http://127.0.0.1:8080{CALLBACK}"]


def test_a_person_linked_elsewhere_is_told_apart_by_the_issuer(
    enter: Callable[..., TestResponse], store: Store, site: Credentials, ayu: str
) -> None:
    stranger = add_user(store, "stranger@news.example", "Stranger", PASSWORD, site.site_id, "admin")
    with store.begin() as tx:
        Users(tx).change(stranger, oidc_subject="https://elsewhere.example ayu-1")
    enter(**AYU)
    found = person(store, "ayu@news.example")
    assert found is not None
    assert found.id == ayu
