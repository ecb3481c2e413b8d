"""What /openapi.json says is what is taken and answered: some hundred requests made from it, and `make fuzz` makes thousands."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.serving import make_server

from bench.fuzz import SITE, fuzz, table
from bench.saring import Site
from service.bootstrap import Services
from service.moderation.sites import add_site
from tests.browser.stage import Quiet

CASES = 400

# its warnings are of its own work, such as long texts that it would show
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")


@pytest.fixture
def url(app: APIFlask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fuzzed(services: Services) -> Site:
    made = add_site(SITE, None, services.store, allow_private=True)
    return Site(made.api_key, made.webhook_secret)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hundreds_of_requests_are_answered_as_described(app: APIFlask, url: str, fuzzed: Site) -> None:
    found = fuzz(url, fuzzed, CASES, seed=1, seconds=150, few=True)
    assert found.met, table(found, 1)
    assert found.cases >= CASES
    paths = app.test_client().get("/openapi.json").json["paths"]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {operation for operation, _ in found.answers} == described


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_answer_that_is_not_described_is_found(app: APIFlask, url: str, fuzzed: Site) -> None:
    app.spec_processor(_without_200)
    found = fuzz(url, fuzzed, CASES, seed=1, seconds=150, few=True)
    assert ("GET /v1/comments", "Undocumented status code") in found.findings
    assert "GET /v1/comments: Undocumented status code (SEED=1)" in table(found, 1)


def _without_200(spec: dict[str, Any]) -> dict[str, Any]:
    del spec["paths"]["/v1/comments"]["get"]["responses"]["200"]
    return spec
