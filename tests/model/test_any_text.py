"""What holds for every text there can be, tried on very many."""

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from scipy import sparse
from scipy.special import expit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import classifier
from classifier.features import GramCounts
from classifier.model import Classifier
from tests.model.test_retraining import BAD, GOOD

SEED = 20261124
WORDS = [
    *" ".join((*GOOD, *BAD)).split(),
    "4nj1ng",
    "g.o.b.l.o.k",
    "f*ck",
    "𝐬𝐥𝐨𝐭",
    "@budi",
    "https://contoh.id",
    "🙏🙏",
    "yg",
    "1️⃣",
]


@pytest.fixture(scope="module")
def model() -> Classifier:
    return classifier.load()


def random_texts(rng: Generator, count: int) -> list[str]:
    """Texts of up to 40 code points from all planes, half of them from the first 0x250; lone surrogates too."""
    lengths = rng.integers(0, 40, count)
    points = rng.integers(0, 0x110000, int(lengths.sum()))
    near = rng.random(len(points)) < 0.5
    points[near] %= 0x250
    letters = "".join(map(chr, points.tolist()))
    ends = np.cumsum(lengths)
    return [letters[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]


def random_comments(rng: Generator, count: int) -> list[str]:
    """Comments of up to 30 words, some of them in disguise."""
    return [" ".join(rng.choice(WORDS, rng.integers(0, 30))) for _ in range(count)]


def test_100_000_random_strings_are_scored(model: Classifier) -> None:
    scores, languages = model.predict(random_texts(default_rng(SEED), 100_000))
    assert scores.shape == (100_000, 8)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert len(languages) == 100_000


def test_spans_add_up_to_the_logit_of_10_000_comments(model: Classifier) -> None:
    rng = default_rng(SEED)
    texts = random_comments(rng, 9_000) + random_texts(rng, 1_000)
    logits, worst = model.logits(texts), 0.0
    for text, row in zip(texts, logits, strict=True):
        totals = {name: model.bias(name) for name in model.attributes}
        for span in model.explain(text):
            assert 0 <= span.begin < span.end <= len(text)
            totals[span.attribute] += span.weight
        worst = max(worst, *(abs(totals[name] - row[at]) for at, name in enumerate(model.attributes)))
    assert worst < 1e-6


def test_a_scikit_learn_pipeline_of_the_same_weights_scores_alike(model: Classifier) -> None:
    weights = model.weights
    table = sparse.csr_matrix(np.column_stack((weights.table, weights.language)) * weights.steps)

    def probabilities(counts: sparse.csr_matrix) -> np.ndarray:
        logits = (counts @ table).toarray() + weights.intercepts
        scores, indonesian = logits[:, :-1], expit(logits[:, -1:])
        rising = np.stack((-np.logaddexp(0, -scores), np.logaddexp(0, scores), np.ones(scores.shape)), axis=2)
        first, second = (expit((rising * weights.curves[:, at]).sum(axis=2)) for at in (0, 1))
        return np.asarray(indonesian * first + (1 - indonesian) * second)

    plain = make_pipeline(GramCounts(), FunctionTransformer(probabilities, accept_sparse=True))
    texts = random_comments(default_rng(SEED), 2_000)
    assert np.abs(plain.transform(texts) - model.predict_proba(texts)).max() < 1e-5
