"""From the data sets to a model file, the same bytes each time.

One logistic regression for each attribute over log-count weighted n-grams (Wang and Manning 2012), on the rows where
the attribute is known. Sources weigh by the root of their size, and each has an intercept of its own that is dropped
when scoring: what tells the platforms apart is not to be taken for abuse. Everything that is reported or calibrated
comes from models that did not see the rows: a source left out whole, or a fifth of the rows held out.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier import assess
from classifier.calibrate import MIN_POSITIVES
from classifier.datasets import ATTRIBUTES, AUTHORED, Corpus, key_of, load_corpus
from classifier.features import GramCounts, LogCountRatios
from classifier.grams import BUCKETS, GRAMS
from classifier.model import Classifier, Weights

RELEASE = "2026.11"
STRENGTH = 0.03  # C of the regressions: more fits a source better and the next one worse
LANGUAGE_STRENGTH = 1.0
TOLERANCE = 1e-4  # of the gradient: lbfgs with 1e-3 stops after a few steps, with believable, wrong weights
STEPS = 500
BALANCE = 0.5  # a source's rows weigh total ** -BALANCE, so a source weighs as the root of its size
AUTHORED_PULL = 4.0  # the sentences written for contrast weigh so many times what their number gives
SOURCE_SIGN = 2.0  # value of the source's own column: large, so that its intercept is hardly held back
MIN_TEXTS = 3  # texts a bucket must stand in
HELD_OUT = 5  # one row in so many is held out
SEED = 20261124

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """A corpus and its features, each times its rarity.

    columns: buckets of the features kept. rarities: of each, a factor that ends up in the weights. held: rows of the
    held-out fifth.
    """

    corpus: Corpus
    features: sparse.csr_matrix
    columns: NDArray[np.int64]
    rarities: Floats
    held: Mask


@dataclass(frozen=True)
class Line:
    """A linear model. weights: one for each bucket. intercept: the mean over the sources'."""

    weights: Floats
    intercept: float


def prepare(corpus: Corpus) -> Prepared:
    """Features of all texts, without the buckets that hardly any text has."""
    features = GramCounts().transform(corpus.texts)
    texts = np.bincount(features.indices, minlength=BUCKETS)
    columns = np.flatnonzero(texts >= MIN_TEXTS)
    rarities = np.where(columns < GRAMS, 1 + np.log((1 + len(corpus.texts)) / (1 + texts[columns])), 1.0)
    held = np.array([zlib.crc32(key_of(text).encode()) % HELD_OUT == 0 for text in corpus.texts]) & (
        corpus.sources != AUTHORED
    )
    weighted = (features[:, columns] @ sparse.diags_array(rarities)).tocsr()
    return Prepared(corpus, weighted, columns, rarities, held)


def fit(prepared: Prepared, attribute: int, rows: Mask) -> Line:
    """Learn one attribute from those of `rows` where it is known."""
    corpus = prepared.corpus
    at = np.flatnonzero(rows & ~np.isnan(corpus.labels[:, attribute]))
    labels, sources = corpus.labels[at, attribute], corpus.sources[at]
    names, place = np.unique(sources, return_inverse=True)
    weights = corpus.trust[at, attribute]
    totals = np.bincount(place, weights)
    weights = weights * totals[place] ** -BALANCE * np.where(sources == AUTHORED, AUTHORED_PULL, 1.0)
    weights *= len(weights) / weights.sum()
    ratios = LogCountRatios().fit(prepared.features[at], labels, weights)
    signs = sparse.csr_matrix((np.full(len(at), SOURCE_SIGN), (np.arange(len(at)), place)), shape=(len(at), len(names)))
    stacked = sparse.hstack([ratios.transform(prepared.features[at]), signs], format="csr")
    model = LogisticRegression(C=STRENGTH, tol=TOLERANCE, max_iter=STEPS, random_state=SEED)
    model.fit(stacked, labels, sample_weight=weights)
    split = stacked.shape[1] - len(names)
    intercept = float(model.intercept_[0] + SOURCE_SIGN * model.coef_[0, split:].mean())
    return Line(model.coef_[0, :split] * ratios.ratios_, intercept)


def score(prepared: Prepared, line: Line, rows: Mask) -> Floats:
    """Logits of some rows."""
    return np.asarray(prepared.features[np.flatnonzero(rows)] @ line.weights + line.intercept)


def judged_sources(corpus: Corpus, attribute: int) -> list[str]:
    """Sources with labels of their own, enough of both kinds, to judge an attribute by."""
    rows = assess.judged_rows(corpus, attribute)
    found = []
    for name in np.unique(corpus.sources[rows]):
        labels = corpus.labels[rows & (corpus.sources == name), attribute]
        if min((labels == 1).sum(), (labels == 0).sum()) >= MIN_POSITIVES:
            found.append(str(name))
    return found


def left_out(prepared: Prepared, say: Say) -> list[assess.Scored]:
    """Each attribute on each source, scored by a model trained on the other sources."""
    corpus, found = prepared.corpus, []
    for attribute, name in enumerate(ATTRIBUTES):
        sources = judged_sources(corpus, attribute)
        for source in sources:
            say(f"{name} without {source}")
            rows = assess.judged_rows(corpus, attribute) & (corpus.sources == source)
            line = fit(prepared, attribute, corpus.sources != source)
            found.append(assess.scored(corpus, attribute, rows, score(prepared, line, rows)))
    return found


def held_out(prepared: Prepared, say: Say) -> list[assess.Scored]:
    """Each attribute on the held-out fifth of each source, scored by a model trained on the rest."""
    corpus, found = prepared.corpus, []
    for attribute, name in enumerate(ATTRIBUTES):
        say(f"{name} without a fifth")
        line = fit(prepared, attribute, ~prepared.held)
        for source in judged_sources(corpus, attribute):
            rows = assess.judged_rows(corpus, attribute) & (corpus.sources == source) & prepared.held
            found.append(assess.scored(corpus, attribute, rows, score(prepared, line, rows)))
    return found


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
    """Table of whole numbers over all buckets, the step of each column, the intercepts."""
    table = np.zeros((BUCKETS, len(lines)), dtype=np.int16)
    weights = [line.weights * prepared.rarities for line in lines]
    steps = np.array([np.abs(column).max() / 32767 or 1.0 for column in weights])
    for number, (column, step) in enumerate(zip(weights, steps, strict=True)):
        table[prepared.columns, number] = np.rint(column / step)
    return table, steps, np.array([line.intercept for line in lines])


def train(folder: Path, out: Path, say: Say) -> Classifier:
    """Train on the sets in `folder`, write the model to `out`, return it.

    Raises: FileNotFoundError when the folder holds no data set.
    """
    with threadpool_limits(1):  # sums in another order would give other bytes
        say("reading the data sets")
        prepared = prepare(load_corpus(folder))
        return _trained(prepared, out, say)


def _trained(prepared: Prepared, out: Path, say: Say) -> Classifier:
    every = np.ones(len(prepared.corpus.texts), dtype=np.bool_)
    lines = []
    for attribute, name in enumerate(ATTRIBUTES):
        say(name)
        lines.append(fit(prepared, attribute, every))
    say("language")
    lines.append(fit_language(prepared))
    scored = assess.Assessment(tuple(left_out(prepared, say)), tuple(held_out(prepared, say)))
    slopes, offsets = assess.calibrations(scored)
    table, steps, intercepts = quantised(prepared, lines)
    weights = Weights(table, steps, intercepts, slopes, offsets)
    points = assess.operating_points(scored, slopes, offsets)
    about = {
        "release": RELEASE,
        "figures": assess.figures(scored, slopes, offsets),
        "rows": assess.row_counts(prepared.corpus),
    }
    model = Classifier(ATTRIBUTES, "", assess.evidence(scored), points, weights, about)
    about["everyday"] = assess.everyday(model, prepared.corpus)
    model = model.named()
    model.save(out)
    return model
