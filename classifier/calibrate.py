"""From logits to probabilities that hold at a stated base rate, and from probabilities to thresholds.

The sets were collected by looking for abuse: 30 to 80% of their rows are abusive, against about a tenth of what news
sites get. So rows are weighed until each source has the declared base rate, each source counts the same, and a curve
is fitted to the log-odds (beta calibration, Kull and others 2017; the correction after Saerens and others 2002).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from classifier.intervals import resampled

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
STRAIGHT = (1.0, 1.0, 0.0)  # the curve that leaves log-odds as they are
LEAST_SLOPE, BEND = 1e-3, 0.05  # so that no two scores become one, and the highest stay apart
BINS = 10  # of probability, for reliability
GRID = (*(number / 100 for number in range(2, 99)), 0.99, 0.995, 0.999)  # thresholds that are tried
STEPS = 1000  # thresholds tried for a share
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


def beta(judged: Judged) -> Floats:
    """The curve from logits to log-odds that `model.stated` draws: below, above, offset; above at least BEND of below."""
    under, over = -np.logaddexp(0, -judged.scores), np.logaddexp(0, judged.scores)
    rising = np.stack((under + BEND * over, over, np.ones(len(over))), axis=1)
    weights = judged.weights / judged.weights.sum()

    def loss(line: Floats) -> tuple[float, Floats]:
        logits = rising @ line
        wrong = weights * (expit(logits) - judged.labels)
        return float(weights @ (np.logaddexp(0, logits) - judged.labels * logits)), rising.T @ wrong

    start, bounds = (1.0, 1.0 - BEND, 0.0), ((LEAST_SLOPE, None), (0.0, None), (None, None))
    below, more, offset = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return np.array([below, BEND * below + more, offset])


@dataclass(frozen=True)
class Bin:
    """Rows whose probabilities are close. stated: their mean probability. found: the share that is positive.

    share: the part of all comments that falls here. All three at the base rate. rows: how many rows that rests on.
    """

    stated: float
    found: float
    share: float
    rows: int


def reliability(judged: Judged) -> list[Bin]:
    """What is found against what is stated, over BINS equal bins of probability, the empty ones left out."""
    place = _places(judged.scores)
    shares, rows = np.bincount(place, judged.weights, BINS), np.bincount(place, minlength=BINS)
    stated, found = (np.bincount(place, judged.weights * each, BINS) for each in (judged.scores, judged.labels))
    total = float(judged.weights.sum())
    return [
        Bin(float(stated[n] / shares[n]), float(found[n] / shares[n]), float(shares[n] / total), int(rows[n]))
        for n in np.flatnonzero(shares)
    ]


def expected_error(bins: Iterable[Bin]) -> float:
    """Expected calibration error: mean distance of stated from found frequency over the bins (Naeini and others 2015)."""
    return sum(part.share * abs(part.stated - part.found) for part in bins)


def error_interval(judged: Judged) -> tuple[float, float]:
    """95% interval of the expected calibration error, by resampling."""
    place, excess = _places(judged.scores), judged.weights * (judged.scores - judged.labels)
    total = float(judged.weights.sum())

    def error(rows: NDArray[np.int64]) -> float:
        return float(np.abs(np.bincount(place[rows], excess[rows], BINS)).sum()) / total

    return resampled(error, judged.labels)


def pooled(curves: Sequence[Sequence[Bin]]) -> list[Bin]:
    """One curve from those of several sources, each counting the same."""
    found: dict[int, list[Bin]] = {}
    for part in (part for curve in curves for part in curve):
        found.setdefault(int(_places(np.array([part.stated]))[0]), []).append(part)
    return [_joined(found[place], len(curves)) for place in sorted(found)]


def _joined(parts: Sequence[Bin], curves: int) -> Bin:
    share = sum(part.share for part in parts)
    stated = sum(part.stated * part.share for part in parts) / share
    found = sum(part.found * part.share for part in parts) / share
    return Bin(stated, found, share / curves, sum(part.rows for part in parts))


def _places(scores: Floats) -> NDArray[np.int64]:
    """Number of each score's bin."""
    return np.minimum((scores * BINS).astype(np.int64), BINS - 1)


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

    parts: one for each source. least: lowest threshold to try. Thresholds are not looked at with fewer than SUPPORT positive
    rows at or above them, nor where fewer than half of the sources have SUPPORT rows there.
    """
    if not parts:
        return None
    found = None
    for threshold in reversed([tried for tried in GRID if tried >= least]):
        shown = [part.labels[part.scores >= threshold] for part in parts]
        if sum(labels.sum() for labels in shown) < SUPPORT or 2 * sum(len(labels) >= SUPPORT for labels in shown) < len(
            parts
        ):
            continue
        reached = at_threshold(parts, threshold)
        if reached.precision < precision:
            break
        found = reached
    return found


def threshold_at_share(parts: Sequence[Judged], share: float) -> Reached | None:
    """The lowest threshold, to a thousandth, at or above which no more than `share` of the comments stand.

    parts: one for each source. The share is at the base rate, a mean over the sources. None when there are no parts, or when
    more than that stand at the very top.
    """
    if not parts:
        return None
    steps = np.zeros(STEPS + 1)
    for part in parts:
        place = np.floor(part.scores * STEPS).astype(np.int64)
        steps += np.bincount(place, part.weights / part.weights.sum(), STEPS + 1) / len(parts)
    shown = np.cumsum(steps[::-1])[::-1]
    within = np.flatnonzero(shown <= share)
    return at_threshold(parts, max(1, int(within[0])) / STEPS) if len(within) else None
