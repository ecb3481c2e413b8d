"""The policy and the deliveries on their pages, without script."""

import re
from collections.abc import Callable

import pytest
from apiflask import APIFlask

from service.bootstrap import Services
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials, add_site
from service.moderation.steer import policy_of
from service.store.deliveries import Deliveries
from service.store.sites import Sites
from tests.conftest import one_database
from tests.integration.desk.browser import PASSWORD, Browser
from tests.integration.desk.conftest import Queued

Browse = Callable[[str], Browser]


@pytest.mark.parametrize("path", ["/settings/policy", "/settings/deliveries"])
def test_a_moderator_does_not_steer(browse: Browse, path: str) -> None:
    assert browse("moderator").get(path).status_code == 403


def test_a_policy_is_saved_as_a_new_version(browse: Browse, services: Services, site: Credentials) -> None:
    browser = browse("lead")
    form = policy_form(browser)
    form |= {
        "thresholds.insult.flag": "0,35",
        "thresholds.spam.reject": "",
        "words.block": "slot\n gacor \n",
        "links.max": "5",
    }
    assert browser.post("/settings/policy", form).location == "/settings/policy"
    policy = policy_of(services.store, site.site_id)
    assert policy.version == 2
    assert policy.thresholds["insult"].flag == 0.35
    assert policy.thresholds["spam"].reject is None
    assert policy.block_words == ("slot", "gacor")
    assert policy.max_links == 5


@one_database
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("thresholds.insult.flag", "much", "Give a number above 0"),
        ("thresholds.insult.flag", "2", "Give a number above 0"),
        ("thresholds.insult.flag", "nan", "Give a number above 0"),
        ("thresholds.insult.flag", "0.99", "This is above the threshold for rejecting"),
        ("links.max", "", "Give a whole number"),
        ("authors.trust_after", "-1", "Give a whole number"),
        ("words.flag", "x" * 101, "Give words of 1 to 100"),
        ("mode", "later", "Choose one"),
    ],
)
def test_a_policy_that_cannot_be_says_where(
    browse: Browse, services: Services, site: Credentials, field: str, value: str, said: str
) -> None:
    browser = browse("lead")
    answer = browser.post("/settings/policy", {**policy_form(browser), field: value})
    assert answer.status_code == 422
    fault = re.search(rf'<p class="fault" id="fault-{re.escape(field)}">([^<]*)', answer.text)
    assert fault
    assert said in fault.group(1)
    assert policy_of(services.store, site.site_id).version == 1


def test_two_who_change_the_policy_at_once_do_not_overwrite_each_other(browse: Browse) -> None:
    browser = browse("lead")
    form = policy_form(browser)
    assert browser.post("/settings/policy", form).status_code == 303
    assert browser.post("/settings/policy", form).status_code == 422


def test_dead_deliveries_are_shown_and_sent_again(app: APIFlask, services: Services) -> None:
    site_id = add_site("hooked.example", "http://127.0.0.1:9/hook", services.store, allow_private=True).site_id
    queued = Queued(services, site_id)
    queued()
    with services.store.begin() as tx:
        Deliveries(tx, site_id).stop("410 Gone")
        Sites(tx).change(site_id, callback_disabled_at=tx.now, callback_disabled_why="the callback answered 410 Gone")
    add_user(services.store, "lead@hooked.example", "Lead", PASSWORD, site_id, "lead")
    browser = Browser(app.test_client())
    browser.log_in("lead@hooked.example")
    page = browser.get("/settings/deliveries").text
    assert "the callback answered 410 Gone" in page
    assert "<bdi>410 Gone</bdi>" in page
    path = re.search(r"/settings/deliveries/[0-9a-f-]{36}/resend", page)
    assert path
    browser.post(path.group())
    with services.store.read() as tx:
        assert Deliveries(tx, site_id).page("waiting")
    assert browser.post(path.group()).status_code == 404


@pytest.mark.parametrize("wanted", [True, False])
def test_a_policy_says_whether_other_languages_go_to_a_person(
    browse: Browse, services: Services, site: Credentials, wanted: bool
) -> None:
    browser = browse("lead")
    form = policy_form(browser)
    assert form.pop("languages.flag_unsupported") == "on"
    browser.post("/settings/policy", form | ({"languages.flag_unsupported": "on"} if wanted else {}))
    assert policy_of(services.store, site.site_id).flag_unsupported is wanted
    assert ("languages.flag_unsupported" in policy_form(browser)) is wanted


def policy_form(browser: Browser) -> dict[str, str]:
    """The policy's form as it is shown."""
    page = browser.get("/settings/policy").text
    form = dict(re.findall(r'<input (?:id="[^"]+" )?name="([a-z_.]+)"[^>]* value="([^"]*)"', page))
    form |= dict(re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>([^<]*)</textarea>', page))
    form |= dict(re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)" checked>', page))
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    return {**form, "mode": "pre", "version": version.group(1)}
