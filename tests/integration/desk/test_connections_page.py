"""The page on which a lead chooses how other services' clients are answered, and an admin shares secrets with platforms."""

import re
from collections.abc import Callable

import pytest

from service.bootstrap import Services
from service.domain.compat import OPENAI_CATEGORIES, Compat, OnFailure, UnknownAttributes
from service.moderation.connect import MOST_SECRETS, choices_of, choose, secrets_shown, share_secret
from service.moderation.sites import Credentials
from service.store.compat import PlatformSecrets
from tests.integration.desk.browser import Browser

PAGE = "/settings/compat"
SECRETS = f"{PAGE}/secrets"
Browse = Callable[[str], Browser]

SENT = {
    "unknown_attributes": "zero",
    "declared_language": "ignore",
    "akismet_verdict": "spam_or_toxic",
    "akismet_discard": "0,95",
    "on_failure": "closed",
    "budget_ms": " 90 ",
    "openai_images": "ignore",
    "openai_thresholds.hate": "0.25",
}


def test_each_format_has_its_address(browse: Browse, services: Services, site: Credentials) -> None:
    page = browse("lead").get(PAGE).text
    base = services.settings.public_url
    for path in (
        "",
        "/$discovery/rest?version=v1alpha1",
        "/v1",
        "/integrations/coral/moderate/news.example",
        "/v1/webhooks/comments/news.example/discourse",
        "/v1/webhooks/comments/news.example/github",
        "/v1/webhooks/comments/news.example/hyvor",
    ):
        assert f">{base}{path}</code>" in page
    assert f">{services.settings.akismet_host}" in page
    for service in ("Perspective", "Akismet", "OpenAI", "Coral", "Discourse", "GitHub", "Hyvor Talk"):
        assert f"<b>{service}</b>" in page


def test_what_is_saved_unchanged_stays_as_it_is(browse: Browse, services: Services, site: Credentials) -> None:
    chosen = Compat(budget_ms=77, akismet_discard=0.875, openai_thresholds={"hate": 0.25})
    choose(services.store, site.site_id, chosen)
    lead = browse("lead")
    page = lead.get(PAGE).text
    fields = dict(re.findall(r'<input (?:id="[^"]+" )?name="([^"]+)" inputmode[^>]* value="([^"]*)"', page))
    fields |= dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)" checked>', page))
    assert len(fields) == 7 + len(OPENAI_CATEGORIES)
    assert lead.post(PAGE, fields, page=PAGE).status_code == 303
    assert choices_of(services.store, site.site_id) == chosen


def test_choices_are_saved(browse: Browse, services: Services, site: Credentials, other_site: Credentials) -> None:
    assert browse("lead").post(PAGE, SENT, page=PAGE).status_code == 303
    chosen = choices_of(services.store, site.site_id)
    assert (chosen.unknown_attributes, chosen.on_failure) == (UnknownAttributes.ZERO, OnFailure.CLOSED)
    assert (chosen.budget_ms, chosen.akismet_discard, chosen.openai_thresholds) == (90, 0.95, {"hate": 0.25})
    assert services.at_once.terms(site.site_id).compat == chosen
    assert choices_of(services.store, other_site.site_id) == Compat()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("budget_ms", "19"),
        ("budget_ms", "many"),
        ("budget_ms", "9" * 5_000),
        ("budget_ms", "²"),
        ("akismet_discard", "0"),
        ("akismet_discard", "nan"),
        ("akismet_discard", "\x00"),
        ("openai_thresholds.hate", "1.5"),
        ("openai_thresholds.hate", "-inf"),
        ("on_failure", "ajar"),
        ("unknown_attributes", ""),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_changes_nothing(
    browse: Browse, services: Services, site: Credentials, name: str, value: str
) -> None:
    answer = browse("lead").post(PAGE, {**SENT, name: value}, page=PAGE)
    assert answer.status_code == 422
    assert f'id="fault-{name}"' in answer.text
    assert answer.text.count('class="fault"') == 1
    assert choices_of(services.store, site.site_id) == Compat()


def test_an_empty_form_is_no_choice(browse: Browse) -> None:
    answer = browse("lead").post(PAGE, {}, page=PAGE)
    assert (answer.status_code, answer.text.count('class="fault"')) == (422, 6)


def test_the_neutral_answer_is_named_as_such(browse: Browse) -> None:
    page = browse("lead").get(PAGE).text
    assert "Answer a neutral 0" in page
    assert "the 0 says nothing about the text" in page


def test_a_secret_is_shown_once_and_then_its_beginning(browse: Browse, services: Services, site: Credentials) -> None:
    admin = browse("admin")
    answer = admin.post(SECRETS, {"platform": "coral"}, page=PAGE)
    assert answer.status_code == 201
    [secret] = re.findall(r'<p><code class="secret" tabindex="0">([^<]+)</code></p>', answer.text)
    with services.store.read() as tx:
        assert PlatformSecrets(tx, site.site_id).of("coral") == [secret]
    page = admin.get(PAGE).text
    assert secret not in page
    assert f"<code>{secret[:4]}…</code>" in page
    [shown] = secrets_shown(services.store, site.site_id)
    assert admin.post(f"{SECRETS}/{shown.id}/remove", page=PAGE).status_code == 303
    assert secrets_shown(services.store, site.site_id) == []


def test_a_platforms_own_secret_is_kept_as_it_is(browse: Browse, services: Services, site: Credentials) -> None:
    form = {"platform": "hyvor", "secret": "  made by Hyvor Talk  "}
    assert browse("admin").post(SECRETS, form, page=PAGE).status_code == 201
    with services.store.read() as tx:
        assert PlatformSecrets(tx, site.site_id).of("hyvor") == ["made by Hyvor Talk"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"platform": "wordpress"},
        {"platform": "coral", "secret": "too short"},
        {"platform": "coral", "secret": "x" * 301},
        {"platform": "coral", "secret": "with\x00a NUL in it"},
        {"platform": "coral", "secret": "two\nlines of it"},
    ],
)
def test_what_can_not_be_a_secret_is_refused(
    browse: Browse, services: Services, site: Credentials, form: dict[str, str]
) -> None:
    answer = browse("admin").post(SECRETS, form, page=PAGE)
    assert (answer.status_code, "Choose a platform, and give a secret of 12 to 300" in answer.text) == (422, True)
    assert secrets_shown(services.store, site.site_id) == []


def test_there_are_not_more_secrets_than_are_compared(browse: Browse, services: Services, site: Credentials) -> None:
    for _ in range(MOST_SECRETS):
        share_secret(services.store, site.site_id, "github")
    answer = browse("admin").post(SECRETS, {"platform": "github"}, page=PAGE)
    assert (answer.status_code, "20 secrets are kept already" in answer.text) == (409, True)


def test_a_lead_sees_which_secrets_there_are_and_has_no_button_for_them(
    browse: Browse, services: Services, site: Credentials, other_site: Credentials
) -> None:
    share_secret(services.store, site.site_id, "coral", "ours for Coral")
    share_secret(services.store, other_site.site_id, "coral", "theirs for Coral")
    page = browse("lead").get(PAGE).text
    assert "<code>ours…</code>" in page
    assert "thei…" not in page
    assert "/remove" not in page
    assert 'name="platform"' not in page
