"""`python -m bench.large`: whether ingest, claim, queue page and list keep their speed from 10,000 comments to 10 million."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

# before NumPy is loaded: one core for each process
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import click
import orjson

import classifier
from bench.large.databases import Pair, pair, size
from bench.large.work import Work, bound
from bench.measure import Measure, interleaved
from bench.saring import end_in_order

BAR = 1.3
"""How much longer the same work may take with the large database."""


@click.command()
@click.option("--rows", type=click.IntRange(2_500), default=10_000_000, help="Comments in the large database.")
@click.option("--small", type=click.IntRange(2_500), default=10_000, help="Comments in the small one.")
@click.option("--database", type=click.Choice(["postgresql", "sqlite", "both"]), default="postgresql")
@click.option("--rounds", type=click.IntRange(5, 200), default=15, help="Readings of each; the median counts.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the databases stay and are used again, directly below /tmp when you are root; else they are deleted.",
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
def main(rows: int, small: int, database: str, rounds: int, keep: Path | None, json_file: Path | None) -> None:
    """Do the same work beside few and beside many comments, in turn; print both medians and the ratio of each kind.

    Ends with 1 when ingest, claim, queue page or list take more than 1.3 times as long.
    """
    end_in_order()
    told = []
    for kind in ["postgresql", "sqlite"] if database == "both" else [database]:
        with pair(kind, small, rows, keep) as both:
            told.append(_measured(both, small, rows, rounds))
    if json_file:
        json_file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    sys.exit(1 if any(one["too_slow"] for one in told) else 0)


def _measured(both: Pair, small: int, rows: int, rounds: int) -> dict[str, object]:
    """The readings of one kind of database, printed."""
    model = classifier.load()
    sides = {"small": Work(both.small, model).ways(), "large": Work(both.large, model).ways()}
    bytes_each = (size(both.large) - size(both.small)) / (rows - small)
    click.echo(f"\n{both.kind}: {small:,} and {rows:,} comments, {bytes_each:,.0f} bytes each on the disk")
    click.echo(f"{'':32}{'small':>10}{'large':>10}  {'':4}{'ratio':>7}")
    began, measures = time.monotonic(), []
    for name in sides["small"]:
        ways = {side: ways[name] for side, ways in sides.items()}
        readings = interleaved(ways, rounds, lambda: None)
        in_ms = {side: [1_000 * reading for reading in read] for side, read in readings.items()}
        measure = Measure(name, "ms", in_ms["large"], "small", in_ms["small"])
        measures.append(measure)
        small_median = Measure(name, "ms", in_ms["small"]).median
        mark = "" if name not in bound([name]) else "  ok" if _keeps(measure) else f"  over {BAR}"
        click.echo(f"{name:32}{small_median:10.2f}{measure.median:10.2f}  {'ms':4}{measure.ratio:7.2f}{mark}")
    slow = [one.name for one in measures if bound([one.name]) and not _keeps(one)]
    click.echo(
        f"{time.monotonic() - began:.0f} s; " + ("too slow: " + ", ".join(slow) if slow else "all within the bar")
    )
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": both.kind,
        "small": small,
        "large": rows,
        "bytes_per_comment": bytes_each,
        "rounds": rounds,
        "measures": [one.to_json() for one in measures],
        "too_slow": slow,
    }


def _keeps(measure: Measure) -> bool:
    return measure.ratio is not None and measure.ratio <= BAR


if __name__ == "__main__":
    main()
