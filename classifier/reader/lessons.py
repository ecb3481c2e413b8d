"""What it is worth to the first reader to be taught by encoders too, on sources that neither has seen."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier import assess
from classifier.datasets import ATTRIBUTES
from classifier.learning import CHOSEN, Line, Prepared, fit, score
from classifier.model import LANGUAGES
from classifier.soft import Teacher
from classifier.train import cores, judged_sources, learnable

Floats = NDArray[np.float64]


LESSONS = (replace(CHOSEN, unlabelled=0.0), CHOSEN)
"""Softer labels alone, and texts without labels too."""


@dataclass(frozen=True)
class Gain:
    """ROC-AUC on a source left out: of the first reader as it is, and taught by each of LESSONS."""

    attribute: str
    source: str
    plain: float
    taught: Sequence[float]


def gains(prepared: Prepared, teacher: Teacher, say: Callable[[str], None]) -> list[Gain]:
    """Each attribute on each source that can be left out, taught by an encoder that has not seen that source either."""
    corpus = prepared.corpus
    wanted = [
        (attribute, source)
        for attribute in range(len(ATTRIBUTES))
        for source in judged_sources(corpus, attribute)
        if learnable(corpus, attribute, corpus.sources != source)
    ]

    def found(attribute: int, source: str) -> Gain:
        gain = gain_of(prepared, attribute, source, teacher.says(attribute, source))
        say(f"{gain.attribute} without {source}")
        return gain

    with threadpool_limits(1), ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(found, *zip(*wanted, strict=True)))


def gain_of(prepared: Prepared, attribute: int, source: str, said: Floats) -> Gain:
    """Both ways on a source left out. said: see `learning.fit`."""
    corpus = prepared.corpus
    others = corpus.sources != source
    judged = assess.judged_rows(corpus, attribute) & ~others

    def area(line: Line) -> float:
        return float(roc_auc_score(corpus.labels[judged, attribute], score(prepared, line, judged)))

    taught = [area(fit(prepared, attribute, others, lesson, said)) for lesson in LESSONS]
    return Gain(ATTRIBUTES[attribute], source, area(fit(prepared, attribute, others)), taught)


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
