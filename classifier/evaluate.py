"""Figures recomputed from the data sets: models trained without the rows they are judged on."""

from pathlib import Path

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier import assess
from classifier.calibrate import Reached, threshold_for
from classifier.datasets import ATTRIBUTES, load_corpus
from classifier.model import Classifier
from classifier.train import Say, held_out, left_out, prepare

Figures = list[assess.Figure]


def assessment(folder: Path, say: Say, sources: bool = True, fifth: bool = True) -> assess.Assessment:
    """Scores on sources left out and on the held-out fifth, from the data sets in `folder`.

    Raises: FileNotFoundError when the folder holds no data set.
    """
    with threadpool_limits(1):
        prepared = prepare(load_corpus(folder))
        return assess.Assessment(
            tuple(left_out(prepared, say)) if sources else (),
            tuple(held_out(prepared, say)) if fifth else (),
        )


def evaluate(model: Classifier, folder: Path, say: Say, sources: bool) -> Figures:
    """Figures for each source and attribute under the model's calibration: ROC-AUC, average precision, calibration error."""
    scored = assessment(folder, say, sources=sources)
    return assess.figures(scored, model.weights.slopes, model.weights.offsets)


def thresholds(model: Classifier, folder: Path, say: Say, precision: float) -> dict[str, Reached | None]:
    """For each attribute the threshold that reaches a precision on left-out sources, None where none does."""
    scored = assessment(folder, say)
    slopes, offsets = model.weights.slopes, model.weights.offsets
    found: dict[str, Reached | None] = {}
    for name in ATTRIBUTES:
        found[name] = threshold_for(assess.by_source(scored, name, slopes, offsets), precision)
    return found
