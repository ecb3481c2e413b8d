"""Each request has an id that finds it again in the logs."""

from io import BytesIO

import pytest
import structlog
from apiflask import APIFlask
from structlog.testing import capture_logs

from service.web.requests import READ_ON
from tests.api import Api


@pytest.mark.parametrize("given", ["a1b2c3d4", "9f0c.trace_id-7", "x" * 64])
def test_a_proxys_id_is_taken_over(api: Api, given: str) -> None:
    assert api.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with blanks in it", "per%0Acent", "-leading-hyphen", "ümlaut-ümlaut"]
)
def test_an_id_that_could_spoil_a_log_is_replaced(api: Api, given: str) -> None:
    told = api.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert told != given
    assert len(told) == 32


def test_two_requests_have_two_ids(api: Api) -> None:
    first, second = (api.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert first != second


def test_a_refused_request_has_one_too(api: Api) -> None:
    assert len(api.get("/v1/comments/nobody").headers["X-Request-ID"]) == 32


def test_each_line_of_a_request_has_its_id_and_none_after_it(app: APIFlask, api: Api) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        told = api.get("/v1/comments?site_comment_id=somebody%40example.org")
        structlog.get_logger("any").warning("later")
    assert [line.get("request_id") for line in lines] == [told.headers["X-Request-ID"], None]
    assert (lines[0]["route"], lines[0]["status"]) == ("/v1/comments", 200)
    assert "somebody" not in str(lines)


@pytest.mark.parametrize("path", ["/v1/moderations", "/v1/comments", "/v1alpha1/comments:analyze?key="])
def test_a_body_that_is_too_large_is_read_all_the_same_so_that_its_sender_hears_the_answer(api: Api, path: str) -> None:
    size = 8 * 1024 * 1024 + 1
    body = BytesIO(b" " * size)
    path = path + api.key if path.endswith("=") else path
    answer = api.call("POST", path, input_stream=body, content_length=size, content_type="application/json")
    assert (answer.status_code, body.tell()) == (400 if "key=" in path else 413, size)


def test_of_a_body_without_end_no_more_is_read_than_must_be(api: Api) -> None:
    body = BytesIO(b" " * (READ_ON + 100_000))
    api.call("POST", "/v1/comments", input_stream=body, content_length=10**12, content_type="application/json")
    assert body.tell() == READ_ON
