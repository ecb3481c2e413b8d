"""`python -m classifier.reader`: train and build the second reader. Needs the extra `train`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.datasets import default_folder
from classifier.model import load
from classifier.progress import progress
from classifier.reader.stack import SHIPPED

if TYPE_CHECKING:
    from classifier.reader.building import Work

_data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=default_folder,
    help="Folder of the data sets [SARING_TRAINING_DATA or ../shared/data].",
)
_work = click.option(
    "--work",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("build/reader"),
    show_default=True,
    help="Where trainings are kept and resumed (8 GB).",
)


@click.group()
def main() -> None:
    """Train the second reader and build its directory. What was begun is resumed, so it may be stopped at any time."""


@main.command()
@_data
@_work
@click.argument("group", type=click.IntRange(0, 4))
def group(data: Path, folder: Path, group: int) -> None:
    """Train without GROUP of the sources. One process reads on one core; run several side by side."""
    _opened(data, folder).group(group)


@main.command()
@_data
@_work
@click.option("--out", type=click.Path(path_type=Path), default=SHIPPED, help="The directory [the one shipped].")
def build(data: Path, folder: Path, out: Path) -> None:
    """Train all that is not trained yet, export, stack on the first reader, write the directory and its card."""
    from classifier.modelfile import ModelFileError
    from classifier.reader.building import build as built

    work = _opened(data, folder)
    try:
        stack = built(work, out, load())
    except ModelFileError as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{out}: {stack.second.version}")


@main.command()
@_data
@click.option("--reader", type=click.Path(path_type=Path), default=SHIPPED, help="The directory [the one shipped].")
def distil(data: Path, reader: Path) -> None:
    """Print whether the first reader learns from the second, by sources left out (an hour). Trains no encoder."""
    from classifier import soft
    from classifier.datasets import load_corpus
    from classifier.learning import prepare
    from classifier.reader import lessons

    try:
        said = soft.load(reader / soft.FILE)
    except FileNotFoundError as fault:
        raise click.ClickException(
            f"{reader} does not hold what its encoders said of the data sets: {fault}"
        ) from fault
    say = progress()
    say("reading the data sets")
    prepared = prepare(load_corpus(data))
    click.echo(lessons.table(lessons.gains(prepared, soft.Teacher(said, prepared.corpus.texts), say)))


def _opened(data: Path, folder: Path) -> "Work":
    try:
        from classifier.reader.building import Work
    except ImportError as fault:
        raise click.ClickException(f"training needs more: pip install 'saring[train]' ({fault})") from fault
    return Work(data, folder, progress())


if __name__ == "__main__":
    main(prog_name="python -m classifier.reader")
