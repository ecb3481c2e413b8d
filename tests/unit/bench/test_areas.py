"""Areas are those of scikit-learn, and their intervals are paired and the same each time."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bench.areas import Resampled, areas, mean

LABELS = np.repeat([0.0, 1.0], [300, 100])


def scores(better: float = 1.0) -> np.ndarray:
    return np.random.default_rng(1).normal(better * LABELS).round(1)


def found(**scorers: np.ndarray) -> dict[str, Resampled]:
    return areas(LABELS, scorers, 300, np.random.default_rng(2))


def test_an_area_with_equal_scores_in_it_is_that_of_scikit_learn() -> None:
    assert found(one=scores())["one"].value == pytest.approx(roc_auc_score(LABELS, scores()))


def test_each_resample_is_that_of_scikit_learn() -> None:
    draw = np.random.default_rng(2)
    rows = np.concatenate([kind[draw.integers(len(kind), size=len(kind))] for kind in np.split(np.arange(400), [300])])
    assert found(one=scores())["one"].draws[0] == pytest.approx(roc_auc_score(LABELS[rows], scores()[rows]))


def test_the_interval_is_as_wide_as_theory_says() -> None:
    # Hanley and McNeil 1982 for an area of .76 over 100 and 300 rows: a standard error of .029
    low, high = found(one=scores())["one"].interval
    assert low < roc_auc_score(LABELS, scores()) < high
    assert high - low == pytest.approx(2 * 1.96 * 0.029, rel=0.15)


def test_differences_are_paired() -> None:
    same = found(one=scores(), other=3 * scores() + 1)
    difference = same["one"] - same["other"]
    assert (difference.value, *difference.interval) == (0, 0, 0)


def test_a_mean_is_surer_than_its_parts() -> None:
    parts = [areas(LABELS, {"one": scores()}, 300, np.random.default_rng(seed))["one"] for seed in (1, 2, 3, 4)]
    low, high = mean(parts).interval
    least, most = parts[0].interval
    assert high - low == pytest.approx((most - least) / 2, rel=0.25)
