"""Roles, leaving, and who may never leave."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from apiflask import APIFlask

from service.bootstrap import Services
from service.domain.errors import Invalid, LastAdmin, NotFound
from service.domain.user import Role
from service.moderation.invite import invite, offer_of
from service.moderation.people import change_role, people_of, remove
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials
from service.store import Store
from tests.browser.stage import PASSWORD
from tests.conftest import Clock
from tests.integration.desk.browser import Browser
from tests.integration.desk.codes import set_up

Browse = Callable[[str], Browser]
PAGE = "/settings/people"


@pytest.fixture
def rina(services: Services, site: Credentials) -> str:
    """An admin's id."""
    return add_user(services.store, "rina@news.example", "Rina", PASSWORD, site.site_id, "admin")


def roles(store: Store, site: Credentials) -> dict[str, Role]:
    return {person.name: person.role for person in people_of(store, site.site_id)}


def test_everybody_of_the_site_is_listed_by_name(
    store: Store, site: Credentials, other_site: Credentials, rina: str, bima: str, ayu: str
) -> None:
    add_user(store, "lain@other.example", "Lain", PASSWORD, other_site.site_id, "lead")
    assert [person.name for person in people_of(store, site.site_id)] == ["Ayu", "Bima", "Rina"]


def test_the_list_tells_when_somebody_was_last_seen_and_of_their_second_factor(
    app: APIFlask, store: Store, site: Credentials, ayu: str, clock: Clock
) -> None:
    assert people_of(store, site.site_id)[0].seen_at is None
    browser = Browser(app.test_client())
    browser.log_in("ayu@news.example")
    clock.forward(minutes=10)
    browser.get("/desk")
    browser.post("/logout")
    set_up(store, ayu)
    [person] = people_of(store, site.site_id)
    assert person.seen_at == clock.now
    assert person.totp_at == clock.now


def test_a_role_is_changed(store: Store, site: Credentials, rina: str, ayu: str) -> None:
    change_role(store, site.site_id, ayu, "lead")
    assert roles(store, site) == {"Ayu": Role.LEAD, "Rina": Role.ADMIN}


def test_no_role_is_refused(store: Store, site: Credentials, rina: str, ayu: str) -> None:
    with pytest.raises(Invalid):
        change_role(store, site.site_id, ayu, "king")


def test_the_last_admin_stays_one(store: Store, site: Credentials, rina: str, ayu: str) -> None:
    with pytest.raises(LastAdmin):
        change_role(store, site.site_id, rina, "lead")
    with pytest.raises(LastAdmin):
        remove(store, site.site_id, rina)
    change_role(store, site.site_id, ayu, "admin")
    remove(store, site.site_id, rina)
    assert roles(store, site) == {"Ayu": Role.ADMIN}


def test_another_sites_admin_does_not_count(
    store: Store, site: Credentials, other_site: Credentials, rina: str, ayu: str
) -> None:
    add_user(store, "ayu@news.example", "Ayu", PASSWORD, other_site.site_id, "admin")
    with pytest.raises(LastAdmin):
        remove(store, site.site_id, rina)


def test_of_two_admins_who_remove_each_other_one_stays(store: Store, site: Credentials, rina: str) -> None:
    tono = add_user(store, "tono@news.example", "Tono", PASSWORD, site.site_id, "admin")

    def attempt(user_id: str) -> bool:
        try:
            remove(store, site.site_id, user_id)
        except LastAdmin:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, (rina, tono))) == [False, True]


def test_nobody_of_another_site_is_changed_or_removed(
    store: Store, site: Credentials, other_site: Credentials, rina: str, ayu: str
) -> None:
    for act in (
        lambda: change_role(store, other_site.site_id, ayu, "lead"),
        lambda: remove(store, other_site.site_id, ayu),
    ):
        with pytest.raises(NotFound):
            act()
    assert roles(store, site)["Ayu"] is Role.MODERATOR


def test_who_is_removed_acts_no_more_though_still_logged_in(
    app: APIFlask, store: Store, site: Credentials, rina: str, ayu: str
) -> None:
    browser = Browser(app.test_client())
    browser.log_in("ayu@news.example")
    token = browser.token()
    remove(store, site.site_id, ayu)
    assert browser.get("/desk").status_code == 403
    form = {"csrf_token": token, "action": "approve", "comment": "x"}
    assert browser.client.post("/desk/decisions", data=form).status_code == 403


def test_a_role_counts_from_the_next_request_on(
    app: APIFlask, store: Store, site: Credentials, rina: str, ayu: str
) -> None:
    browser = Browser(app.test_client())
    browser.log_in("ayu@news.example")
    token = browser.token()
    change_role(store, site.site_id, ayu, "viewer")
    assert browser.client.post("/desk/undo", data={"csrf_token": token}).status_code == 403


@pytest.mark.parametrize("leaves", ["removed", "lead"])
def test_an_admin_who_is_none_any_more_leaves_no_invitation_behind(
    store: Store, site: Credentials, rina: str, leaves: str
) -> None:
    tono = add_user(store, "tono@news.example", "Tono", PASSWORD, site.site_id, "admin")
    back_door, fine = (
        invite(store, site.site_id, tono, "admin").token,
        invite(store, site.site_id, rina, "viewer").token,
    )
    if leaves == "removed":
        remove(store, site.site_id, tono)
    else:
        change_role(store, site.site_id, tono, leaves)
    with pytest.raises(NotFound):
        offer_of(store, back_door)
    assert offer_of(store, fine)


def test_the_page_changes_roles_and_removes(browse: Browse, store: Store, site: Credentials, ayu: str) -> None:
    browser = browse("admin")
    assert "ayu@news.example" in browser.get(PAGE).text
    browser.post(f"{PAGE}/{ayu}/role", {"role": "lead"}, page=PAGE)
    assert roles(store, site)["Ayu"] is Role.LEAD
    browser.post(f"{PAGE}/{ayu}/remove", page=PAGE)
    assert roles(store, site) == {"Admin": Role.ADMIN}


def test_the_page_says_that_the_last_admin_stays(browse: Browse, store: Store, site: Credentials) -> None:
    browser = browse("admin")
    own = people_of(store, site.site_id)[0].id
    browser.post(f"{PAGE}/{own}/remove", page=PAGE)
    assert "only admin" in browser.get(PAGE).text
    browser.post(f"{PAGE}/{own}/role", {"role": "viewer"}, page=PAGE)
    assert roles(store, site) == {"Admin": Role.ADMIN}


@pytest.mark.parametrize("role", ["", "king", "\x00", "x" * 10_000])
def test_a_role_that_is_none_fails_nothing(browse: Browse, ayu: str, role: str) -> None:
    browser = browse("admin")
    assert browser.post(f"{PAGE}/{ayu}/role", {"role": role}, page=PAGE).status_code == 422
    assert browser.post("/settings/invitations", {"role": role}, page=PAGE).status_code == 422


def test_a_hostile_name_is_shown_as_text(browse: Browse, store: Store, site: Credentials) -> None:
    add_user(store, "x@news.example", '"><script>alert(1)</script>\u202e', PASSWORD, site.site_id, "viewer")
    page = browse("admin").get(PAGE).text
    assert "<script>alert" not in page
    assert "&#34;&gt;&lt;script&gt;" in page
    assert "\u202e" not in page
