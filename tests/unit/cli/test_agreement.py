"""What is said of two scorers: correlation, agreement at a threshold, and the threshold that holds as many."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from service.cli.compare.agreement import BINS, agreement, as_many, spearman

SCORES = st.lists(st.floats(0, 1).map(lambda score: round(score, 2)), min_size=2, max_size=60)


@given(SCORES, st.randoms())
def test_the_rank_correlation_is_spearmans_with_ties_too(scores: list[float], random: Random) -> None:
    other = random.sample(scores, len(scores))
    ours = spearman(np.array(scores), np.array(other))
    if len(set(scores)) == 1:
        assert ours is None
    else:
        assert ours == pytest.approx(spearmanr(scores, other).statistic)


def test_scores_in_the_same_order_correlate_fully_whatever_their_scale() -> None:
    assert spearman(np.array([0.1, 0.2, 0.9]), np.array([0.001, 0.5, 0.51])) == pytest.approx(1)
    assert spearman(np.array([0.1, 0.2, 0.9]), np.array([0.9, 0.5, 0.1])) == pytest.approx(-1)


def test_as_many_are_held_as_before() -> None:
    scores = np.array([0.9, 0.7, 0.5, 0.3, 0.1])
    assert [as_many(scores, count) for count in range(6)] == [None, 0.9, 0.7, 0.5, 0.3, 0.1]


def test_of_equal_scores_all_are_held_or_none() -> None:
    scores = np.array([0.9, 0.4, 0.4, 0.4, 0.4])
    assert as_many(scores, 2) == 0.9
    assert as_many(scores, 4) == 0.4
    # as near one way as the other: the stricter on what is held, so that no more wait for people than before
    assert as_many(np.array([0.9, 0.4, 0.4]), 2) == 0.9


def test_a_threshold_is_never_zero() -> None:
    assert as_many(np.zeros(4), 2) is None
    assert as_many(np.array([0.2, 0.0, 0.0]), 3) == 0.2


@given(SCORES, st.integers(1, 60))
def test_no_threshold_comes_nearer(scores: list[float], count: int) -> None:
    ours = np.array(scores)
    found = as_many(ours, count)
    others = [score for score in scores if score > 0]
    if found is None:
        assert not others
    else:
        assert abs((ours >= found).sum() - count) == min(abs((ours >= other).sum() - count) for other in others)


def test_agreement_is_counted_at_the_same_number_and_at_the_proposed_one() -> None:
    before = [0.95, 0.85, 0.6, 0.2, 0.1]
    now = [0.7, 0.5, 0.4, 0.3, 0.1]
    found = agreement("INSULT", before, now, 0.8)
    assert (found.n, found.held) == (5, 2)
    assert (found.kept.count, found.kept.share, found.kept.kappa) == (0, pytest.approx(0.6), 0)
    assert found.proposed is not None
    assert (found.proposed.threshold, found.proposed.count, found.proposed.share) == (0.5, 2, 1)
    assert found.proposed.kappa == pytest.approx(1)
    assert found.spearman == pytest.approx(1)


def test_where_none_were_held_none_is_proposed() -> None:
    found = agreement("THREAT", [0.1, 0.2], [0.9, 0.8], 0.8)
    assert (found.held, found.proposed, found.kept.count) == (0, None, 2)


def test_distributions_are_shares_with_both_ends() -> None:
    found = agreement("SPAM", [0, 1, 1, 0.5], [0.25, 0.25, 0.25, 0.25], 0.8)
    assert (len(found.before), sum(found.before), sum(found.now)) == (BINS, 1, 1)
    assert (found.before[0], found.before[-1]) == (0.25, 0.5)


@pytest.mark.parametrize(("before", "now"), [([], []), ([0.1], [0.1, 0.2])])
def test_what_cannot_be_compared_is_refused(before: list[float], now: list[float]) -> None:
    with pytest.raises(ValueError, match="two scores"):
        agreement("SPAM", before, now, 0.8)
