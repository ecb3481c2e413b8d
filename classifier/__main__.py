"""`python -m classifier`: the classifier as a tool, without the service."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path

import click

from classifier.model import DEFAULT, Classifier, load
from classifier.modelfile import ModelFileError

# Training and its libraries are imported inside the commands that train: scoring starts without them.

_data = click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the data sets [SARING_TRAINING_DATA or ../shared/data].",
)
_model = click.option(
    "--model", "path", type=click.Path(path_type=Path), default=DEFAULT, help="Model file [the one shipped]."
)


@click.group()
def main() -> None:
    """Score comments in Indonesian and English; train and judge the model that does."""


@main.command()
@_data
@click.option(
    "--out", type=click.Path(path_type=Path), default=DEFAULT, help="Where to write the model [the one shipped]."
)
def train(folder: Path | None, out: Path) -> None:
    """Rebuild the model from the data sets: the same sets give the same bytes."""
    from classifier import train as training

    model = training.train(_folder(folder), out, _progress())
    click.echo(f"{out}: {model.version}, {out.stat().st_size:,} bytes")


@main.command()
@_data
@_model
@click.option(
    "--leave-one-source-out",
    "sources",
    is_flag=True,
    help="Also judge each source by a model trained on the others (slower).",
)
def evaluate(folder: Path | None, path: Path, sources: bool) -> None:
    """Recompute the figures of the model card from the data sets."""
    from classifier import card, evaluate

    figures = evaluate.evaluate(_opened(path), _folder(folder), _progress(), sources)
    click.echo(card.figures_table(figures))


@main.command()
@click.argument("texts", nargs=-1)
@_model
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line in place of a table.")
def score(texts: Sequence[str], path: Path, as_json: bool) -> None:
    """Score TEXTS, or one comment a line from standard input when there are none or `-`."""
    model = _opened(path)
    comments = _comments(texts)
    for text, row, language in zip(comments, *model.predict(comments), strict=True):
        scores = dict(zip(model.attributes, (round(float(p), 4) for p in row), strict=True))
        if as_json:
            click.echo(
                json.dumps(
                    {"text": text, "language": language, "scores": scores, "model": model.version}, ensure_ascii=False
                )
            )
        else:
            click.echo(
                f"{text}  [{language}]\n" + "".join(f"  {name:18} {_bar(p)} {p:.3f}\n" for name, p in scores.items())
            )


@main.command()
@click.argument("text")
@_model
@click.option("--attribute", "attributes", multiple=True, help="Attribute to explain; may be given again [toxicity].")
def explain(text: str, path: Path, attributes: Sequence[str]) -> None:
    """Show each word's part in the score of TEXT."""
    model = _opened(path)
    click.echo(f"read as: {model.fold(text).text}")
    for name in attributes or ("toxicity",):
        try:
            spans = model.explain(text, [name])
        except ValueError as fault:
            raise click.BadParameter(str(fault), param_hint="--attribute") from fault
        probability = float(model.predict_proba([text])[0, model.attributes.index(name)])
        click.echo(f"{name}: {probability:.3f}; log-odds before calibration, {model.bias(name):+.2f} to begin with")
        for span in spans:
            click.echo(f"  {span.weight:+7.3f}  {span.begin:4}-{span.end:<4} {text[span.begin : span.end]}")


@main.command()
@_model
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it [CARD.md beside the model].")
def card(path: Path, out: Path | None) -> None:
    """Write the model card from the model file."""
    from classifier.card import card as written

    target = out or path.with_name("CARD.md")
    target.write_text(written(_opened(path)), "utf-8")
    click.echo(str(target))


@main.command()
@_data
@_model
@click.option(
    "--precision",
    type=click.FloatRange(0, 1),
    default=0.9,
    show_default=True,
    help="Precision to reach, at the base rate.",
)
def thresholds(folder: Path | None, path: Path, precision: float) -> None:
    """Print, for each attribute, the threshold that reaches a precision on sources left out of the training."""
    from classifier import evaluate

    found = evaluate.thresholds(_opened(path), _folder(folder), _progress(), precision)
    click.echo(f"# for a precision of {precision:g} in the median source, at the declared base rate")
    click.echo(
        "# attribute: (threshold, precision in the median source, precision over all, recall, share of comments)\n{"
    )
    for name, point in found.items():
        shown = tuple(round(number, 3) for number in astuple(point)) if point else None
        click.echo(f'    "{name}": {shown},')
    click.echo("}")


@main.command()
@_data
def data(folder: Path | None) -> None:
    """Fetch the data sets from where they were published, each checked by its sha256."""
    from classifier import fetch

    fetch.fetch(_folder(folder), _progress())


def _folder(folder: Path | None) -> Path:
    from classifier.datasets import default_folder

    return folder or default_folder()


def _opened(path: Path) -> Classifier:
    try:
        return load(path)
    except ModelFileError as fault:
        raise click.ClickException(str(fault)) from fault


def _comments(texts: Sequence[str]) -> list[str]:
    if texts and tuple(texts) != ("-",):
        return list(texts)
    with click.open_file("-", encoding="utf-8", errors="replace") as lines:
        return [line.rstrip("\n") for line in lines]


def _progress() -> Callable[[str], None]:
    """Says on standard error what is being done and how long it has been."""
    begun = time.monotonic()

    def say(step: str) -> None:
        click.echo(f"{time.monotonic() - begun:6.0f} s  {step}", err=True)

    return say


def _bar(probability: float) -> str:
    return ("█" * round(probability * 20)).ljust(20, "·")


if __name__ == "__main__":
    main(prog_name="python -m classifier")
