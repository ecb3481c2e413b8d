"""The description at /openapi.json, the page at /docs, and health."""

import re

from apiflask import APIFlask

from service import integrations
from service.bootstrap import Services
from tests.api import Api


def test_every_route_of_the_api_is_described(app: APIFlask) -> None:
    spec = app.test_client().get("/openapi.json").json
    assert spec["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, operations in spec["paths"].items() for method in operations}
    # OpenAI's format stands below /v1 too
    foreign = {blueprint.name for blueprint in integrations.blueprints}
    routes = {
        (method, rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and rule.endpoint.partition(".")[0] not in foreign
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes <= described


def test_every_error_is_described_as_a_problem_document(app: APIFlask) -> None:
    spec = app.test_client().get("/openapi.json").json
    errors = [
        response
        for operations in spec["paths"].values()
        for operation in operations.values()
        for status, response in operation["responses"].items()
        if status >= "400"
    ]
    assert errors
    assert all(list(error["content"]) == ["application/problem+json"] for error in errors)


def test_a_generator_of_clients_finds_each_schema_that_is_named_and_no_title_twice(app: APIFlask) -> None:
    spec = app.test_client().get("/openapi.json")
    schemas = spec.json["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', spec.text))
    assert named <= schemas.keys()
    titles = [schema["title"] for schema in schemas.values() if "title" in schema]
    assert len(titles) == len(set(titles))


def test_the_docs_page_and_its_files_come_from_here(app: APIFlask) -> None:
    client = app.test_client()
    page = client.get("/docs").text
    assert "http:" not in page
    assert "https:" not in page
    for path in ("swagger-ui/swagger-ui-bundle.js", "swagger-ui/swagger-ui.css", "docs.js"):
        assert f"/docs/static/{path}" in page
        with client.get(f"/docs/static/{path}") as file:
            assert file.status_code == 200


def test_alive_and_ready(app: APIFlask, services: Services) -> None:
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz").json
    assert (ready["status"], ready["model_version"]) == ("ready", services.classifier.version)
    assert ready["second_reader"] == services.reader_state


def test_metrics_count_what_waits(app: APIFlask, api: Api) -> None:
    api.post("/v1/comments", {"id": "1", "text": "Halo", "author": {"id": "u"}})
    metrics = app.test_client().get("/metrics").text
    assert 'saring_comments{status="pending"} 1.0' in metrics
