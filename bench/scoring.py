"""How many comments a second one core scores, beside the plain scikit-learn pipeline and a published package."""

import json
import time
from collections.abc import Callable, Sequence
from itertools import cycle

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import classifier
from bench import plain
from bench.comments import DEMO
from bench.measure import Measure, interleaved
from bench.packages import alt_profanity_check
from classifier.contrast import sentences
from classifier.datasets import AUTHORED, default_folder, load_corpus

BATCHES = {1: 100, 256: 2, 4096: 1}
"""Sizes of a call, and how many calls make one reading."""

LETTERS = 200
"""Of a comment that is scored: those of the issue."""

FITTED = 30_000
"""Texts that the plain pipeline learns its words from, when there are as many."""

SEED = 20261124


def scoring(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Comments a second at each size, ours beside the plain pipeline's and alt-profanity-check's.

    Ours has all attributes, its language and the undoing of disguises in it; the plain pipeline has as many outputs as ours,
    the package one.
    """
    known, new = texts()
    comments = of_one_length(new, max(BATCHES))
    ours = classifier.load()
    outputs = f"TF-IDF and regression, {len(ours.attributes)} outputs"
    ways = {
        "ours": ours.predict_proba,
        outputs: plain_pipeline(known).predict_proba,
        "alt-profanity-check": alt_profanity_check(),
    }
    measures = []
    with threadpool_limits(1):
        for size, calls in BATCHES.items():
            timed = {name: _timed(score, comments, size, calls) for name, score in ways.items()}
            readings = interleaved(timed, rounds, told)
            mine = readings.pop("ours")
            name = f"scoring, {size} a call, one core"
            measures += [Measure(name, "comments/s", mine, other, read) for other, read in readings.items()]
    return measures


def texts() -> tuple[list[str], list[str]]:
    """Texts to learn words from, and others to be scored: of the published sets, else of the demo and the written sentences."""
    try:
        corpus = load_corpus(default_folder())
        found = [text for text, source in zip(corpus.texts, corpus.sources, strict=True) if source != AUTHORED]
    except FileNotFoundError:
        demo = [json.loads(line)["text"] for line in DEMO.read_text("utf-8").splitlines()]
        found = [*demo, *(sentence.text for sentence in sentences())]
    mixed = [found[at] for at in np.random.default_rng(SEED).permutation(len(found))]
    half = min(FITTED, len(mixed) // 2)
    return mixed[:half], mixed[half:]


def of_one_length(given: Sequence[str], number: int, length: int = LETTERS) -> list[str]:
    """So many comments of a length in characters: the texts one after another, over and over, cut into pieces."""
    letters = ""
    for text in cycle(given):
        letters += text + " "
        if len(letters) >= number * length:
            break
    return [letters[at * length : (at + 1) * length] for at in range(number)]


def plain_pipeline(given: Sequence[str]) -> Pipeline:
    """The plain pipeline with an output for each attribute, fitted on the texts given.

    Its labels are our own scores, halved at the median, and its regressions are hardly fitted: what it answers is of no
    interest here, its size and form are.
    """
    scores = classifier.load().predict_proba(given)
    halves = (scores > np.median(scores, axis=0)).astype(int)
    regressions = OneVsRestClassifier(LogisticRegression(solver="liblinear", tol=0.1))
    return make_pipeline(plain.features(), regressions).fit(given, halves)


def _timed(
    score: Callable[[Sequence[str]], object], comments: Sequence[str], size: int, calls: int
) -> Callable[[], float]:
    """What takes one reading: comments in a second of this core's time."""

    def read() -> float:
        began = time.process_time()
        for number in range(calls):
            start = number * size % len(comments)
            score(comments[start : start + size])
        return size * calls / (time.process_time() - began)

    return read
