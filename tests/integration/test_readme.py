"""What the README shows works as it stands there."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from apiflask import APIFlask
from werkzeug.serving import make_server

from service.moderation.sites import Credentials
from tests.api import Api

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")

MOVED = dict.fromkeys(("python", "js", "php", "sh"), "comments:analyze")
"""The examples of calling the old service at its new address, by language."""

RUN = {"python": (sys.executable,), "js": ("node",), "php": ("php",), "sh": ("sh",)}
NEEDS = {"python": sys.executable, "js": "node", "php": "php", "sh": "curl"}


def block(language: str, part: str) -> str:
    """The first code block of a language that contains `part`."""
    return next(code for code in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if part in code)


@pytest.fixture
def url(app: APIFlask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def test_the_first_comment_from_python(url: str, api: Api, site: Credentials, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/first-run.json").write_text(json.dumps({"api_key": site.api_key}))
    code = block("python", "/v1/comments").replace("http://127.0.0.1:8080", url)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert "pending" in done.stdout
    assert len(api.get("/v1/comments?site_comment_id=c-2").json["comments"]) == 1


def test_the_first_comment_from_curl(api: Api) -> None:
    body = re.search(r"-d '(\{.*?\})'", block("sh", "curl"), re.DOTALL)
    assert body is not None
    assert api.post("/v1/comments", json.loads(body[1])).status_code == 202


@pytest.mark.parametrize(("language", "part"), [("python", "/v1/comments"), *MOVED.items()])
def test_the_five_lines_are_five(language: str, part: str) -> None:
    statements = [
        line for line in block(language, part).splitlines() if line and not line.startswith(("import", "from", "<?php"))
    ]
    assert len(statements) <= 5


@pytest.mark.parametrize("language", [language for language in MOVED if shutil.which(NEEDS[language])])
def test_who_calls_the_old_service_changes_the_address(
    url: str, site: Credentials, tmp_path: Path, language: str
) -> None:
    """In each language whose interpreter is here; nobody needs PHP to work on Saring."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var/first-run.json").write_text(json.dumps({"api_key": site.api_key}))
    code = block(language, MOVED[language]).replace("http://127.0.0.1:8080", url)
    (tmp_path / "example").write_text(code)
    done = subprocess.run(
        [*RUN[language], "example"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    found = re.search(r'(?:"value": ?)?(0\.[0-9]+)', done.stdout)
    assert found is not None, done.stdout
    assert float(found[1]) > 0.5


def test_the_examples_ask_the_same() -> None:
    texts = {language: block(language, part) for language, part in MOVED.items()}
    assert texts.keys() == RUN.keys()
    for text in texts.values():
        assert "http://127.0.0.1:8080/v1alpha1/comments:analyze?key=" in text
        assert "dasar bodoh" in text
