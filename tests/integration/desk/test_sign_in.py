"""Logging in and staying so."""

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from service.domain.errors import Invalid, Refused
from service.domain.user import Role
from service.moderation import sign_in as module
from service.moderation.sign_in import FREE_TRIES, add_user, hash_of, sign_in, sign_out, who
from service.moderation.sites import Credentials
from service.store import Store
from service.store.tables import sessions, users
from service.store.users import Users
from tests.conftest import Clock
from tests.integration.desk.browser import PASSWORD


def password_hash(store: Store, user_id: str) -> str:
    with store.read() as tx:
        user = Users(tx).get(user_id)
    assert user is not None
    return user.password_hash


def test_the_right_password_begins_a_session(store: Store, ayu: str) -> None:
    person = who(store, sign_in(store, " Ayu@News.example ", PASSWORD))
    assert person is not None
    assert (person.id, person.name) == (ayu, "Ayu")
    assert [(found.site_name, found.role) for found in person.memberships] == [("news.example", Role.MODERATOR)]


@pytest.mark.parametrize("email", ["ayu@news.example", "nobody@news.example"])
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(store: Store, ayu: str, email: str) -> None:
    with pytest.raises(Refused, match="wrong e-mail address or password"):
        sign_in(store, email, "not the password")


def test_an_unknown_address_costs_a_hash_as_well(store: Store, ayu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    verified = []
    monkeypatch.setattr(module, "_verified", lambda *arguments: bool(verified.append(arguments)))
    with pytest.raises(Refused):
        sign_in(store, "nobody@news.example", PASSWORD)
    assert len(verified) == 1


def test_too_many_tries_lock_the_account_even_for_the_right_password(store: Store, ayu: str) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused):
            sign_in(store, "ayu@news.example", "not the password")
    with pytest.raises(Refused):
        sign_in(store, "ayu@news.example", PASSWORD)


def test_a_lock_ends_by_itself_and_grows_with_each_failure(store: Store, ayu: str, clock: Clock) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused):
            sign_in(store, "ayu@news.example", "not the password")
    clock.forward(seconds=31)
    with pytest.raises(Refused):
        sign_in(store, "ayu@news.example", "not the password")
    clock.forward(seconds=31)
    with pytest.raises(Refused):
        sign_in(store, "ayu@news.example", PASSWORD)
    clock.forward(seconds=30)
    assert sign_in(store, "ayu@news.example", PASSWORD)


def test_a_login_forgets_earlier_failures(store: Store, ayu: str) -> None:
    for _ in range(3):
        for _ in range(FREE_TRIES - 1):
            with pytest.raises(Refused):
                sign_in(store, "ayu@news.example", "not the password")
        assert sign_in(store, "ayu@news.example", PASSWORD)


def test_a_session_ends_when_it_is_not_used_for_a_night(store: Store, ayu: str, clock: Clock) -> None:
    token = sign_in(store, "ayu@news.example", PASSWORD)
    for _ in range(4):
        clock.forward(hours=11)
        assert who(store, token)
    clock.forward(hours=13)
    assert who(store, token) is None


def test_a_session_ends_after_a_month_however_much_it_is_used(store: Store, ayu: str, clock: Clock) -> None:
    token = sign_in(store, "ayu@news.example", PASSWORD)
    for _ in range(71):
        clock.forward(hours=10)
        assert who(store, token)
    clock.forward(hours=11)
    assert who(store, token) is None


def test_logging_out_ends_the_session(store: Store, ayu: str) -> None:
    token = sign_in(store, "ayu@news.example", PASSWORD)
    sign_out(store, token)
    assert who(store, token) is None


def test_the_token_is_not_in_the_database(store: Store, ayu: str) -> None:
    token = sign_in(store, "ayu@news.example", PASSWORD)
    with store.read() as tx:
        kept = tx.connection.execute(sa.select(sessions.c.token_hash)).scalars().all()
    assert kept == [hash_of(token)]
    assert token not in kept


def test_passwords_are_kept_as_argon2id(
    store: Store, ayu: str, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "hasher", PasswordHasher)
    user_id = add_user(store, "new@news.example", "New", PASSWORD, site.site_id, Role.VIEWER)
    assert password_hash(store, user_id).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_of_older_parameters_is_renewed_at_login(
    store: Store, ayu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "hasher", PasswordHasher)
    assert "m=8," in password_hash(store, ayu)
    sign_in(store, "ayu@news.example", PASSWORD)
    assert "m=65536," in password_hash(store, ayu)
    assert sign_in(store, "ayu@news.example", PASSWORD)


@pytest.mark.parametrize(
    ("email", "password", "role"),
    [
        ("no address", PASSWORD, "lead"),
        ("a@b", "short", "lead"),
        ("a@b", "x" * 1_001, "lead"),
        ("a@b", PASSWORD, "king"),
    ],
)
def test_a_person_that_cannot_be_is_refused(
    store: Store, site: Credentials, email: str, password: str, role: str
) -> None:
    with pytest.raises(Invalid):
        add_user(store, email, "Name", password, site.site_id, role)


def test_a_known_person_gets_another_role_and_another_site(
    store: Store, site: Credentials, other_site: Credentials, ayu: str
) -> None:
    assert add_user(store, "AYU@news.example", "Other", "another password", other_site.site_id, "lead") == ayu
    assert add_user(store, "ayu@news.example", "Other", "another password", site.site_id, "admin") == ayu
    person = who(store, sign_in(store, "ayu@news.example", PASSWORD))
    assert person is not None
    assert [(found.site_name, found.role.value) for found in person.memberships] == [
        ("news.example", "admin"),
        ("other.example", "lead"),
    ]
    with store.read() as tx:
        assert tx.connection.execute(sa.select(sa.func.count()).select_from(users)).scalar() == 1
