"""`python -m bench`: each part's speed as a ratio to its ceiling; some five minutes, all on this machine."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

# before NumPy is loaded: one core for each process
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import click
import orjson

import classifier
from bench.comments import published
from bench.doors import accepting, answering
from bench.measure import Measure, table
from bench.saring import end_in_order, saring
from bench.scoring import scoring
from bench.through import deciding

RESULTS = Path(__file__).parent / "results.json"


@click.command()
@click.option("--rounds", type=click.IntRange(1, 50), default=5, help="Readings of each way; the median counts.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), default=RESULTS, help="Where to write."
)
def main(rounds: int, json_file: Path) -> None:
    """Measure scoring, accepting, deciding and answering, each in turn with its ceiling; print a table and write it as JSON.

    The comments are those of the published sets in SARING_TRAINING_DATA, or the demo's. For times (µs, ms) a ratio below 1 is
    faster than what stands beside it, for rates (a second) one above 1. Where ours is what stands beside it, the ratio is how
    many times longer the other takes.
    """
    end_in_order()
    began = time.monotonic()
    measures = measure(rounds)
    click.echo("\n" + table(measures))
    told = {**_circumstances(), "rounds": rounds, "measures": [one.to_json() for one in measures]}
    json_file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    click.echo(f"\n{time.monotonic() - began:.0f} s; written to {json_file}")


def measure(rounds: int) -> list[Measure]:
    """Every measure, one stage after the other."""
    measures = _stage("Scoring", 3 * rounds, lambda told: scoring(rounds, told))
    measures += _stage("Accepting", 2 * rounds, lambda told: accepting(rounds, told))
    with saring(log_level="error") as running:
        key = json.loads((running.data_dir / "first-run.json").read_text())["api_key"]
        measures += _stage("Deciding", rounds, lambda told: deciding(running, key, rounds, told))
        measures += _stage("Answering", rounds, lambda told: answering(running, key, rounds, told))
    return measures


def _stage(name: str, steps: int, take: Callable[[Callable[[], None]], list[Measure]]) -> list[Measure]:
    if not sys.stdout.isatty():
        click.echo(f"{name} …")
    with click.progressbar(length=steps, label=f"{name:10}", file=None if sys.stdout.isatty() else sys.stderr) as bar:
        return take(lambda: bar.update(1))


def _circumstances() -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "saring": version("saring"),
        "model": classifier.load().version,
        "comments": "published sets" if published() else "demo",
        "database": "sqlite",
    }


if __name__ == "__main__":
    main()
