"""Intervals hold what they should as often as they say."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifier.intervals import area_interval, precision_interval, resampled

TRUE_AREA = 0.7602499389065233  # of normal scores one standard deviation apart: the normal distribution at 1 / sqrt(2)


def drawn(seed: int, positives: int = 60, negatives: int = 140) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Labels, and normal scores one apart."""
    draw = np.random.default_rng(seed)
    labels = np.repeat([1.0, 0.0], [positives, negatives])
    return labels, draw.normal(labels, 1.0)


def test_the_interval_of_an_area_holds_the_true_one_nineteen_times_in_twenty() -> None:
    held = 0
    for seed in range(400):
        low, high = area_interval(*drawn(seed))
        held += low <= TRUE_AREA <= high
    assert 0.92 <= held / 400 <= 0.98


def test_the_interval_of_an_area_agrees_with_delongs_covariance_by_pairs() -> None:
    labels, scores = drawn(1, 7, 9)
    scores = np.round(scores, 1)  # with ties
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    variance = wins.mean(axis=1).var(ddof=1) / 7 + wins.mean(axis=0).var(ddof=1) / 9
    area = roc_auc_score(labels, scores)
    reach = 1.959964 * np.sqrt(variance) / (area * (1 - area))
    odds = area / (1 - area) * np.exp([-reach, reach])
    assert area_interval(labels, scores) == pytest.approx(tuple(odds / (1 + odds)))


def test_more_rows_give_a_narrower_interval() -> None:
    few, many = area_interval(*drawn(3)), area_interval(*drawn(3, 600, 1400))
    assert many[1] - many[0] < 0.5 * (few[1] - few[0])


def test_perfect_scores_of_few_rows_are_not_taken_for_certain() -> None:
    low, high = area_interval(np.array([0.0] * 30 + [1.0] * 10), np.arange(40.0))
    assert low == pytest.approx(0.7)
    assert high == 1


def test_an_average_precision_of_few_positives_is_uncertain() -> None:
    low, high = precision_interval(0.5, 25)
    assert (low, high) == pytest.approx((0.3135, 0.6865), abs=1e-3)
    assert precision_interval(0.5, 2500)[0] > 0.47


@pytest.mark.parametrize("nearly", [1.0, 1.0 + 1e-15, 1 - 1e-12])
def test_an_average_precision_of_one_is_not_taken_for_certain(nearly: float) -> None:
    assert precision_interval(nearly, 30) == pytest.approx((0.9, 1.0))


def test_resamples_keep_the_number_of_positive_rows() -> None:
    labels = np.array([1.0] * 5 + [0.0] * 95)
    assert resampled(lambda rows: float(labels[rows].sum()), labels) == (5, 5)
