"""How far a figure may be off by chance: 95% intervals, all the same each time."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]

Z = 1.959964  # of the normal distribution, for 95%
ROUNDS = 200
SEED = 20261124
TOO_WIDE = 2.0  # standard error of log-odds: less than a quarter of one row is amiss
NONE_MISSED = 3.0  # "rule of three": none among n was wrong, so at most 3 / n are (Hanley and Lippman-Hand 1983)


def area_interval(labels: Floats, scores: Floats) -> tuple[float, float]:
    """Interval of the ROC-AUC: DeLong and others 1988 by midranks (Sun and Xu 2014), symmetric in the log-odds.

    labels: 0 or 1, of both kinds. scores: shape of labels.
    """
    positive, negative = scores[labels == 1], scores[labels == 0]
    more, less = len(positive), len(negative)
    ranks = rankdata(np.concatenate((positive, negative)))
    won = (ranks[:more] - rankdata(positive)) / less
    lost = 1 - (ranks[more:] - rankdata(negative)) / more
    spread = math.sqrt(_variance(won) / more + _variance(lost) / less)
    return _by_log_odds(float(won.mean()), spread, min(more, less))


def precision_interval(average_precision: float, positives: int) -> tuple[float, float]:
    """Interval of the average precision over so many positive rows: the logit interval of Boyd and others 2013."""
    share = min(average_precision, 1.0)
    return _by_log_odds(share, math.sqrt(share * (1 - share) / positives), positives)


def resampled(figure: Callable[[NDArray[np.int64]], float], labels: Floats) -> tuple[float, float]:
    """Percentile interval of a figure over ROUNDS seeded resamples, drawn within the positive and the negative rows.

    figure: from the numbers of the rows drawn. A figure that chance can only raise, such as a calibration error, comes
    out higher in a resample: its interval may begin above the figure.
    """
    draw = np.random.default_rng(SEED)
    kinds = [np.flatnonzero(labels == kind) for kind in (0, 1)]
    found = [
        figure(np.concatenate([rows[draw.integers(len(rows), size=len(rows))] for rows in kinds if len(rows)]))
        for _ in range(ROUNDS)
    ]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _by_log_odds(share: float, spread: float, rows: int) -> tuple[float, float]:
    """Interval of a share with this standard error; by the rule of three where it is so near 0 or 1 that log-odds fail."""
    slope = share * (1 - share)
    if spread >= TOO_WIDE * slope:
        reach = NONE_MISSED / rows
        return max(0.0, share - reach), min(1.0, share + reach)
    middle, reach = math.log(share / (1 - share)), Z * spread / slope
    low, high = (0.5 + 0.5 * math.tanh(0.5 * at) for at in (middle - reach, middle + reach))
    return low, high
