"""How one attribute is learned from sets that disagree.

A logistic regression over log-count weighted n-grams (Wang and Manning 2012), on the rows where the attribute is known.
Sources weigh by the root of their size. Each source has an intercept of its own and, for some attributes, weights of its
own beside the common ones (a mixed-effects model; for features Daumé 2007): both are dropped when scoring, so that what is
peculiar to a platform is not taken for abuse. What an encoder says of texts is learned beside the labels, and of texts without
one (distillation, Hinton and others 2015).
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifier.datasets import ATTRIBUTES, AUTHORED, Corpus, key_of
from classifier.features import GramCounts, LogCountRatios
from classifier.grams import BUCKETS, GRAMS

TOLERANCE = 1e-4  # of the gradient: lbfgs with 1e-3 stops after a few steps, with believable, wrong weights
STEPS = 500
OWN_TEXTS = 3  # of a source that a feature must stand in, for the source to have a weight of its own for it
MIN_TEXTS = 3  # texts a bucket must stand in
HELD_OUT = 5  # one row in so many is held out
SEED = 20261124

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Recipe:
    """What was chosen by leaving sources out; `ablation` changes one at a time.

    strength: C of the regressions: more fits a source better and the next one worse. balance: a source's rows weigh
    total ** -balance. authored: how many times what their number gives the written sentences in Indonesian and those in
    English weigh, 1 for attributes not named. own: for each attribute the pull of a source's own weights against the
    common ones. sign: value of the source's own column, large so that its intercept is hardly held back. ratios: whether
    features are weighted by log-count ratios. patterns: whether those of word classes are used. mixed: an encoder's share in
    what is learned of a text with a label. unlabelled: what all texts that have but an encoder's word weigh together, those with
    a label weighing 1.
    """

    strength: float = 0.03
    balance: float = 0.5
    authored: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "toxicity": (3.5, 8.0),
            "identity_attack": (10.0, 12.0),
            "insult": (2.0, 2.0),
            "spam": (10.0, 10.0),
        }
    )
    own: Mapping[str, float] = field(
        default_factory=lambda: {"toxicity": 2.0, "identity_attack": 2.0, "profanity": 2.0}
    )
    sign: float = 2.0
    ratios: bool = True
    patterns: bool = True
    mixed: float = 0.5
    unlabelled: float = 0.3


CHOSEN = Recipe()


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
    weighted = (features[:, columns] @ sparse.diags_array(rarities.astype(np.float32))).tocsr()
    return Prepared(corpus, weighted, columns, rarities, held)


def fit(prepared: Prepared, attribute: int, rows: Mask, recipe: Recipe = CHOSEN, said: Floats | None = None) -> Line:
    """Learn one attribute from those of `rows` where it is known, and from what an encoder says (see `soft`).

    said: its probability for each text, NaN where it was not asked; none: there are labels alone. A text that it was asked
    about is learned from twice, as positive and as negative, weighed by how sure label and encoder are together.
    """
    corpus = prepared.corpus
    known = ~np.isnan(corpus.labels[:, attribute])
    said = np.full(len(known), np.nan) if said is None else said
    at = np.flatnonzero(rows & (known | (~np.isnan(said) & (recipe.unlabelled > 0))))
    labelled, asked = known[at], ~np.isnan(said[at])
    mixed = np.where(labelled, np.where(asked, recipe.mixed, 0.0), 1.0)
    positive = (1 - mixed) * np.nan_to_num(corpus.labels[at, attribute]) + mixed * np.nan_to_num(said[at])
    _, place = np.unique(np.char.add(corpus.sources[at], np.where(labelled, "", " unlabelled")), return_inverse=True)
    weights = np.zeros(len(at))
    for some, share in ((labelled, 1.0), (~labelled, recipe.unlabelled)):
        if some.any():
            weights[some] = weighed(corpus, attribute, at[some], place[some], recipe)
            weights[some] *= share * labelled.sum() / weights[some].sum()
    return solved(prepared, at, place, learned(positive, weights), ATTRIBUTES[attribute], recipe)


def weighed(corpus: Corpus, attribute: int, at: NDArray[np.int64], place: NDArray[np.int64], recipe: Recipe) -> Floats:
    """What the texts `at` weigh: by trust in their labels, their sources' sizes, and as written sentences; without a label, 1."""
    trust = np.where(np.isnan(corpus.labels[at, attribute]), 1.0, corpus.trust[at, attribute])
    indonesian, english = recipe.authored.get(ATTRIBUTES[attribute], (1.0, 1.0))
    times = np.where(corpus.languages[at] == "id", indonesian, english)
    return balanced(trust, place, recipe.balance) * np.where(corpus.sources[at] == AUTHORED, times, 1.0)


@dataclass(frozen=True)
class Examples:
    """What is learned from. texts: numbers among the texts given, one as often as it has labels; labels: 0 or 1."""

    texts: NDArray[np.int64]
    labels: Floats
    weights: Floats


def learned(positive: Floats, weights: Floats) -> Examples:
    """Each text as a positive and as a negative one, where it is either at all. positive: how far it is, 0 to 1."""
    texts, labels = np.repeat(np.arange(len(positive)), 2), np.tile((1.0, 0.0), len(positive))
    shares = np.stack((weights * positive, weights * (1 - positive)), axis=1).ravel()
    kept = shares > 0
    return Examples(texts[kept], labels[kept], shares[kept])


def solved(
    prepared: Prepared, at: NDArray[np.int64], place: NDArray[np.int64], examples: Examples, name: str, recipe: Recipe
) -> Line:
    """The line through examples of the texts `at`. place: number of each text's source, from 0 on."""
    features = prepared.features[at]
    if not recipe.patterns:
        features = (features @ sparse.diags_array((prepared.columns < GRAMS).astype(np.float32))).tocsr()
    labels, weights = examples.labels, examples.weights
    ratios = np.ones(features.shape[1])
    if recipe.ratios:
        ratios = LogCountRatios().fit(features[examples.texts], labels, weights).ratios_
    common = (features @ sparse.diags_array(ratios.astype(np.float32))).tocsr()
    sources = int(place.max()) + 1
    shape = (len(at), sources)
    signs = sparse.csr_matrix((np.full(len(at), recipe.sign, np.float32), (np.arange(len(at)), place)), shape=shape)
    own = own_weights(common, place, recipe.own.get(name, 0.0))
    model = LogisticRegression(C=recipe.strength, tol=TOLERANCE, max_iter=STEPS, random_state=SEED)
    model.fit(sparse.hstack([common, signs, own], format="csr")[examples.texts], labels, sample_weight=weights)
    found, signed = np.split(model.coef_[0, : common.shape[1] + sources], [common.shape[1]])
    return Line(found * ratios, float(model.intercept_[0] + recipe.sign * signed.mean()))


def balanced(trust: Floats, place: NDArray[np.int64], balance: float) -> Floats:
    """Weights of rows by trust and by source. place: number of each row's source."""
    return np.asarray(trust * np.bincount(place, trust)[place] ** -balance)


def own_weights(common: sparse.csr_matrix, place: NDArray[np.int64], pull: float) -> sparse.csr_matrix:
    """Each feature once more for each source that has it in enough texts, times `pull`; no columns when that is 0.

    place: number of each row's source.
    """
    if not pull:
        return sparse.csr_matrix((common.shape[0], 0), dtype=common.dtype)
    entries = common.tocoo()
    _, column, texts = np.unique(
        entries.col.astype(np.int64) + common.shape[1] * place[entries.row], return_inverse=True, return_counts=True
    )
    kept = texts >= OWN_TEXTS
    there = kept[column]
    renumbered = np.cumsum(kept) - 1
    return sparse.csr_matrix(
        (entries.data[there] * np.float32(pull), (entries.row[there], renumbered[column[there]])),
        shape=(common.shape[0], int(kept.sum())),
    )


def score(prepared: Prepared, line: Line, rows: Mask) -> Floats:
    """Logits of some rows."""
    return np.asarray(prepared.features[np.flatnonzero(rows)] @ line.weights + line.intercept)
