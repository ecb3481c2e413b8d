"""What a site has settled for other services' formats, and the secrets that it shares with them."""

import pytest
from apiflask import APIFlask

from service.bootstrap import Services
from service.domain.compat import PLATFORMS, Compat, OnFailure
from service.moderation.sites import Credentials, rotate_secret, site_named
from service.store import Store
from service.store.compat import CompatSettings, PlatformSecrets
from service.web.signatures import secrets_of
from tests.conftest import Clock

CHOSEN = Compat(on_failure=OnFailure.CLOSED, budget_ms=90, openai_thresholds={"hate": 0.25})


def choices(store: Store, site: Credentials) -> Compat:
    with store.read() as tx:
        return CompatSettings(tx, site.site_id).get()


def test_a_site_that_chose_nothing_has_the_defaults(store: Store, site: Credentials) -> None:
    assert choices(store, site) == Compat()


def test_choices_are_kept_and_are_of_one_site(store: Store, site: Credentials, other_site: Credentials) -> None:
    for compat in (Compat(budget_ms=300), CHOSEN):
        with store.begin() as tx:
            CompatSettings(tx, site.site_id).put(compat)
    assert choices(store, site) == CHOSEN
    assert choices(store, other_site) == Compat()


def test_secrets_are_of_one_platform_and_one_site(store: Store, site: Credentials, other_site: Credentials) -> None:
    with store.begin() as tx:
        secrets = PlatformSecrets(tx, site.site_id)
        ids = [secrets.add(platform, f"{platform}-secret") for platform in PLATFORMS]
        secrets.add("coral", "newer")
        assert secrets.of("coral") == ["newer", "coral-secret"]
        assert secrets.of("nobody") == []
        shown = secrets.all()
        assert [(one.platform, one.hint) for one in shown][:3] == [
            ("coral", "cora"),
            ("coral", "newe"),
            ("discourse", "disc"),
        ]
        others = PlatformSecrets(tx, other_site.site_id)
        assert (others.of("coral"), others.all(), others.remove(ids[0])) == ([], [], False)
        assert secrets.remove(ids[0])
        assert not secrets.remove(ids[0])
        assert secrets.of("coral") == ["newer"]


def test_a_platform_may_sign_with_its_own_secrets_and_the_sites(
    app: APIFlask, services: Services, site: Credentials, clock: Clock
) -> None:
    with services.store.begin() as tx:
        PlatformSecrets(tx, site.site_id).add("github", "theirs")
    new = rotate_secret("news.example", services.store, clock, at_once=False)
    with app.app_context():
        row = site_named("news.example", services.store)
        assert secrets_of(row, "github") == ["theirs", new, site.webhook_secret]
        assert secrets_of(row, "coral") == [new, site.webhook_secret]
        clock.forward(days=2)
        assert secrets_of(row, "coral") == [new]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_secret_that_signs_is_stored_as_it_is(store: Store, site: Credentials) -> None:
    with store.begin() as tx:
        PlatformSecrets(tx, site.site_id).add("coral", "ünïcode ✓ secret")
        assert PlatformSecrets(tx, site.site_id).of("coral") == ["ünïcode ✓ secret"]
