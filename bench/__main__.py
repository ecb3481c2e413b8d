"""`python -m bench`: each part's speed as a ratio to its ceiling; half an hour, all on this machine."""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# before NumPy is loaded: one core for each process
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import click
import orjson

import classifier
from bench import history
from bench.at_once import at_once
from bench.cascade import cascading
from bench.comments import published
from bench.desk import desk
from bench.doors import accepting, answering
from bench.measure import Measure, table
from bench.reader import reading
from bench.saring import end_in_order
from bench.scale_out import scaling
from bench.scoring import scoring
from bench.sustained import sustaining
from bench.through import deciding, trickling

RESULTS = Path(__file__).parent / "results.json"
USUAL_ROUNDS = 5


@dataclass(frozen=True)
class Stage:
    """What is measured together: `take` does so many rounds and tells of `steps` steps in each.

    strict: whether a bar that is not met is a failure of the whole run.
    """

    take: Callable[[int, Callable[[], None]], list[Measure]]
    steps: int = 1
    strict: bool = False


STAGES = {
    "scoring": Stage(scoring, 3),
    "reader": Stage(reading, 4, strict=True),
    "accepting": Stage(accepting, 4),
    "deciding": Stage(deciding, 2),
    "trickling": Stage(trickling, 2),
    "cascade": Stage(cascading, 8),
    "answering": Stage(answering),
    "at_once": Stage(at_once, 2),
    "desk": Stage(desk),
    "scaling": Stage(scaling),
    "sustaining": Stage(sustaining),
}
"""In the order in which they are run."""


@click.command()
@click.option(
    "--rounds", type=click.IntRange(1, 50), default=USUAL_ROUNDS, help="Readings of each way; the median counts."
)
@click.option("--only", type=click.Choice(list(STAGES)), multiple=True, help="Stages to run; all of them by default.")
@click.option("--release", is_flag=True, help="Keep the results in bench/history, for later runs to be held against.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), default=RESULTS, help="Where to write."
)
def main(rounds: int, only: tuple[str, ...], release: bool, json_file: Path) -> None:
    """Measure each part in turn with its ceiling; print a table and write it as JSON.

    The comments are those of the published sets in SARING_TRAINING_DATA, or the demo's. For times (ms) a ratio below 1 is
    faster than what stands beside it, for rates (a second) one above 1. Ratios that are a fifth worse than in the newest file
    of bench/history are marked FELL. Exits with 1 when the second reader takes more than it may.
    """
    if release and (only or rounds < USUAL_ROUNDS):
        raise click.UsageError(f"a release is measured in all stages, with {USUAL_ROUNDS} rounds or more")
    end_in_order()
    began = time.monotonic()
    found = {name: _run(name, rounds) for name in only or STAGES}
    measures = [measure for some in found.values() for measure in some]
    told = {**_circumstances(), "rounds": rounds, "measures": [one.to_json() for one in measures]}
    json_file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    _show(measures)
    click.echo(f"\n{time.monotonic() - began:.0f} s; written to {json_file}")
    if release:
        click.echo(f"kept as {history.keep(told)}")
    if unmet := [one for name, some in found.items() if STAGES[name].strict for one in some if one.met is False]:
        raise click.ClickException(f"not as asked: {', '.join(one.name.strip() for one in unmet)}")


def _show(measures: Sequence[Measure]) -> None:
    name, before = history.newest()
    click.echo("\n" + table(measures, before))
    if fallen := [one for one in measures if one.fell(before.get((one.name, one.ceiling)))]:
        click.echo(f"\nSlower than {name}: {len(fallen)} of {len(measures)}, marked FELL")


def _run(name: str, rounds: int) -> list[Measure]:
    stage, shown = STAGES[name], sys.stdout.isatty()
    if not shown:
        click.echo(f"{name} …")
    file = None if shown else sys.stderr
    with click.progressbar(length=stage.steps * rounds, label=f"{name:10}", file=file) as bar:
        return stage.take(rounds, lambda: bar.update(1))


def _circumstances() -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "saring": history.release(),
        "model": classifier.load().version,
        "comments": "published sets" if published() else "demo",
    }


if __name__ == "__main__":
    main()
