"""The page of insights and its sheets: what they say of a small history, and to whom."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest

from service.domain.decision import Action, Reason
from service.domain.reasons import ChosenReason
from service.moderation.sites import Credentials
from service.moderation.steer import set_reasons
from service.store import Store
from service.store.sites import Sites
from tests.conftest import Clock, one_database
from tests.integration.desk.browser import Browser
from tests.integration.desk.history import History

Browse = Callable[[str], Browser]


def sheet(browser: Browser, name: str, period: str = "7d") -> list[dict[str, str]]:
    answer = browser.get(f"/insights/{name}.csv?period={period}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.text)))


def test_each_chart_is_a_csv_of_the_same_period(
    browse: Browse, history: History, noon: datetime, ayu: str, clock: Clock
) -> None:
    comment = history.flagged(noon - timedelta(minutes=30), {"insult": 0.5}, thread="a story")
    history.decided(comment, noon, ayu, Action.REJECT, [Reason("hate", Action.REJECT)])
    history.flagged(noon - timedelta(minutes=5))
    lead = browse("lead")
    assert [row["received"] for row in sheet(lead, "volume")] == ["0"] * 6 + ["2"]
    assert len(sheet(lead, "volume", "24h")) == 24
    assert [row["what"] for row in sheet(lead, "queue")] == ["waiting"] + ["decided"] * 7
    assert sheet(lead, "queue")[-1]["median_seconds"] == "1800.0"
    assert sheet(lead, "pace")[-1]["decisions_per_moderator_hour"] == "1.0"
    assert sheet(lead, "precision")[0]["low"] == "0.206549"
    assert sheet(lead, "stories") == [{"thread": "a story", "title": "a story", "url": "", "flagged": "1"}]
    assert [(row["who"], row["reason"]) for row in sheet(lead, "reasons")] == [
        ("policy", "score"),
        ("moderators", "hate"),
    ]
    assert sheet(lead, "agreement") == []
    assert lead.get("/insights/nothing.csv").status_code == 404


@one_database
@pytest.mark.parametrize(
    "title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "Beras; =1+1", "a\n=1", "a,@b"]
)
def test_no_cell_of_a_csv_becomes_a_formula(browse: Browse, history: History, noon: datetime, title: str) -> None:
    history.flagged(noon, thread=title)
    cell = sheet(browse("lead"), "stories")[0]["title"]
    # for a spreadsheet that parts cells at something else, too
    assert not [part for part in re.split(r"[;,\t\r\n]", cell) if part.strip().startswith(("=", "+", "-", "@"))]
    assert cell.replace("'", "").split() == title.split()


def test_the_page_answers_in_sentences(browse: Browse, history: History, noon: datetime, ayu: str) -> None:
    for minutes in (10, 20):
        comment = history.flagged(noon - timedelta(minutes=minutes), {"insult": 0.5}, thread="a <b>story</b>")
        history.decided(comment, noon, ayu, Action.REJECT)
    history.flagged(noon - timedelta(minutes=5))
    page = browse("lead").get("/insights?period=24h").text
    assert "Yes. 1 comment waits, for 5 minutes. 100% of the decisions came within the goal of 1 hour." in page
    assert "3 comments came in; 3 of them, 100%, were flagged for a person." in page
    assert "2 decisions in an hour of a moderator&#39;s work: 2 decisions in 1 such hours." in page
    assert "a &lt;b&gt;story&lt;/b&gt;" in page
    assert "As of 12:00 UTC" in page


@one_database
@pytest.mark.parametrize("period", ["24h", "7d", "30d", "", "x", "\x00", "7d'"])
def test_the_page_shows_an_empty_site_and_any_period(browse: Browse, noon: datetime, period: str) -> None:
    answer = browse("lead").get("/insights", query_string={"period": period})
    assert answer.status_code == 200
    assert "Yes: nothing waits." in answer.text
    assert "style=" not in answer.text


def test_reasons_have_the_sites_own_names(
    browse: Browse, store: Store, site: Credentials, history: History, noon: datetime, ayu: str
) -> None:
    set_reasons(store, site.site_id, [ChosenReason("off_topic"), ChosenReason("sara", "Hasutan <SARA>")])
    for code in ("sara", "sara", "off_topic", "gone_since"):
        history.decided(
            history.flagged(noon, code="banned_author"), noon, ayu, Action.REJECT, [Reason(code, Action.REJECT)]
        )
    page = browse("lead").get("/insights").text
    assert "Most are flagged for a banned author. Moderators reject most for Hasutan &lt;SARA&gt;." in page
    assert "off topic" in page
    assert "gone since" in page


def test_the_stories_lead_to_their_pages(browse: Browse, history: History, noon: datetime) -> None:
    history.flagged(noon, thread="a story")
    lead = browse("lead")
    path = f"/desk/threads/{history.threads['a story']}"
    assert path in lead.get("/insights").text
    assert lead.get(path).status_code == 200


def test_no_person_is_named_on_the_page_or_in_a_csv(
    browse: Browse, history: History, noon: datetime, ayu: str, bima: str
) -> None:
    for user in (ayu, bima):
        history.decided(history.flagged(noon, {"insult": 0.5}), noon, user, Action.REJECT)
    lead = browse("lead")
    texts = [lead.get("/insights").text] + [
        lead.get(f"/insights/{name}.csv").text
        for name in ("queue", "volume", "pace", "precision", "stories", "reasons", "agreement")
    ]
    assert not any(name in text for text in texts for name in ("Ayu", "Bima", ayu, bima))


def test_a_lead_sets_the_goal(browse: Browse, store: Store, site: Credentials) -> None:
    lead = browse("lead")
    assert lead.post("/insights/goal", {"minutes": "30", "period": "24h"}).location == "/insights?period=24h"
    with store.read() as tx:
        found = Sites(tx).get(site.site_id)
    assert found is not None
    assert found.queue_goal_seconds == 1_800


@one_database
@pytest.mark.parametrize("minutes", ["", "0", "43201", "-5", "1e3", "٣", "9" * 400, "\x00", "\ud800"])
def test_a_goal_that_is_none_is_named_at_its_field(browse: Browse, minutes: str) -> None:
    answer = browse("lead").post("/insights/goal", {"minutes": minutes.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 422
    assert "Give whole minutes from 1 to 43,200" in answer.text


@pytest.mark.parametrize("role", ["viewer", "moderator"])
def test_only_leads_see_insights(browse: Browse, role: str) -> None:
    browser = browse(role)
    assert browser.get("/insights").status_code == 403
    assert browser.get("/insights/volume.csv").status_code == 403
    assert browser.post("/insights/goal", {"minutes": "5"}).status_code == 403
    assert browser.post("/insights/second-looks", {"share": "5"}).status_code == 403


@pytest.mark.parametrize(("times", "told"), [(19, False), (30, True)])
def test_a_threshold_is_named_only_when_enough_is_known(
    browse: Browse, history: History, noon: datetime, ayu: str, times: int, told: bool
) -> None:
    for _ in range(times):
        history.decided(history.flagged(noon, {"spam": 0.3}), noon, ayu, Action.APPROVE)
    page = browse("lead").get("/insights").text
    assert ("Think of raising the flag threshold of spam, now 0.1" in page) is told


@pytest.mark.parametrize("path", ["/insights/goal", "/insights/second-looks", "/desk/second-looks"])
def test_every_form_here_needs_its_token(browse: Browse, path: str) -> None:
    assert browse("lead").client.post(path, data={"minutes": "5", "share": "5", "action": "skip"}).status_code == 400
