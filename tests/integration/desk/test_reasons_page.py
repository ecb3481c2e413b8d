"""The page on which a lead writes the reasons that moderators can give."""

from collections.abc import Callable

import pytest

from service.bootstrap import Services
from service.desk.reasons import code_of
from service.domain.reasons import DEFAULT_REASONS, ChosenReason, site_reasons
from service.moderation.sites import Credentials
from service.moderation.steer import reasons_of
from tests.integration.desk.browser import Browser

PAGE = "/settings/reasons"
Browse = Callable[[str], Browser]


def test_what_is_saved_unchanged_stays_the_default_list(browse: Browse, services: Services, site: Credentials) -> None:
    lead = browse("lead")
    page = lead.get(PAGE).text
    form = {f"code.{key}": code for key, code in enumerate(DEFAULT_REASONS, 1)}
    form |= {f"label.{key}": code.replace("_", " ") for key, code in enumerate(DEFAULT_REASONS, 1)}
    assert all(f'value="{code}"' in page for code in DEFAULT_REASONS)
    assert lead.post(PAGE, form, page=PAGE).status_code == 303
    kept = {one.code: one.label for one in reasons_of(services.store, site.site_id)}
    assert tuple(kept) == DEFAULT_REASONS


def test_a_new_reason_gets_a_code_and_the_key_of_its_place(
    browse: Browse, services: Services, site: Credentials
) -> None:
    lead = browse("lead")
    form = {"label.2": "  Ujaran   kebencian SARA ", "label.5": "Ujaran kebencian: SARA"}
    assert lead.post(PAGE, form, page=PAGE).status_code == 303
    assert reasons_of(services.store, site.site_id) == (
        ChosenReason("ujaran_kebencian_sara", "Ujaran kebencian SARA"),
        ChosenReason("ujaran_kebencian_sara_2", "Ujaran kebencian: SARA"),
    )


def test_the_default_list_comes_back(browse: Browse, services: Services, site: Credentials) -> None:
    lead = browse("lead")
    lead.post(PAGE, {"label.1": "Nur dies"}, page=PAGE)
    assert lead.post(PAGE, {"default": "1"}, page=PAGE).status_code == 303
    assert reasons_of(services.store, site.site_id) == site_reasons(None)


@pytest.mark.parametrize(
    "form",
    [{}, {"label.1": "x" * 61}, {"label.1": "a\x00b"}, {"label.1": "\u202eevil"}, {"code.1": "Score!", "label.1": "x"}],
)
def test_what_can_not_be_a_list_changes_nothing(
    browse: Browse, services: Services, site: Credentials, form: dict[str, str]
) -> None:
    answer = browse("lead").post(PAGE, form, page=PAGE)
    assert answer.status_code == 422
    assert "Not saved" in answer.text
    assert reasons_of(services.store, site.site_id) == site_reasons(None)


def test_moderators_can_not_change_the_list(browse: Browse) -> None:
    assert browse("moderator").get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("label", "code"),
    [("Off topic!", "off_topic"), ("3 kali", "reason_3_kali"), ("仇恨", "reason"), ("Écrit", "ecrit")],
)
def test_codes_are_plain_letters(label: str, code: str) -> None:
    assert code_of(label, []) == code
