"""A receiver that is killed comes back under its address, and its log is whole."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.harm import kill
from bench.hooks import MOST_FAILURES, Hooks, Scribe
from bench.journal import Journal, read


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "hooks.jsonl"


@pytest.fixture
def hooks(log: Path) -> Iterator[Hooks]:
    """One that takes everything."""
    made = Hooks(log, 0.0, 1.0)
    made.start()
    yield made
    made.stop()


def tell(hooks: Hooks, id: str) -> int:
    # what is asked here is what it writes down, not how soon
    return httpx.post(hooks.url, content=b"{}", headers={"webhook-id": id}, trust_env=False, timeout=60).status_code


def test_what_came_before_and_after_a_kill_is_written_down_in_order(hooks: Hooks, log: Path) -> None:
    assert tell(hooks, "before") == 204
    process = hooks.process
    assert process is not None
    assert kill(process)
    assert hooks.process is None
    hooks.start()
    assert tell(hooks, "after") == 204
    assert [(line["id"], line["answer"]) for line in read(log)] == [("before", "204"), ("after", "204")]


def test_no_event_fails_more_often_than_said(log: Path) -> None:
    scribe = Scribe(Journal(log), fail_share=1.0, timeout=1.0)
    answers = [scribe.judge({"webhook-id": "m1"}, b"{}") for _ in range(MOST_FAILURES + 1)]
    assert "204" not in answers[:-1]
    assert answers[-1] == "204"
    assert [line["answer"] for line in read(log)] == answers
