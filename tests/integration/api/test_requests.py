"""Each request has an id that finds it again in the logs."""

import pytest
import structlog
from apiflask import APIFlask
from structlog.testing import capture_logs

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
