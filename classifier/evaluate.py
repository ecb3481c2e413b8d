"""Figures recomputed from the data sets: models trained without the rows they are judged on."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier import assess
from classifier.calibrate import Judged, Reached
from classifier.datasets import ATTRIBUTES, load_corpus
from classifier.learning import prepare
from classifier.model import Classifier
from classifier.reader import blend
from classifier.reader import left_out as left_out_logits
from classifier.reader.stack import SHIPPED
from classifier.soft import FILE, teacher_of
from classifier.train import Say, held_out, left_out, parts_left_out

Figures = list[assess.Figure]
Choose = Callable[[Sequence[Judged]], Reached | None]


def assessment(model: Classifier, folder: Path, say: Say, sources: bool = True) -> assess.Assessment:
    """Scores on the held-out fifth and on `sources` left out, from those data sets in `folder` that the model may learn from.

    Raises: FileNotFoundError when the folder holds no data set; ModelFileError
    when it was taught by other encoders than the shipped second reader's.
    """
    with threadpool_limits(1):
        prepared = prepare(load_corpus(folder, model.about.get("licence", "any")))
        teacher = teacher_of(model, prepared.corpus.texts, SHIPPED / FILE)
        return assess.Assessment(
            tuple(left_out(prepared, say, teacher=teacher)) if sources else (),
            tuple(held_out(prepared, say, teacher)),
        )


def both_readers(model: Classifier, scored: assess.Assessment, folder: Path) -> str:
    """What the second reader adds on sources left out, and what its eight bits cost, as Markdown.

    Its logits are those kept beside its weights, since its trainings take hours: `python -m classifier.reader build` makes them.
    Raises: FileNotFoundError when the shipped reader's directory is not there; ValueError when the data sets have changed.
    """
    about = json.loads((SHIPPED / "about.json").read_bytes())
    if model.version != about["stacks_on"]:
        return f"The second reader was made for {about['stacks_on']} and says nothing about {model.version}."
    kept = left_out_logits.load(SHIPPED / left_out_logits.FILE)
    rows = blend.figures(blend.paired(scored.left_out, load_corpus(folder), kept))
    return blend.table(rows) + "\n\n" + blend.eight_bits_table(about["eight_bits"])


def parts(model: Classifier, folder: Path, say: Say) -> Figures:
    """Figures for each part of a source, left out while the source's other parts stay; see assess.part_figure."""
    with threadpool_limits(1):
        prepared = prepare(load_corpus(folder, model.about.get("licence", "any")))
        teacher = teacher_of(model, prepared.corpus.texts, SHIPPED / FILE)
        return [assess.part_figure(part) for part in parts_left_out(prepared, say, teacher)]


def thresholds(model: Classifier, folder: Path, say: Say, choose: Choose) -> dict[str, Reached | None]:
    """For each attribute the threshold that `choose` finds on left-out sources, None where it finds none."""
    scored = assessment(model, folder, say)
    curves = model.weights.curves
    return {name: choose(assess.by_source(scored, name, curves)) for name in ATTRIBUTES}
