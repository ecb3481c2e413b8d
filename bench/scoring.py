"""How long scoring takes, per comment and on one core, beside a plain scikit-learn pipeline."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import classifier
from bench.comments import DEMO, comments
from bench.measure import Measure, interleaved

BATCHES = {1: 100, 256: 2, 4096: 1}
"""Sizes of a call, and how many calls make one reading."""


def scoring(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Microseconds per comment at each size, ours and the plain pipeline's."""
    texts = [comment.text for comment in comments([], None, max(BATCHES))]
    ours, plain = classifier.load(), plain_pipeline()
    measures = []
    with threadpool_limits(1):
        for size, calls in BATCHES.items():
            readings = interleaved(
                {
                    "ours": lambda: _microseconds(ours.predict_proba, texts, size, calls),  # noqa: B023
                    "plain": lambda: _microseconds(plain.predict_proba, texts, size, calls),  # noqa: B023
                },
                rounds,
                told,
            )
            name = f"scoring, {size} a call"
            measures.append(
                Measure(name, "µs/comment", readings["ours"], "TF-IDF + logistic regression", readings["plain"])
            )
    return measures


def plain_pipeline() -> Pipeline:
    """Words and letters within words, TF-IDF, and a logistic regression for each attribute, fitted on the demo's comments.

    Its vocabulary is small, as the demo is: fitted on more it would be slower. Its labels are our own scores, halved at the
    median: what it answers is of no interest here.
    """
    texts = [comment.text for comment in comments([DEMO], None, 315)]
    scores = classifier.load().predict_proba(texts)
    words = TfidfVectorizer(analyzer="word", ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    pipeline = make_pipeline(make_union(words, letters), OneVsRestClassifier(LogisticRegression()))
    return pipeline.fit(texts, (scores > np.median(scores, axis=0)).astype(int))


def _microseconds(predict: Callable[[Sequence[str]], object], texts: Sequence[str], size: int, calls: int) -> float:
    began = time.process_time()
    for number in range(calls):
        start = number * size % len(texts)
        predict(texts[start : start + size])
    return (time.process_time() - began) / (size * calls) * 1e6
