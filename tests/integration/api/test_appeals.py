"""`POST /v1/comments/{id}/appeals`, and the reach that comes with a comment."""

import pytest

from service.api.schemas import AppealOut
from service.bootstrap import Services
from service.cli.records import comment_of
from service.domain.errors import InvalidComments
from service.moderation.score import score_batch
from tests.api import Api
from tests.factories import a_sent_comment


@pytest.fixture
def rejected(api: Api) -> str:
    id = str(api.post("/v1/comments", a_sent_comment()).json["id"])
    assert api.post(f"/v1/comments/{id}/decisions", {"action": "reject"}).status_code == 201
    return id


def test_an_appeal_is_201_and_the_same_again_200(api: Api, rejected: str) -> None:
    first = api.post(f"/v1/comments/{rejected}/appeals", {"text": " It was a quotation. "})
    AppealOut.model_validate(first.json)
    assert (first.status_code, first.json["text"], first.json["decided_at"]) == (201, "It was a quotation.", None)
    again = api.post(f"/v1/comments/{rejected}/appeals", {"text": "It was a quotation."})
    assert (again.status_code, again.json) == (200, first.json)


def test_a_second_appeal_while_one_waits_is_409(api: Api, rejected: str) -> None:
    api.post(f"/v1/comments/{rejected}/appeals", {"text": "why?"})
    answer = api.post(f"/v1/comments/{rejected}/appeals", {"text": "really, why?"})
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")


def test_an_appeal_against_no_rejection_is_409(api: Api) -> None:
    id = api.post("/v1/comments", a_sent_comment()).json["id"]
    assert api.post(f"/v1/comments/{id}/appeals", {"text": "why?"}).status_code == 409


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": " \n "}, {"text": "x" * 2_001}, {"text": "\x00"}, {"text": 5}]
)
def test_an_appeal_that_cannot_be_right_is_422(api: Api, rejected: str, body: dict[str, object]) -> None:
    answer = api.post(f"/v1/comments/{rejected}/appeals", body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/text")


def test_reach_is_one_unless_the_site_says_more(api: Api) -> None:
    for sent, kept in (({}, 1), ({"reach": None}, 1), ({"reach": 1}, 1), ({"reach": 25_000.5}, 25_000.5)):
        id = api.post("/v1/comments", a_sent_comment(**sent)).json["id"]
        assert api.get(f"/v1/comments/{id}").json["reach"] == kept


@pytest.mark.parametrize("reach", [0.5, -1, 1.1e12, 1e308, "many"])
def test_a_reach_that_cannot_be_is_422(api: Api, reach: object) -> None:
    answer = api.post("/v1/comments", a_sent_comment(reach=reach))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/reach")


def test_an_edit_brings_a_new_reach_or_keeps_the_old(api: Api) -> None:
    id = api.post("/v1/comments", a_sent_comment(id="c1", reach=10)).json["id"]
    for sent, kept in (({"reach": 1_000}, 1_000), ({}, 1_000)):
        api.post("/v1/comments", a_sent_comment(id="c1", **sent))
        assert api.get(f"/v1/comments/{id}").json["reach"] == kept


def test_of_two_alike_the_one_that_more_may_read_comes_first(api: Api, services: Services) -> None:
    text = "Muchas gracias por la información, muy buen artículo"
    few, many = (api.post("/v1/comments", a_sent_comment(text=text, reach=reach)).json["id"] for reach in (1, 100_000))
    score_batch(services.store, services.classifier, limit=10, lease=30)
    with services.store.read() as tx:
        order = tx.connection.exec_driver_sql("SELECT id FROM comments ORDER BY priority DESC").scalars().all()
    assert [id.replace("-", "") for id in order] == [many.replace("-", ""), few.replace("-", "")]


def test_a_file_may_bring_a_reach(api: Api) -> None:
    row = {"id": "c1", "text": "Halo", "author": {"id": "u1"}, "reach": "12"}
    assert comment_of(row, "file:1", None).reach == 12
    for none in ("many", "nan", "inf", "0"):
        with pytest.raises(InvalidComments):
            comment_of({**row, "reach": none}, "file:1", None)


def test_an_erased_comment_takes_its_appeals_along(api: Api, services: Services, rejected: str) -> None:
    api.post(f"/v1/comments/{rejected}/appeals", {"text": "It was a quotation, says Sari"})
    assert api.delete(f"/v1/comments/{rejected}").status_code == 204
    with services.store.read() as tx:
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM appeals").scalar() == 0
