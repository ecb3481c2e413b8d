"""`/v1/comments`: in, out, reported, decided about, erased."""

import pytest

from service.api.schemas import CommentListOut, CommentOut
from service.bootstrap import Services
from service.moderation.score import score_batch
from tests.api import Api
from tests.both import Both
from tests.factories import a_sent_comment

ABUSE = "Dasar anjing goblok lo, mampus aja sana bangsat"


def score(services: Services) -> None:
    while score_batch(services.store, services.classifier, limit=500, lease=30):
        pass


def send(api: Api, **fields: object) -> str:
    answer = api.post("/v1/comments", a_sent_comment(**fields))
    assert answer.status_code == 202, answer.text
    return str(answer.json["id"])


def test_one_comment_is_answered_202_and_pending(api: Api) -> None:
    answer = api.post("/v1/comments", a_sent_comment(id="c1"))
    assert (answer.status_code, answer.json["site_comment_id"], answer.json["status"]) == (202, "c1", "pending")


def test_a_batch_is_answered_in_the_order_sent(api: Api) -> None:
    answer = api.post("/v1/comments", {"comments": [a_sent_comment(id=id) for id in ("b", "a", "c")]})
    assert answer.status_code == 202
    assert [one["site_comment_id"] for one in answer.json["comments"]] == ["b", "a", "c"]


def test_a_thousand_comments_are_one_request_and_1001_are_too_many(api: Api) -> None:
    assert api.post("/v1/comments", {"comments": [a_sent_comment() for _ in range(1_000)]}).status_code == 202
    assert api.post("/v1/comments", {"comments": [a_sent_comment() for _ in range(1_001)]}).status_code == 422


def test_the_same_again_is_200_and_the_same_record(api: Api, services: Services) -> None:
    comment = a_sent_comment()
    first = api.post("/v1/comments", comment)
    score(services)
    again = api.post("/v1/comments", comment)
    assert (again.status_code, again.json["id"], again.json["status"]) == (200, first.json["id"], "approved")


def test_a_comment_in_an_unsupported_language_says_so(api: Api, services: Services) -> None:
    id = send(api, text="Muchas gracias por la información, muy buen artículo")
    assert api.get(f"/v1/comments/{id}").json["supported"] is None
    score(services)
    record = api.get(f"/v1/comments/{id}").json
    assert (record["language"], record["supported"], record["status"]) == ("other", False, "flagged")
    assert [reason["code"] for reason in record["reasons"]] == ["unsupported_language"]


def test_another_text_is_an_edit_and_scored_anew(api: Api, services: Services) -> None:
    id = send(api, id="c1", text="Terima kasih banyak atas liputannya.")
    score(services)
    assert api.get(f"/v1/comments/{id}").json["status"] == "approved"
    assert api.post("/v1/comments", a_sent_comment(id="c1", text=ABUSE)).status_code == 202
    score(services)
    edited = api.get(f"/v1/comments/{id}").json
    assert (edited["revision"], edited["text"]) == (2, ABUSE)
    assert edited["status"] in {"flagged", "rejected"}


def test_one_bad_comment_refuses_the_batch_and_every_fault_is_named(api: Api) -> None:
    batch = [a_sent_comment(id="good"), {"id": "x", "text": 5}, a_sent_comment(id="", text="a\x00b")]
    answer = api.post("/v1/comments", {"comments": batch})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/comments/1/text", "/comments/1/author", "/comments/2/id", "/comments/2/text"}
    assert api.get("/v1/comments?site_comment_id=good").json["comments"] == []


def test_a_number_is_taken_as_an_id(api: Api) -> None:
    answer = api.post("/v1/comments", a_sent_comment(id=17, author={"id": 4, "name": "Ayu"}))
    assert answer.json["site_comment_id"] == "17"


def test_the_record_has_status_scores_decision_and_reasons(api: Api, services: Services) -> None:
    id = send(api, text=ABUSE, parent_id="p1", metadata={"section": "politik"})
    score(services)
    shown = api.get(f"/v1/comments/{id}").json
    CommentOut.model_validate(shown)
    assert shown["decision"]["actor"] == "policy"
    assert shown["reasons"] == shown["decision"]["reasons"] != []
    assert (shown["parent_id"], shown["metadata"]) == ("p1", {"section": "politik"})
    assert shown["created_at"].endswith("Z")


def test_the_record_says_which_readers_made_the_scores(api: Api, services: Services) -> None:
    alone = send(api, text=ABUSE)
    assert api.get(f"/v1/comments/{alone}").json["readers"] is None
    score(services)
    assert api.get(f"/v1/comments/{alone}").json["readers"] == [services.classifier.version]
    both = Both(services.classifier)
    read_twice = send(api, text=ABUSE)
    score_batch(services.store, both, limit=500, lease=30)  # type: ignore[arg-type]
    record = api.get(f"/v1/comments/{read_twice}").json
    CommentOut.model_validate(record)
    assert (record["readers"], record["model_version"]) == (both.readers, both.version)


def test_the_list_is_paged_by_cursor_without_gaps_or_repeats(api: Api) -> None:
    sent = {send(api) for _ in range(7)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/v1/comments?limit=3{cursor}").json
        CommentListOut.model_validate(page)
        seen += [comment["id"] for comment in page["comments"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == 7
    assert set(seen) == sent


def test_the_list_finds_by_status_and_by_the_sites_own_id(api: Api, services: Services) -> None:
    send(api, id="kind")
    score(services)
    send(api, id="new")
    pending = api.get("/v1/comments?status=pending").json["comments"]
    assert [comment["site_comment_id"] for comment in pending] == ["new"]
    [found] = api.get("/v1/comments?site_comment_id=kind").json["comments"]
    assert found["status"] == "approved"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "status=odd", "cursor=x", f"cursor={'-' * 36}", "cursor="]
)
def test_a_list_that_cannot_be_is_refused(api: Api, query: str) -> None:
    assert api.get(f"/v1/comments?{query}").status_code == 422


def test_three_reports_flag_an_approved_comment_and_one_reporter_counts_once(api: Api, services: Services) -> None:
    id = send(api)
    score(services)
    for reporter, status in (("r1", 201), ("r1", 200), ("r2", 201)):
        answer = api.post(f"/v1/comments/{id}/reports", {"reporter": reporter, "reason": "rude"})
        assert (answer.status_code, answer.json["status"]) == (status, "approved")
    flagged = api.post(f"/v1/comments/{id}/reports", {"reporter": "r3", "reason": "rude"}).json
    assert (flagged["status"], flagged["reports"]) == ("flagged", 3)
    assert flagged["reasons"] == [{"code": "reports", "action": "flag", "detail": "3"}]


def test_the_sites_own_staff_decide_and_the_same_again_changes_nothing(api: Api, services: Services) -> None:
    id = send(api)
    score(services)
    decided = api.post(
        f"/v1/comments/{id}/decisions", {"action": "reject", "reason": "off topic", "note": "see rule 4"}
    ).json
    assert (decided["status"], decided["decision"]["actor"], decided["decision"]["note"]) == (
        "rejected",
        "api",
        "see rule 4",
    )
    again = api.post(f"/v1/comments/{id}/decisions", {"action": "reject"}).json
    assert again["decision"]["id"] == decided["decision"]["id"]


def test_an_erased_comment_is_gone_and_its_decisions_are_counted(api: Api, services: Services) -> None:
    id = send(api)
    score(services)
    assert api.delete(f"/v1/comments/{id}").status_code == 204
    assert api.get(f"/v1/comments/{id}").status_code == 404
    assert api.delete(f"/v1/comments/{id}").status_code == 404


def test_an_erased_author_takes_all_comments_along(api: Api, services: Services) -> None:
    kept = send(api, author={"id": "other", "name": "Budi"})
    for _ in range(3):
        send(api, author={"id": "team/sari", "name": "Sari"})
    score(services)
    assert api.delete("/v1/authors/team/sari").json == {"erased": 3}
    assert [one["id"] for one in api.get("/v1/comments").json["comments"]] == [kept]
    assert api.delete("/v1/authors/team/sari").status_code == 404


@pytest.mark.parametrize(
    ("sent", "kept"), [(17, "17"), (17.0, "17"), (1e16, "10000000000000000"), (2**64 - 1, str(2**64 - 1))]
)
def test_a_whole_number_is_taken_for_an_id(api: Api, sent: float, kept: str) -> None:
    assert api.post("/v1/comments", a_sent_comment(id=sent)).json["site_comment_id"] == kept


@pytest.mark.parametrize("sent", [17.5, 1e300, -(2.0**63), True, None])
def test_another_number_is_not(api: Api, sent: object) -> None:
    assert api.post("/v1/comments", a_sent_comment(id=sent)).status_code == 422


@pytest.mark.parametrize("sent", [1_790_000_000, "1790000000", 1.5, "2026-01-31"])
def test_a_time_that_is_not_written_out_is_refused(api: Api, sent: object) -> None:
    answer = api.post("/v1/comments", a_sent_comment(created_at=sent))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/created_at"
