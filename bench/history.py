"""What earlier releases measured: a file for each, so that a slowdown shows."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from bench.measure import Ratios

HISTORY = Path(__file__).parent / "history"
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"

KEPT = ("name", "unit", "median", "ratio", "ceiling")
"""What is kept of a measure; the single readings are of no use later."""


def release() -> str:
    """The version that is measured."""
    version: str = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["version"]
    return version


def keep(told: Mapping[str, Any], folder: Path = HISTORY) -> Path:
    """Write a run's results into the file of its release and model, in place of an earlier run's."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{told['saring']}-{told['model']}.json"
    short = [{field: measure[field] for field in KEPT} for measure in told["measures"]]
    path.write_bytes(orjson.dumps({**told, "measures": short}, option=orjson.OPT_INDENT_2) + b"\n")
    return path


def newest(folder: Path = HISTORY) -> tuple[str, Ratios]:
    """The ratios of the file that was measured last, and its name; an empty name when there is none."""
    found = [(orjson.loads(path.read_bytes()), path.stem) for path in folder.glob("*.json")]
    if not found:
        return "", {}
    told, name = max(found, key=lambda one: one[0]["at"])
    ratios = {(one["name"], one["ceiling"]): one["ratio"] for one in told["measures"] if one["ratio"] is not None}
    return name, ratios
