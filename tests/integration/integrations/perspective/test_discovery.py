"""The description that Google's clients build themselves from."""

from typing import Any

import pytest
from apiflask import APIFlask


@pytest.fixture
def document(app: APIFlask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/$discovery/rest?version=v1alpha1").json
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/$discovery/rest",
        "/%24discovery/rest?version=v1alpha1",
        "/$discovery/rest?version=v1alpha1&key=nonsense",
        "/$discovery/rest?version=v1alpha1&alt=json",
    ],
)
def test_it_is_there_for_everybody(app: APIFlask, document: dict[str, Any], path: str) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.json) == (200, document)
    assert answer.content_type == "application/json; charset=UTF-8"


def test_there_is_no_other_version(app: APIFlask) -> None:
    assert app.test_client().get("/$discovery/rest?version=v1").json["error"]["status"] == "NOT_FOUND"


def test_what_a_client_reads_first(document: dict[str, Any]) -> None:
    told = {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "protocol": "rest",
        "rootUrl": "http://127.0.0.1:8080/",
        "baseUrl": "http://127.0.0.1:8080/",
        "servicePath": "",
        "basePath": "",
        "batchPath": "batch",
    }
    assert {name: document[name] for name in told} == told
    assert "auth" not in document
    assert {"key", "alt", "prettyPrint", "fields", "quotaUser"} <= document["parameters"].keys()


@pytest.mark.parametrize(("name", "kind"), [("analyze", "AnalyzeComment"), ("suggestscore", "SuggestCommentScore")])
def test_each_method(document: dict[str, Any], name: str, kind: str) -> None:
    method = document["resources"]["comments"]["methods"][name]
    del method["description"]
    assert method == {
        "id": f"commentanalyzer.comments.{name}",
        "path": f"v1alpha1/comments:{name}",
        "flatPath": f"v1alpha1/comments:{name}",
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{kind}Request"},
        "response": {"$ref": f"{kind}Response"},
    }


def test_whatever_it_refers_to_is_in_it(document: dict[str, Any]) -> None:
    def references(part: object) -> set[str]:
        if isinstance(part, dict):
            here = {part["$ref"]} if "$ref" in part else set()
            return here.union(*map(references, part.values()))
        return set().union(*map(references, part)) if isinstance(part, list) else set()

    assert references(document) == document["schemas"].keys()
    assert all(schema["id"] == name for name, schema in document["schemas"].items())
