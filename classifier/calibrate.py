"""From logits to probabilities that hold at a stated base rate, and from probabilities to thresholds.

The sets were collected by looking for abuse: 30 to 80% of their rows are abusive, against about a tenth of what news
sites get. So rows are weighed until each source has the declared base rate, each source counts the same, and a line
is fitted to the log-odds (Platt 1999; the correction after Saerens and others 2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]

# Share of comments taken to have each attribute where Saring stands. Declared, not measured: about 10 to 12% of
# Indonesian news comments are abusive; the rarer attributes by their share among toxic comments.
BASE_RATES = {
    "toxicity": 0.10,
    "severe_toxicity": 0.01,
    "identity_attack": 0.02,
    "insult": 0.06,
    "profanity": 0.05,
    "threat": 0.005,
    "sexually_explicit": 0.01,
    "spam": 0.05,
}
GRID = (*(number / 100 for number in range(2, 99)), 0.99, 0.995, 0.999)  # thresholds that are tried
SUPPORT = 10  # positive rows that must stand at or above a threshold
MIN_POSITIVES = 25  # in a source, for it to be judged by


@dataclass(frozen=True)
class Judged:
    """Rows scored by a model that was not trained on them.

    scores: logits or probabilities. labels: 0 or 1. weights: prior-corrected, adding up to 1 for each source.
    """

    scores: Floats
    labels: Floats
    weights: Floats


def prior_weights(labels: Floats, sources: NDArray[np.str_], rate: float) -> Floats:
    """Weights that give each source the base rate and the same total, 1."""
    weights = np.zeros(len(labels))
    for source in np.unique(sources):
        for label, share in ((1, rate), (0, 1 - rate)):
            rows = (sources == source) & (labels == label)
            weights[rows] = share / max(1, int(rows.sum()))
    return weights


def platt(judged: Judged) -> tuple[float, float]:
    """Slope and offset of the line from logits to log-odds; the slope is never negative."""
    line = LogisticRegression(C=1e4, tol=1e-8, max_iter=1000)
    scale = float(judged.scores.std()) or 1.0
    balance = judged.weights * len(judged.weights) / judged.weights.sum()
    line.fit(judged.scores[:, None] / scale, judged.labels, sample_weight=balance)
    return max(float(line.coef_[0, 0]) / scale, 1e-3), float(line.intercept_[0])


def expected_error(judged: Judged, bins: int = 10) -> float:
    """Expected calibration error: mean distance of stated from found frequency over equal bins of probability."""
    place = np.minimum((judged.scores * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        rows = place == number
        weight = judged.weights[rows]
        if weight.sum() > 0:
            error += abs(float(weight @ (judged.scores[rows] - judged.labels[rows])))
    return error / float(judged.weights.sum())


@dataclass(frozen=True)
class Reached:
    """What a threshold gives at the base rate.

    precision: the median over sources, since what is not labelled in one (rude words in a set about hate) pulls its own
    precision down and says nothing of the score. pooled_precision: over all sources together. recall, share: means over
    sources of the positives found and of the comments at or above the threshold.
    """

    threshold: float
    precision: float
    pooled_precision: float
    recall: float
    share: float


def at_threshold(parts: Sequence[Judged], threshold: float) -> Reached:
    """What a given threshold gives; precisions are 1 where nothing is at or above it."""
    shown, hits, recalls = [], [], []
    for part in parts:
        above = part.scores >= threshold
        shown.append(float(part.weights[above].sum()) / float(part.weights.sum()))
        hits.append(float(part.weights[above] @ part.labels[above]) / float(part.weights.sum()))
        recalls.append(float(part.labels[above].sum()) / max(1.0, float(part.labels.sum())))
    each = [hit / show for hit, show in zip(hits, shown, strict=True) if show > 0] or [1.0]
    pooled = sum(hits) / sum(shown) if sum(shown) else 1.0
    return Reached(threshold, float(np.median(each)), pooled, float(np.mean(recalls)), float(np.mean(shown)))


def threshold_for(parts: Sequence[Judged], precision: float, least: float = GRID[0]) -> Reached | None:
    """The lowest threshold from which on up the precision holds; None when it never does.

    parts: one for each source. least: lowest threshold to try. Thresholds with fewer than SUPPORT positive rows at or above
    them are not looked at.
    """
    if not parts:
        return None
    found = None
    for threshold in reversed([tried for tried in GRID if tried >= least]):
        above = sum(int(part.labels[part.scores >= threshold].sum()) for part in parts)
        reached = at_threshold(parts, threshold)
        if above >= SUPPORT and reached.precision < precision:
            break
        found = reached if above >= SUPPORT else found
    return found
