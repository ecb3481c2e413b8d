"""Probabilities hold at the declared base rate, and thresholds give what they say."""

import numpy as np
import pytest
from click.testing import CliRunner

from classifier.__main__ import main
from classifier.calibrate import (
    STRAIGHT,
    Bin,
    Judged,
    at_threshold,
    beta,
    error_interval,
    expected_error,
    pooled,
    prior_weights,
    reliability,
    threshold_at_share,
    threshold_for,
)
from classifier.model import sigmoid, stated


def judged(rate: float = 0.1, rows: int = 4000) -> Judged:
    """Two kinds of rows, half and half, one unit apart on each side of zero."""
    draw = np.random.default_rng(7)
    labels = np.repeat([0.0, 1.0], rows // 2)
    scores = draw.normal(2 * labels - 1, 1.0)
    return Judged(scores, labels, prior_weights(labels, np.full(rows, "a"), rate))


def test_each_source_weighs_one_and_has_the_base_rate() -> None:
    labels = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=float)
    sources = np.array(list("aaaabbbb"))
    weights = prior_weights(labels, sources, 0.2)
    for source in "ab":
        rows = sources == source
        assert weights[rows].sum() == pytest.approx(1)
        assert weights[rows] @ labels[rows] == pytest.approx(0.2)


def test_the_calibration_finds_the_true_log_odds() -> None:
    # two normal kinds at -1 and 1 have log-odds 2x, shifted by the log-odds of the base rate
    below, above, offset = beta(judged(0.1))
    assert below == pytest.approx(2, abs=0.2)
    assert above == pytest.approx(2, abs=0.2)
    assert offset == pytest.approx(np.log(0.1 / 0.9), abs=0.2)


def test_calibrated_scores_have_a_small_error() -> None:
    scores = judged()
    found = Judged(stated(scores.scores, beta(scores)), scores.labels, scores.weights)
    assert expected_error(reliability(found)) < 0.02


def test_the_calibration_bends_where_one_line_would_not_do() -> None:
    draw = np.random.default_rng(3)
    scores = draw.normal(0, 3, 20_000)
    labels = (draw.random(20_000) < stated(scores, np.array([2.0, 0.3, -0.5]))).astype(float)
    assert beta(Judged(scores, labels, np.ones(20_000))) == pytest.approx([2.0, 0.3, -0.5], abs=0.2)


def test_a_straight_curve_leaves_log_odds_as_they_are() -> None:
    logits = np.array([-800.0, -3.0, 0.0, 0.5, 800.0])
    assert stated(logits, np.array(STRAIGHT)) == pytest.approx(sigmoid(logits))


def test_a_slope_is_never_negative() -> None:
    scores = judged()
    assert (beta(Judged(-scores.scores, scores.labels, scores.weights))[:2] > 0).all()


def shifted(scores: Judged, low: float = 0.0, high: float = 1.0) -> Judged:
    """Scores as probabilities."""
    return Judged(low + (high - low) * sigmoid(scores.scores), scores.labels, scores.weights)


@pytest.mark.parametrize("precision", [0.5, 0.8, 0.95])
def test_a_threshold_gives_the_precision_it_was_asked_for(precision: float) -> None:
    parts = [shifted(judged())]
    found = threshold_for(parts, precision)
    assert found is not None
    assert found.precision >= precision
    assert at_threshold(parts, found.threshold) == found


def test_one_odd_source_does_not_move_the_median_but_the_pooled_precision() -> None:
    fine = shifted(judged())
    odd = Judged(fine.scores, 1 - fine.labels, fine.weights)
    alone, together = threshold_for([fine], 0.8), threshold_for([fine, fine, odd], 0.8)
    assert alone is not None
    assert together is not None
    assert together.threshold == alone.threshold
    assert together.pooled_precision < alone.pooled_precision


def test_a_precision_out_of_reach_has_no_threshold() -> None:
    scores = judged()
    assert threshold_for([Judged(np.full(len(scores.scores), 0.5), scores.labels, scores.weights)], 0.9) is None


def test_a_threshold_on_too_few_rows_is_none() -> None:
    assert threshold_for([Judged(np.array([0.9, 0.1]), np.array([1.0, 0.0]), np.array([0.5, 0.5]))], 0.9) is None


def test_without_sources_there_is_no_threshold() -> None:
    assert threshold_for([], 0.5) is None


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_a_threshold_shows_no_more_than_the_wanted_share_and_the_next_lower_does(share: float) -> None:
    parts = [shifted(judged()), shifted(judged(rows=1000), 0.0, 0.7)]
    found = threshold_at_share(parts, share)
    assert found is not None
    assert found.share <= share
    assert at_threshold(parts, found.threshold - 0.001).share > share
    assert at_threshold(parts, found.threshold) == found


def test_a_share_that_the_top_score_alone_exceeds_has_no_threshold() -> None:
    scores = judged()
    assert threshold_at_share([Judged(np.ones(len(scores.scores)), scores.labels, scores.weights)], 0.5) is None


def test_reliability_sets_what_is_found_against_what_is_stated() -> None:
    scores, labels = np.array([0.05, 0.05, 0.61, 0.69]), np.array([0.0, 1.0, 1.0, 0.0])
    bins = reliability(Judged(scores, labels, np.array([0.3, 0.1, 0.4, 0.2])))
    assert [part.rows for part in bins] == [2, 2]
    assert [part.stated for part in bins] == pytest.approx([0.05, (0.4 * 0.61 + 0.2 * 0.69) / 0.6])
    assert [part.found for part in bins] == pytest.approx([0.25, 2 / 3])
    assert [part.share for part in bins] == pytest.approx([0.4, 0.6])


def test_the_expected_error_is_the_mean_distance_over_the_bins() -> None:
    assert expected_error([Bin(0.1, 0.3, 0.5, 9), Bin(0.9, 0.5, 0.5, 9)]) == pytest.approx(0.3)


def test_the_interval_of_the_expected_error_holds_the_figure_and_is_the_same_each_time() -> None:
    scores = shifted(judged())
    low, high = error_interval(scores)
    assert low < expected_error(reliability(scores)) < high
    assert error_interval(scores) == (low, high)


def test_pooled_sources_count_the_same_however_many_rows_they_have() -> None:
    curves = [[Bin(0.1, 0.0, 0.75, 9000), Bin(0.8, 0.5, 0.25, 5)], [Bin(0.14, 0.2, 0.25, 10), Bin(0.9, 1.0, 0.75, 5)]]
    first, _, last = pooled(curves)
    assert (first.stated, first.found, first.share, first.rows) == pytest.approx((0.11, 0.05, 0.5, 9010))
    assert (last.stated, last.share) == pytest.approx((0.9, 0.375))


def test_a_threshold_is_asked_for_by_precision_or_by_share_and_not_by_both() -> None:
    done = CliRunner().invoke(main, ["thresholds", "--precision", "0.9", "--share", "0.1"])
    assert done.exit_code == 2
    assert "give --precision or --share, not both" in done.output
