"""People see how a site's callback fares, and code of the version before works on the new tables."""

import sqlalchemy as sa
from apiflask import APIFlask
from click.testing import CliRunner

from service.bootstrap import Services
from service.cli import main
from service.moderation.sign_in import add_user
from service.moderation.sites import add_site
from service.settings import Settings
from service.store.engine import new_id
from service.store.sites import Sites
from tests.integration.delivery.place import row
from tests.integration.desk.browser import PASSWORD, Browser


def saring(settings: Settings, *arguments: str) -> str:
    env = {
        "SARING_DATA_DIR": str(settings.data_dir),
        "SARING_DATABASE_URL": settings.database_url,
        "SARING_REDIS_URL": settings.redis_url or "",
        "SARING_ALLOW_PRIVATE_CALLBACKS": "1",
    }
    result = CliRunner().invoke(main, ["site", *arguments], env=env)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_operator_asks_for_batches_and_sees_what_a_site_gets(services: Services, settings: Settings) -> None:
    site_id = add_site("kabar.example", None, services.store, allow_private=True).site_id
    saring(settings, "set-callback", "kabar.example", "http://127.0.0.1:9/hook", "--batch", "100")
    assert row(services, site_id).callback_batch == 100
    assert "up to 100 events at once" in saring(settings, "list")
    saring(settings, "set-callback", "kabar.example", "http://127.0.0.1:9/hook")
    assert row(services, site_id).callback_batch == 1


def test_an_open_breaker_is_listed_and_shown_at_the_desk(services: Services, settings: Settings, app: APIFlask) -> None:
    site_id = add_site("kabar.example", "http://127.0.0.1:9/hook", services.store, allow_private=True).site_id
    assert "not answering since" not in saring(settings, "list")
    with services.store.begin() as tx:
        Sites(tx).change(site_id, callback_opened_at=tx.now)
    assert "not answering since" in saring(settings, "list")
    add_user(services.store, "lead@kabar.example", "Lead", PASSWORD, site_id, "lead")
    browser = Browser(app.test_client())
    browser.log_in("lead@kabar.example")
    assert "has not answered since" in browser.get("/settings/deliveries").text


def test_code_that_knows_nothing_of_the_new_columns_adds_sites(services: Services) -> None:
    old = sa.table("sites", *map(sa.column, ("id", "name", "webhook_secret", "created_at")))
    site_id = new_id()
    with services.store.begin() as tx:
        told = {"id": site_id if tx.sqlite is False else site_id.replace("-", ""), "name": "old.example"}
        created = tx.now.replace(tzinfo=None).isoformat(" ") if tx.sqlite else tx.now
        tx.connection.execute(sa.insert(old).values(**told, webhook_secret="whsec_eA==", created_at=created))
    site = row(services, site_id)
    assert (site.callback_batch, site.callback_failures, site.callback_opened_at) == (1, 0, None)
    assert site.callback_rest_until is None
