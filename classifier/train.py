"""From the data sets to a model file, the same bytes each time.

`learning` says how one attribute is learned. Everything that is reported or calibrated comes from models that did not
see the rows: a source left out whole, or a fifth of the rows held out; encoders that teach them have not seen those either.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier import assess, bias, robustness
from classifier.calibrate import MIN_POSITIVES
from classifier.datasets import ATTRIBUTES, AUTHORED, SOURCES, Corpus, load_corpus
from classifier.grams import BUCKETS
from classifier.learning import (
    CHOSEN,
    SEED,
    STEPS,
    TOLERANCE,
    Floats,
    Line,
    Mask,
    Prepared,
    Recipe,
    fit,
    prepare,
    score,
)
from classifier.model import Classifier, Weights
from classifier.soft import Soft, Teacher

RELEASE = "2026.11"
LANGUAGE_STRENGTH = 1.0

Say = Callable[[str], None]


def judged_sources(corpus: Corpus, attribute: int) -> list[str]:
    """Sources with labels of their own, enough of both kinds, to judge an attribute by."""
    rows = assess.judged_rows(corpus, attribute)
    found = []
    for name in np.unique(corpus.sources[rows]):
        labels = corpus.labels[rows & (corpus.sources == name), attribute]
        if min((labels == 1).sum(), (labels == 0).sum()) >= MIN_POSITIVES:
            found.append(str(name))
    return found


def learnable(corpus: Corpus, attribute: int, rows: Mask) -> bool:
    """Whether rows of both kinds are there to learn an attribute from."""
    labels = corpus.labels[rows, attribute]
    return bool((labels == 1).any() and (labels == 0).any())


@dataclass(frozen=True)
class Task:
    """A model to be fitted: what it is called, of which attribute, on which rows; what an encoder says (see `learning.fit`)."""

    name: str
    attribute: int
    rows: Mask
    said: Floats | None = None


def fitted(prepared: Prepared, tasks: Sequence[Task], say: Say, recipe: Recipe = CHOSEN) -> Iterator[Line]:
    """A line for each task, in their order, as many at a time as there are cores: a fit is mostly sums that need no lock."""
    pool = ThreadPoolExecutor(cores())
    try:
        lines = [pool.submit(fit, prepared, task.attribute, task.rows, recipe, task.said) for task in tasks]
        for number, (task, line) in enumerate(zip(tasks, lines, strict=True), start=1):
            found = line.result()
            say(f"{task.name} ({number} of {len(tasks)})")
            yield found
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def left_out(
    prepared: Prepared,
    say: Say,
    taught: Mask | None = None,
    recipe: Recipe = CHOSEN,
    only: Sequence[str] = ATTRIBUTES,
    teacher: Teacher | None = None,
) -> list[assess.Scored]:
    """Attributes on each source, scored by a model trained on the other sources, or on the rows of `taught` among them."""
    corpus = prepared.corpus
    sources, tasks = [], []
    for name in only:
        attribute = ATTRIBUTES.index(name)
        for source in judged_sources(corpus, attribute):
            others = (corpus.sources != source) & (True if taught is None else taught)
            if learnable(corpus, attribute, others):
                sources.append(source)
                said = teacher.says(attribute, source) if teacher else None
                tasks.append(Task(f"{name} without {source}", attribute, others, said))
    lines = fitted(prepared, tasks, say, recipe)
    return [
        _scored(prepared, line, task.attribute, corpus.sources == source)
        for task, source, line in zip(tasks, sources, lines, strict=True)
    ]


def parts_left_out(prepared: Prepared, say: Say, teacher: Teacher | None = None) -> list[assess.Scored]:
    """Each attribute on each part of a source that has parts, scored by a model that the other parts taught too."""
    corpus = prepared.corpus
    parts, tasks = [], []
    for part in np.unique(corpus.parts[corpus.parts != ""]):
        source = str(corpus.sources[corpus.parts == part][0])
        for attribute, name in enumerate(ATTRIBUTES):
            rows = assess.judged_rows(corpus, attribute) & (corpus.parts == part)
            if len(np.unique(corpus.labels[rows, attribute])) == 2:
                parts.append(str(part))
                said = teacher.says(attribute, source) if teacher else None
                tasks.append(Task(f"{name} without {part}", attribute, corpus.parts != part, said))
    lines = fitted(prepared, tasks, say)
    return [
        _scored(prepared, line, task.attribute, corpus.parts == part, part)
        for task, part, line in zip(tasks, parts, lines, strict=True)
    ]


def held_out(prepared: Prepared, say: Say, teacher: Teacher | None = None) -> list[assess.Scored]:
    """Each attribute on the held-out fifth of each source, scored by a model trained on the rest."""
    corpus = prepared.corpus
    tasks = [
        Task(f"{name} without a fifth", at, ~prepared.held, teacher.says(at) if teacher else None)
        for at, name in enumerate(ATTRIBUTES)
    ]
    return [
        _scored(prepared, line, task.attribute, (corpus.sources == source) & prepared.held)
        for task, line in zip(tasks, fitted(prepared, tasks, say), strict=True)
        for source in judged_sources(corpus, task.attribute)
    ]


def _scored(prepared: Prepared, line: Line, attribute: int, rows: Mask, part: str | None = None) -> assess.Scored:
    """Those of the rows that an attribute is judged by, scored."""
    judged = assess.judged_rows(prepared.corpus, attribute) & rows
    return assess.scored(prepared.corpus, attribute, judged, score(prepared, line, judged), part)


def fit_language(prepared: Prepared) -> Line:
    """Indonesian against English, from a quarter of the rows."""
    corpus = prepared.corpus
    rows = np.flatnonzero(np.arange(len(corpus.texts)) % 4 == 0)
    labels = (corpus.languages[rows] == "id").astype(np.float64)
    model = LogisticRegression(
        C=LANGUAGE_STRENGTH, tol=TOLERANCE, max_iter=STEPS, class_weight="balanced", random_state=SEED
    )
    model.fit(prepared.features[rows], labels)
    return Line(model.coef_[0], float(model.intercept_[0]))


def quantised(prepared: Prepared, lines: list[Line]) -> tuple[NDArray[np.int16], Floats, Floats]:
    """Table of whole numbers over all buckets, a column for each line; the step of each column; the intercepts."""
    table = np.zeros((BUCKETS, len(lines)), dtype=np.int16)
    weights = [line.weights * prepared.rarities for line in lines]
    steps = np.array([np.abs(column).max() / 32767 or 1.0 for column in weights])
    for number, (column, step) in enumerate(zip(weights, steps, strict=True)):
        table[prepared.columns, number] = np.rint(column / step)
    return table, steps, np.array([line.intercept for line in lines])


def train(folder: Path, out: Path, say: Say, licence: str = "any", soft: Soft | None = None) -> Classifier:
    """Train on the sets in `folder`, write the model to `out`, return it.

    licence: `any`, or `open` to leave out the sets that state no licence or forbid commercial use. soft: what encoders say of the
    texts, which then teaches it too.
    Raises: FileNotFoundError when the folder holds no data set.
    """
    with threadpool_limits(1):  # sums in another order would give other bytes
        say("reading the data sets")
        prepared = prepare(load_corpus(folder, licence))
        teacher = Teacher(soft, prepared.corpus.texts) if soft else None
        return _trained(prepared, out, say, licence, teacher)


def _trained(prepared: Prepared, out: Path, say: Say, licence: str, teacher: Teacher | None) -> Classifier:
    lines = _lines(prepared, say, teacher)
    scored = assess.Assessment(tuple(left_out(prepared, say, teacher=teacher)), tuple(held_out(prepared, say, teacher)))
    curves = assess.calibrations(scored)
    table, steps, intercepts = quantised(prepared, lines)
    weights = Weights(np.ascontiguousarray(table[:, :-1]), table[:, -1].copy(), steps, intercepts, curves)
    points = assess.operating_points(scored, curves)
    about: dict[str, Any] = {
        "release": RELEASE,
        "licence": licence,
        "figures": assess.figures(scored, curves),
        "parts": [assess.part_figure(part) for part in parts_left_out(prepared, say, teacher)],
        "rows": assess.row_counts(prepared.corpus),
    }
    if teacher:
        about["taught_by"] = teacher.version
    model = Classifier(ATTRIBUTES, "", assess.evidence(scored), points, weights, about)
    about["everyday"] = assess.everyday(model, prepared.corpus)
    about["robustness"] = robustness.figures(model, prepared.corpus)
    about["bias"] = bias.figures(model)
    if licence == "any":
        say("figures of the open sets alone")
        about["open"] = assess.figures(_by_open_sets(prepared, say), curves)
    model = model.named()
    model.save(out)
    return model


def _lines(prepared: Prepared, say: Say, teacher: Teacher | None) -> list[Line]:
    """The lines that are served: one for each attribute, and the language's."""
    every = np.ones(len(prepared.corpus.texts), dtype=np.bool_)
    tasks = [Task(name, at, every, teacher.says(at) if teacher else None) for at, name in enumerate(ATTRIBUTES)]
    lines = list(fitted(prepared, tasks, say))
    say("language")
    return [*lines, fit_language(prepared)]


def _by_open_sets(prepared: Prepared, say: Say) -> assess.Assessment:
    """What models would be worth that only sets with an open licence had taught."""
    free = [source.name for source in SOURCES if source.is_open] + [AUTHORED]
    return assess.Assessment(tuple(left_out(prepared, say, np.isin(prepared.corpus.sources, free))), ())
