"""A chaotic run tells what it could not try, and waits for no second reader that isn't there."""

from pathlib import Path

import pytest

from bench import chaos
from bench.audit import Bar
from bench.chaos import Report, table
from bench.saring import Saring


def last_lines(report: Report) -> list[str]:
    return table(report, "sqlite").splitlines()[-5:]


def test_kills_of_the_second_reader_are_counted_together() -> None:
    report = Report(
        [Bar("lost", 0, 0)], kills={"reader child": 3, "reader group": 2, "receiver": 4}, trouble={"clock": 7}
    )
    assert last_lines(report) == [
        "kills: 9",
        "clock turns: 7",
        "broker's disk full: 0",
        "second reader killed: 5",
        "every bar is met",
    ]


def test_without_a_second_reader_the_report_says_so_and_why() -> None:
    report = Report([Bar("lost", 0, 0)], unmet={"reader": "the extra is not installed"})
    assert "second reader killed: 0  <-- NOT TRIED, the extra is not installed" in last_lines(report)


def a_saring(monkeypatch: pytest.MonkeyPatch, parts: list[object | None]) -> Saring:
    monkeypatch.setattr(Saring, "part", lambda _self, name: (name == "reader" or None) and parts.pop(0))
    return Saring(None, Path(), "http://127.0.0.1:9", {})  # type: ignore[arg-type]


def test_its_process_is_waited_for_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaos, "missing", lambda: None)
    assert chaos._reads(a_saring(monkeypatch, [None, object()]))
    monkeypatch.setattr(chaos, "READER_SECONDS", 0.1)
    assert not chaos._reads(a_saring(monkeypatch, [None] * 3))
    monkeypatch.setattr(chaos, "READER_SECONDS", 600.0)
    monkeypatch.setattr(chaos, "missing", lambda: "off")
    assert not chaos._reads(a_saring(monkeypatch, [None]))
