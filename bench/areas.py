"""ROC-AUC, and how far it may be off by chance: every scorer on the same seeded resamples, so that differences are paired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Resampled:
    """A figure, and the same figure on each resample of its rows.

    draws: shape (resamples,); those of two figures belong together one by one.
    """

    value: float
    draws: Floats

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95% of the resamples (percentile bootstrap; Efron and Tibshirani 1993)."""
        low, high = np.percentile(self.draws, [2.5, 97.5])
        return float(low), float(high)

    def __sub__(self, other: "Resampled") -> "Resampled":
        return Resampled(self.value - other.value, self.draws - other.draws)


def mean(parts: Sequence[Resampled]) -> Resampled:
    """The mean of figures of different rows, each resampled by itself: chance in the rows, not in the choice of sources."""
    return Resampled(float(np.mean([part.value for part in parts])), np.mean([part.draws for part in parts], axis=0))


def areas(labels: Floats, scores: Mapping[str, Floats], rounds: int, draw: np.random.Generator) -> dict[str, Resampled]:
    """Each scorer's area under the ROC curve (Mann and Whitney: how often an abusive row is above a harmless one).

    labels: 0 or 1, of both kinds. scores: shape of labels, for each scorer. Resamples are drawn with replacement within
    the rows of each kind.
    """
    kinds = [np.flatnonzero(labels == kind) for kind in (0, 1)]
    ranked = {name: np.unique(values, return_inverse=True)[1] for name, values in scores.items()}
    found = {name: [_area(*(places[rows] for rows in kinds))] for name, places in ranked.items()}
    for _ in range(rounds):
        drawn = [rows[draw.integers(len(rows), size=len(rows))] for rows in kinds]
        for name, places in ranked.items():
            found[name].append(_area(*(places[rows] for rows in drawn)))
    return {name: Resampled(values[0], np.array(values[1:])) for name, values in found.items()}


def _area(harmless: NDArray[np.int64], abusive: NDArray[np.int64]) -> float:
    """From the places of the scores among all distinct scores; equal ones count half."""
    size = int(max(harmless.max(), abusive.max())) + 1
    below, at = np.bincount(harmless, minlength=size), np.bincount(abusive, minlength=size)
    under = np.cumsum(below) - below / 2
    return float(at @ under / (len(harmless) * len(abusive)))
