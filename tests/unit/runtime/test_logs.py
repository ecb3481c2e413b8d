"""Logs: one line an event, and no private word in them."""

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from service.runtime.logs import PRIVATE, set_up_logs
from service.settings import Settings


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"SARING_DATA_DIR": str(tmp_path), **env})


def test_a_line_says_who_and_what(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(settings(tmp_path), "score-1")
    structlog.get_logger("any").warning("something happened", count=3)
    line = capfd.readouterr().err
    assert "warning score-1: something happened  count=3\n" in line


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\x1b[2K\r"])
def test_nothing_that_was_sent_begins_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str], end: str) -> None:
    set_up_logs(settings(tmp_path), "web")
    forged = f"GET /{end}2026-01-01T00:00:00Z info    web: logged in"
    structlog.get_logger("any").warning("refused", path=forged)
    logging.getLogger("any").warning("refused %s", forged)
    written = capfd.readouterr().err
    assert len(written.splitlines()) == 2
    assert "\x1b" not in written


def test_as_json_each_line_is_an_object(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(settings(tmp_path, SARING_LOG_FORMAT="json"), "web")
    logging.getLogger("celery.worker").warning("lost %s", "it")
    line = json.loads(capfd.readouterr().err)
    assert (line["event"], line["level"], line["role"]) == ("lost it", "warning", "web")


def test_what_people_wrote_is_not_logged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(settings(tmp_path), "web")
    structlog.get_logger("any").error("refused", text="what somebody wrote", email="who@example.org")
    written = capfd.readouterr().err
    assert "somebody" not in written
    assert "who@" not in written


def test_a_traceback_holds_no_local_variables(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(settings(tmp_path), "web")
    comment = "what " + "somebody wrote"
    try:
        (1).to_bytes(-len(comment), "big")
    except ValueError:
        structlog.get_logger("any").exception("failed")
    written = capfd.readouterr().err
    assert "ValueError" in written
    assert "what somebody wrote" not in written


def test_tasks_are_not_logged_one_by_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(settings(tmp_path), "score-1")
    logging.getLogger("celery.app.trace").info("Task pulse succeeded")
    assert not capfd.readouterr().err


def test_an_id_of_ours_is_seen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(settings(tmp_path), "score-1")
    structlog.get_logger("any").error("can't be scored", comment_id="0199-id")
    assert "comment_id=0199-id" in capfd.readouterr().err


def fields_logged(path: Path) -> Iterator[tuple[str, str]]:
    """The names of fields in calls such as `log.info("…", name=value)`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = node.func.value
            if isinstance(whose, ast.Name) and whose.id == "log":
                yield from ((f"{path.name}:{node.lineno}", keyword.arg) for keyword in node.keywords if keyword.arg)


def test_no_line_of_ours_has_a_field_that_is_never_shown() -> None:
    root = Path(__file__).parents[3]
    logged = [field for path in [*root.glob("service/**/*.py"), root / "worker.py"] for field in fields_logged(path)]
    assert len(logged) > 10
    assert [(where, name) for where, name in logged if name in PRIVATE or name == "path"] == []
