"""The first reader fitted anew to what an encoder says (distillation, Hinton and others 2015), and what that is worth.

A text with a probability is learned from twice, as positive and as negative, weighed by it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier import assess
from classifier.datasets import ATTRIBUTES
from classifier.learning import CHOSEN, Examples, Line, Prepared, fit, score, solved, weighed
from classifier.model import LANGUAGES
from classifier.reader.left_out import GROUPS, keys_of
from classifier.reader.soft import Soft
from classifier.train import cores, judged_sources, learnable

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Lesson:
    """How much the encoder has to say.

    mixed: the share of its probability in what is learned of a labelled text. unlabelled: what all texts without a label weigh
    together, those with one weighing 1.
    """

    mixed: float
    unlabelled: float


LESSONS = (Lesson(0.5, 0.0), Lesson(0.5, 0.3))


@dataclass(frozen=True)
class Gain:
    """ROC-AUC on a source left out: of the first reader as it is, and taught by each of LESSONS."""

    attribute: str
    source: str
    plain: float
    taught: Sequence[float]


def gains(prepared: Prepared, soft: Soft, say: Callable[[str], None]) -> list[Gain]:
    """Each attribute on each source that can be left out, taught by an encoder that has not seen that source either."""
    corpus = prepared.corpus
    keys = keys_of(corpus.texts)
    wanted = [
        (attribute, source, group)
        for attribute in range(len(ATTRIBUTES))
        for source in judged_sources(corpus, attribute)
        for group, sources in enumerate(GROUPS)
        if source in sources and learnable(corpus, attribute, corpus.sources != source)
    ]

    def found(attribute: int, source: str, group: int) -> Gain:
        gain = gain_of(prepared, attribute, source, soft.of(keys, group)[:, attribute])
        say(f"{gain.attribute} without {source}")
        return gain

    with threadpool_limits(1), ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(found, *zip(*wanted, strict=True)))


def gain_of(prepared: Prepared, attribute: int, source: str, probabilities: Floats) -> Gain:
    """Both ways on a source left out. probabilities: of each text of the corpus, NaN where the encoder was not asked."""
    corpus = prepared.corpus
    others = corpus.sources != source
    judged = assess.judged_rows(corpus, attribute) & ~others

    def area(line: Line) -> float:
        return float(roc_auc_score(corpus.labels[judged, attribute], score(prepared, line, judged)))

    taught = [area(fit_taught(prepared, attribute, others, probabilities, lesson)) for lesson in LESSONS]
    return Gain(ATTRIBUTES[attribute], source, area(fit(prepared, attribute, others)), taught)


def fit_taught(prepared: Prepared, attribute: int, rows: Mask, probabilities: Floats, lesson: Lesson) -> Line:
    """Learn one attribute from labels and from what an encoder says. probabilities: of each text, NaN where it was not asked."""
    corpus = prepared.corpus
    known = ~np.isnan(corpus.labels[:, attribute])
    said = ~np.isnan(probabilities)
    at = np.flatnonzero(rows & (known | (said & (lesson.unlabelled > 0))))
    labelled = known[at]
    labels = np.where(labelled, np.nan_to_num(corpus.labels[at, attribute]), np.nan_to_num(probabilities[at]))
    mixed = np.where(said[at] & labelled, lesson.mixed, 0.0)
    wanted = (1 - mixed) * labels + mixed * np.nan_to_num(probabilities[at])
    _, place = np.unique(np.char.add(corpus.sources[at], np.where(labelled, "", " unlabelled")), return_inverse=True)
    weights = np.zeros(len(at))
    for some, share in ((labelled, 1.0), (~labelled, lesson.unlabelled)):
        if some.any():
            weights[some] = weighed(corpus, attribute, at[some], place[some], CHOSEN)
            weights[some] *= share * labelled.sum() / weights[some].sum()
    each = np.arange(len(at))
    twice = Examples(
        np.concatenate((each, each)),
        np.repeat((1.0, 0.0), len(at)),
        np.concatenate((weights * wanted, weights * (1 - wanted))),
    )
    return solved(prepared, at, place, twice, ATTRIBUTES[attribute], CHOSEN)


def table(found: Sequence[Gain]) -> str:
    """The gains by source and their means in each language, as Markdown."""
    heads = [f"labels {1 - lesson.mixed:g}, unlabelled {lesson.unlabelled:g}" for lesson in LESSONS]
    lines = ["| attribute | source | first reader | " + " | ".join(heads) + " |", "|" + " --- |" * (3 + len(LESSONS))]
    lines += [_line(gain.attribute, gain.source, [gain]) for gain in found]
    for code in LANGUAGES:
        some = [gain for gain in found if gain.source.startswith(f"{code}_")]
        lines += [_line("**all**", f"**mean of {len(some)}, {code}**", some)] if some else []
    return "\n".join(lines)


def _line(attribute: str, source: str, some: Sequence[Gain]) -> str:
    more = [mean(gain.taught[at] - gain.plain for gain in some) for at in range(len(LESSONS))]
    return (
        f"| {attribute} | {source} | {mean(gain.plain for gain in some):.3f} | "
        + " | ".join(f"{m:+.4f}" for m in more)
        + " |"
    )
