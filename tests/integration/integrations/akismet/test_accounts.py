"""What settings pages and dashboards are told."""

import json

import pytest

from service.bootstrap import Services
from tests.api import Api
from tests.integration.integrations.akismet.conftest import HOST, SPAM, THANKS, Akismet, body, sari


def a_history(akismet: Akismet) -> None:
    """Three spam, two ham, one of each corrected, and what other ways brought."""
    for number in range(3):
        akismet.check(f"{SPAM['id']} ({number})")
    for number in range(2):
        akismet.check(f"{THANKS['id']} ({number})")
    akismet.post("submit-ham", **sari(f"{SPAM['id']} (0)"))
    akismet.post("submit-spam", **sari(f"{THANKS['id']} (0)"))


def test_counts_are_of_one_site_and_of_what_came_this_way(akismet: Akismet, api: Api, other_api: Api) -> None:
    a_history(akismet)
    api.post("/v1/comments", {"id": "x", "text": SPAM["id"], "author": {"id": "u"}})
    body(akismet.post("comment-check", api_key=other_api.key, comment_content=SPAM["en"]))
    told = json.loads(body(akismet.post("get-stats", **{"from": "all"})))
    assert told == {
        "spam": 3,
        "ham": 2,
        "missed_spam": 1,
        "false_positives": 1,
        "accuracy": 60.0,
        "time_saved": 60,
        "breakdown": {},
    }
    other = json.loads(body(akismet.post("get-stats", api_key=other_api.key)))
    assert (other["spam"], other["ham"], other["missed_spam"]) == (1, 0, 0)


@pytest.mark.parametrize(
    "since", ["6-months", "60-days", "1-day", "all", "", "x" * 5_000, "0-days", "999-months", "9999999-months"]
)
def test_stats_since_any_time(akismet: Akismet, since: str) -> None:
    akismet.check(THANKS["id"])
    told = json.loads(body(akismet.post("get-stats", **{"from": since})))
    assert (told["ham"], told["accuracy"]) == (1, 100.0)


def test_without_a_check_nothing_was_wrong(akismet: Akismet) -> None:
    assert json.loads(body(akismet.post("get-stats")))["accuracy"] == 100.0


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("where", ["query", "form", "host"])
def test_usage_of_this_month(akismet: Akismet, method: str, where: str) -> None:
    a_history(akismet)
    key = {"api_key": akismet.key}
    headers = {"Host": f"{akismet.key}.{HOST}"} if where == "host" else {}
    sent = {"query_string" if where == "query" else "data": key} if where != "host" else {}
    told = body(akismet.client.open("/1.2/usage-limit", method=method, headers=headers, **sent))
    assert json.loads(told) == {"limit": "none", "usage": 5, "percentage": "0.00", "throttled": False}


def test_sites_of_a_key(akismet: Akismet, services: Services) -> None:
    a_history(akismet)
    month = f"{services.clock():%Y-%m}"
    row = {
        "site": "news.example",
        "api_calls": "5",
        "spam": "3",
        "ham": "2",
        "missed_spam": "1",
        "false_positives": "1",
        "is_revoked": False,
    }

    def told(**asked: object) -> object:
        return json.loads(body(akismet.client.get("/1.2/key-sites", query_string={"api_key": akismet.key, **asked})))

    assert told() == {month: [row], "limit": 500, "offset": 0, "total": 1}
    assert told(limit=10, filter="NEWS", order="spam") == {month: [row], "limit": 10, "offset": 0, "total": 1}
    assert told(offset=1) == {month: [], "limit": 500, "offset": 1, "total": 1}
    assert told(limit=0) == {month: [], "limit": 0, "offset": 0, "total": 1}
    assert told(url_filter="other") == {month: [], "limit": 500, "offset": 0, "total": 0}
    nothing = {**row, **dict.fromkeys(("api_calls", "spam", "ham", "missed_spam", "false_positives"), "0")}
    assert told(month="2024-02") == {"2024-02": [nothing], "limit": 500, "offset": 0, "total": 1}
    assert told(month="2024-13", limit="-1", offset="٣") == {month: [row], "limit": 500, "offset": 0, "total": 1}


def test_sites_of_a_key_as_lines(akismet: Akismet) -> None:
    akismet.check(SPAM["id"])
    asked = {"api_key": akismet.key, "format": "csv", "month": "2024-02"}
    lines = body(akismet.client.get("/1.2/key-sites", query_string=asked)).splitlines()
    assert lines == [
        "Active sites for news.example during 2024-02 (limit:500, offset: 0, total: 1)",
        "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked",
        "news.example,0,0,0,0,0,false",
    ]


@pytest.mark.parametrize("path", ["/1.2/key-sites", "/1.2/usage-limit"])
def test_without_a_key_there_are_no_figures(akismet: Akismet, path: str) -> None:
    for query in ({}, {"api_key": "wrong"}):
        answer = akismet.client.get(path, query_string=query)
        assert (body(answer), bool(answer.headers["X-akismet-debug-help"])) == ("invalid", True)


def test_a_subscription_without_a_bill(akismet: Akismet) -> None:
    assert json.loads(body(akismet.post("get-subscription"))) == {
        "account_id": 1,
        "account_name": "self-hosted",
        "account_type": "self-hosted",
        "status": "active",
        "next_billing_date": False,
        "limit_reached": False,
    }
    assert body(akismet.post("deactivate")) == "deactivated"
    assert body(akismet.post("verify-key")) == "valid"
