"""Preferences, and what one has seen: one's own alone."""

import re
from collections.abc import Callable

import pytest

from service.bootstrap import Services
from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.moderation.accept import accept
from service.moderation.kindness import Day, day_of
from service.moderation.record import record
from service.moderation.review import Act, Seen, review, undo
from service.moderation.sites import Credentials
from service.store.comments import Comments
from service.store.ledger import Ruling
from service.store.rows import CommentRow
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.desk.browser import Browser

Browse = Callable[[str], Browser]
Put = Callable[..., CommentRow]
FORM = {"blur": "all", "break_minutes": "90", "theme": "dark", "language": "id", "single_keys": "on"}
PAGE = "/settings/preferences"


@pytest.fixture
def put(services: Services, site: Credentials) -> Put:
    """Puts a comment with these scores into the queue."""

    def flagged(**scores: float) -> CommentRow:
        added = accept([a_comment()], site.site_id, services.store, lambda: None)[0]
        with services.store.begin() as tx:
            comment = Comments(tx, site.site_id).get(added.id)
            assert comment
            why = (Reason("score", Action.FLAG, "insult", 0.9, 0.5),)
            record(
                tx, site.site_id, [Ruling(comment, Action.FLAG, Actor.POLICY, why, scores=Scores(scores, "en", "m"))]
            )
        with services.store.read() as tx:
            found = Comments(tx, site.site_id).get(added.id)
        assert found
        return found

    return flagged


@pytest.fixture
def decide(services: Services, site: Credentials) -> Callable[[str, CommentRow], None]:
    """Rejects a comment as a moderator."""

    def reject(user_id: str, comment: CommentRow) -> None:
        seen = [Seen(comment.id, comment.revision, comment.status)]
        done = review(services.store, lambda: None, site.site_id, user_id, seen, Act(Action.REJECT), alike=False)
        assert done.decided == (comment.id,)

    return reject


def root(browser: Browser, path: str = "/desk") -> str:
    found = re.search(r"<html[^>]*>", browser.get(path).text)
    assert found
    return found.group()


def test_who_has_chosen_nothing_has_the_worst_blurred_and_a_break_after_50_minutes(browse: Browse) -> None:
    page = browse("moderator").get("/desk").text
    assert 'data-blur="worst"' in page
    assert 'data-rest="50"' in page


def test_what_is_chosen_holds_on_every_page_and_in_every_browser(browse: Browse, services: Services) -> None:
    browser = browse("moderator")
    answer = browser.post(PAGE, FORM)
    assert (answer.status_code, answer.location) == (303, PAGE)
    another = Browser(browser.client.application.test_client())
    another.log_in("moderator@news.example")
    for one in (browser, another):
        for path in ("/desk", PAGE):
            assert 'lang="id" data-theme="dark" data-blur="all" data-keys="on"' in root(one, path)
            assert 'data-rest="90"' in one.get(path).text


def test_single_keys_are_turned_off_by_leaving_the_box_empty(browse: Browse) -> None:
    browser = browse("moderator")
    browser.post(PAGE, {name: value for name, value in FORM.items() if name != "single_keys"})
    assert 'data-keys="off"' in root(browser)


def test_a_colleague_keeps_their_own(browse: Browse) -> None:
    browse("lead").post(PAGE, FORM)
    assert 'data-blur="worst"' in root(browse("moderator"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blur", "x"),
        ("theme", "x"),
        ("language", "x"),
        ("language", ""),
        ("break_minutes", "241"),
        ("break_minutes", "a\x00"),
    ],
)
def test_a_wrong_field_is_told_and_nothing_is_saved(browse: Browse, name: str, value: str) -> None:
    browser = browse("moderator")
    answer = browser.post(PAGE, {**FORM, name: value})
    assert answer.status_code == 422
    assert f'id="fault-{name}"' in answer.text
    assert 'data-blur="worst"' in root(browser)


def test_a_day_counts_each_kind_of_the_worst(
    services: Services, site: Credentials, ayu: str, bima: str, put: Put, decide: Callable[[str, CommentRow], None]
) -> None:
    for scores in ({"threat": 0.9}, {"threat": 0.6, "identity_attack": 0.7}, {"insult": 0.99}, {}):
        decide(ayu, put(**scores))
    decide(bima, put(threat=0.9))
    assert day_of(services.store, site.site_id, ayu) == Day(4, 2, {"threat": 2, "identity_attack": 1})


def test_what_was_undone_was_seen_once(
    services: Services, site: Credentials, ayu: str, put: Put, decide: Callable[[str, CommentRow], None]
) -> None:
    decide(ayu, put(threat=0.9))
    assert undo(services.store, lambda: None, site.site_id, ayu)
    assert day_of(services.store, site.site_id, ayu) == Day(1, 1, {"threat": 1})


def test_yesterday_is_over(
    services: Services, site: Credentials, ayu: str, put: Put, clock: Clock, decide: Callable[[str, CommentRow], None]
) -> None:
    decide(ayu, put(threat=0.9))
    clock.forward(hours=25)
    assert day_of(services.store, site.site_id, ayu) == Day(0, 0, {})


def test_the_desk_tells_ones_own_day_and_nobody_elses(
    services: Services, ayu: str, browse: Browse, put: Put, decide: Callable[[str, CommentRow], None]
) -> None:
    decide(ayu, put(threat=0.9))
    moderator = browse("moderator")
    assert moderator.get("/desk/today").text.strip() == ""
    moderator.client.delete_cookie("saring")
    moderator.log_in("ayu@news.example")
    told = re.sub(r"<[^>]*>|\s+", " ", moderator.get("/desk/today").text)
    assert re.sub(" +", " ", told).strip() == "1 of those you decided in 24 hours was of the worst kind: threat 1"
