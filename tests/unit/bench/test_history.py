"""A file for each release, and the newest of them to be held against."""

import tomllib
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from bench import __main__ as command
from bench import history
from bench.measure import Measure


def told(saring: str = "0.2.0", at: str = "2026-12-01T00:00:00+00:00", ratio: float = 0.5) -> dict[str, Any]:
    measures = [
        Measure("accept", "comments/s", [ratio], "bare", [1.0]),
        Measure("trickle", "ms", [9.0]),
    ]
    return {"saring": saring, "model": "2026.11-d67ee765", "at": at, "measures": [one.to_json() for one in measures]}


def test_what_is_kept_is_named_by_release_and_model(tmp_path: Path) -> None:
    assert history.keep(told(), tmp_path / "history").name == "0.2.0-2026.11-d67ee765.json"


def test_the_release_is_that_of_pyproject() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert history.release() == project["project"]["version"]


def test_medians_and_ratios_are_kept_but_no_single_readings(tmp_path: Path) -> None:
    kept = orjson.loads(history.keep(told(), tmp_path).read_bytes())
    assert kept["measures"][0] == {
        "name": "accept", "unit": "comments/s", "median": 0.5, "ratio": 0.5, "ceiling": "bare",
    }  # fmt: skip


def test_the_newest_is_that_which_was_measured_last(tmp_path: Path) -> None:
    # 0.10.0 sorts before 0.9.0 as a name
    history.keep(told("0.10.0", "2027-02-01T00:00:00+00:00", 0.7), tmp_path)
    history.keep(told("0.9.0", "2027-01-01T00:00:00+00:00", 0.6), tmp_path)
    assert history.newest(tmp_path) == ("0.10.0-2026.11-d67ee765", {("accept", "bare"): 0.7})


def test_without_a_file_there_is_nothing_to_be_held_against(tmp_path: Path) -> None:
    assert history.newest(tmp_path / "none") == ("", {})


def test_a_run_that_is_slower_than_the_newest_release_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.keep(told(ratio=0.9), tmp_path / "history")
    monkeypatch.setattr(command.history, "newest", lambda: history_of(tmp_path / "history"))
    slow = Measure("accept", "comments/s", [0.5], "bare", [1.0])
    monkeypatch.setattr(command, "STAGES", {"scoring": command.Stage(lambda _rounds, _told: [slow])})
    ran = CliRunner().invoke(command.main, ["--rounds", "1", "--json", str(tmp_path / "results.json")])
    assert ran.exit_code == 0, ran.output
    assert "Slower than 0.2.0-2026.11-d67ee765: 1 of 1, marked FELL" in ran.output
    assert orjson.loads((tmp_path / "results.json").read_bytes())["measures"][0]["ratio"] == 0.5


@pytest.mark.parametrize("less", [("--only", "scoring"), ("--rounds", "1")])
def test_a_release_is_not_measured_in_part(less: tuple[str, str], tmp_path: Path) -> None:
    ran = CliRunner().invoke(command.main, ["--release", *less, "--json", str(tmp_path / "results.json")])
    assert ran.exit_code == 2
    assert "all stages" in ran.output


history_of = history.newest
