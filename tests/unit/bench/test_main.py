"""How `python -m bench` ends."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from bench import __main__ as bench
from bench.measure import Bar, Measure


def a_stage(ms: float, *, strict: bool) -> bench.Stage:
    def take(_rounds: int, _told: object) -> list[Measure]:
        return [Measure("a time", "ms", [ms], bar=Bar("median", most=12.0))]

    return bench.Stage(take, strict=strict)


@pytest.mark.parametrize(("ms", "strict", "code"), [(13.0, True, 1), (11.0, True, 0), (13.0, False, 0)])
def test_a_bar_that_is_not_met_fails_the_run_in_a_strict_stage_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ms: float, strict: bool, code: int
) -> None:
    monkeypatch.setattr(bench, "STAGES", {"one": a_stage(11.0, strict=True), "two": a_stage(ms, strict=strict)})
    monkeypatch.setattr(bench, "end_in_order", lambda: None)
    file = tmp_path / "results.json"
    done = CliRunner().invoke(bench.main, ["--rounds", "1", "--json", str(file)])
    assert done.exit_code == code, done.output
    assert ("not as asked: a time" in done.output) is bool(code)
    assert [one["met"] for one in orjson.loads(file.read_bytes())["measures"]] == [True, ms < 12]


def test_what_the_second_reader_costs_is_strict() -> None:
    assert [name for name, stage in bench.STAGES.items() if stage.strict] == ["reader"]
