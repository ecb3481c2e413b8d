"""`python -m classifier`: the classifier as a tool, without the service."""

import json
from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.model import DEFAULT, load
from classifier.modelfile import ModelFileError
from classifier.progress import progress

if TYPE_CHECKING:
    from classifier.evaluate import Choose

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


class Told(click.Group):
    """Says in one line that a file is missing, or is not what it should be."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (FileNotFoundError, ModelFileError) as fault:
            raise click.ClickException(str(fault)) from fault


@click.group(cls=Told)
def main() -> None:
    """Score comments in Indonesian and English; train and judge the model that does."""


@main.command()
@_data
@click.option(
    "--out", type=click.Path(path_type=Path), default=DEFAULT, help="Where to write the model [the one shipped]."
)
@click.option(
    "--licence",
    type=click.Choice(["any", "open"]),
    default="any",
    show_default=True,
    help="`open` leaves out the sets that forbid commercial use or state no licence.",
)
@click.option(
    "--taught",
    is_flag=True,
    help="Learn from what the second reader's encoders say of the texts, too (see decision 16).",
)
def train(folder: Path | None, out: Path, licence: str, taught: bool) -> None:
    """Rebuild the model from the data sets: the same sets give the same bytes."""
    from classifier import soft
    from classifier import train as training
    from classifier.reader.stack import SHIPPED

    if taught and licence == "open":
        raise click.UsageError("the encoders were trained on all sets: --taught does not go with --licence open")
    said = soft.load(SHIPPED / soft.FILE) if taught else None
    model = training.train(_folder(folder), out, progress(), licence, said)
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
@click.option("--robustness", is_flag=True, help="Only what disguises do: recall kept, clean comments newly flagged.")
@click.option("--bias", is_flag=True, help="Only how groups fare: subgroup, BPSN and BNSP AUC on sentences kept out.")
def evaluate(folder: Path | None, path: Path, sources: bool, robustness: bool, bias: bool) -> None:
    """Recompute the figures of the model card from the data sets.

    The figures by source retrain without the rows they judge. Those of --robustness and --bias are the model's own and take
    a minute; given alone or together they come in place of the figures by source, unless --leave-one-source-out is given too.
    """
    from classifier import assess, card, evaluate

    model = load(path)
    if robustness:
        from classifier import robustness as disguised
        from classifier.datasets import load_corpus

        click.echo(disguised.report(disguised.figures(model, load_corpus(_folder(folder)))))
    if bias:
        from classifier import bias as groups

        click.echo(groups.report(groups.figures(model)))
    if sources or not (robustness or bias):
        scored = evaluate.assessment(model, _folder(folder), progress(), sources)
        figures = assess.figures(scored, model.weights.curves)
        click.echo(card.figures_table(figures))
        click.echo("\n" + card.calibration_table(figures))
    if sources:
        click.echo("\n" + card.parts_table(evaluate.parts(model, _folder(folder), progress())))
        click.echo("\n" + evaluate.both_readers(model, scored, _folder(folder)))


@main.command()
@_data
def ablation(folder: Path | None) -> None:
    """Print what each part of the recipe is worth on sources left out, one changed at a time (an hour)."""
    from classifier import ablation as changes

    click.echo(changes.HEAD)
    for name, found in changes.ablation(_folder(folder), progress()):
        click.echo(changes.row_of(name, found))


@main.command()
@click.argument("texts", nargs=-1)
@_model
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line in place of a table.")
def score(texts: Sequence[str], path: Path, as_json: bool) -> None:
    """Score TEXTS, or one comment a line from standard input when there are none or `-`."""
    model = load(path)
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
    model = load(path)
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
    """Write the model card from the model file, and its reliability curves into the folder `calibration` beside it."""
    from classifier import card as cards

    model = load(path)
    target = out or path.with_name("CARD.md")
    for name, text in ({target.name: cards.card(model)} | cards.plots(model)).items():
        written = target.parent / name
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(text, "utf-8")
        click.echo(str(written))


@main.command()
@_data
@_model
@click.option(
    "--precision",
    type=click.FloatRange(0, 1),
    help="Wanted share of right flags, in the median source at the base rate [0.9 unless --share is given].",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    help="Wanted share of all comments in the queue, at the base rate: the lowest threshold that shows no more. It is that of"
    " one attribute; comments that several flag are shown once, so a queue is shorter than the sum.",
)
def thresholds(folder: Path | None, path: Path, precision: float | None, share: float | None) -> None:
    """Print, for each attribute, the threshold that reaches a precision, or a share of comments, on sources left out.

    The models that are judged are trained anew without the source they are judged on, so this takes minutes.
    """
    from classifier import evaluate
    from classifier.assess import experimental

    said, choose = _wanted(precision, share)
    model = load(path)
    found = evaluate.thresholds(model, _folder(folder), progress(), choose)
    click.echo(f"# for {said}, at the declared base rate")
    click.echo(
        "# attribute: (threshold, precision in the median source, precision over all, recall, share of comments)\n{"
    )
    for name, point in found.items():
        shown = tuple(round(number, 3) for number in astuple(point)) if point else None
        codes = experimental(model.evidence.get(name, {}))
        click.echo(f'    "{name}": {shown},' + (f"  # experimental: {', '.join(codes)}" if codes else ""))
    click.echo("}")


@main.command()
@_model
def shares(path: Path) -> None:
    """Print the share of comments at or above each tenth of each score, from the figures in the model file."""
    from classifier import quantiles

    click.echo(quantiles.shares(load(path)))


@main.command()
@_data
@_model
def quantiles(folder: Path | None, path: Path) -> None:
    """Print the score that a given share of comments reaches, for each attribute and language, on sources left out.

    Whoever knows what share of comments a threshold of another service held finds here the one that holds as many. The models
    that score are trained anew without the source they score, so this takes long.
    """
    from classifier import evaluate
    from classifier import quantiles as found

    model = load(path)
    scored = evaluate.assessment(model, _folder(folder), progress())
    click.echo(found.report(model, found.quantiles(scored, model.weights.curves)))


@main.command()
@_data
def data(folder: Path | None) -> None:
    """Fetch the data sets from where they were published, each checked by its sha256."""
    from classifier import fetch

    fetch.fetch(_folder(folder), progress())


def _folder(folder: Path | None) -> Path:
    from classifier.datasets import default_folder

    return folder or default_folder()


def _wanted(precision: float | None, share: float | None) -> tuple[str, "Choose"]:
    """What is wanted of a threshold, in words and as what finds it."""
    from classifier.calibrate import threshold_at_share, threshold_for

    if precision is not None and share is not None:
        raise click.UsageError("give --precision or --share, not both")
    if share is not None:
        return f"a share of {share:g} of the comments, the mean over sources", partial(threshold_at_share, share=share)
    least = 0.9 if precision is None else precision
    return f"a precision of {least:g} in the median source", partial(threshold_for, precision=least)


def _comments(texts: Sequence[str]) -> list[str]:
    if texts and tuple(texts) != ("-",):
        return list(texts)
    with click.open_file("-", encoding="utf-8", errors="replace") as lines:
        return [line.rstrip("\n") for line in lines]


def _bar(probability: float) -> str:
    return ("█" * round(probability * 20)).ljust(20, "·")


if __name__ == "__main__":
    main(prog_name="python -m classifier")
