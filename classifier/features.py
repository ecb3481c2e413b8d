"""Scikit-learn transformers: texts -> the sparse features that `grams` defines, and their log-count weighting.

Only training uses these; serving goes through `grams` directly and never imports scikit-learn or scipy.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import ClassifierTags, Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, check_non_negative, validate_data

from classifier.fold import fold_batch
from classifier.grams import BUCKETS, NONE, Block, blocks_of
from classifier.scale import chunks, gram_scale, pattern_scale
from classifier.stream import stream_of
from classifier.sums import sizes


class GramCounts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Counts of hashed n-grams and word patterns, divided as `scale` says: the very numbers that serving adds up.

    Stateless: any texts, same columns. Output: CSR of shape (texts, BUCKETS), float32.
    """

    def fit(self, _texts: Sequence[str], _y: object = None) -> Self:
        """Nothing is learned."""
        return self

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.requires_fit = False
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Features of each text."""
        parts = [_features(texts[begin:end]) for begin, end in chunks(texts)]
        return sparse.vstack(parts, format="csr") if parts else sparse.csr_matrix((0, BUCKETS), dtype=np.float32)


def _features(texts: Sequence[str]) -> sparse.csr_matrix:
    blocks = blocks_of(stream_of(fold_batch(texts)))
    grams, patterns = blocks[:-1], blocks[-1:]
    counted = _counts(grams, len(texts)), _counts(patterns, len(texts))
    scales = gram_scale(sizes(grams)), pattern_scale(sizes(patterns))
    return sum(
        sparse.diags_array(scale.astype(np.float32)) @ counts for scale, counts in zip(scales, counted, strict=True)
    ).tocsr()


def _counts(blocks: Sequence[Block], texts: int) -> sparse.csr_matrix:
    rows = np.concatenate([np.repeat(np.arange(texts), np.diff(block.bounds)) for block in blocks])
    columns = np.concatenate([block.buckets for block in blocks])
    there = columns != NONE
    ones = np.ones(int(there.sum()), dtype=np.float32)
    return sparse.csr_matrix((ones, (rows[there], columns[there])), shape=(texts, BUCKETS))


class LogCountRatios(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Each feature times the log of how much more often it stands in positive rows (Wang and Manning 2012).

    Parameters: smoothing, added to each count. Learned: ratios_, shape (features,).
    """

    def __init__(self, smoothing: float = 1.0, floor: float = 0.1) -> None:
        self.smoothing = smoothing
        self.floor = floor

    def fit(
        self, features: sparse.csr_matrix, y: NDArray[np.float64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Learn the ratios from rows with labels of two kinds, the greater being positive.

        Raises: ValueError for features below 0, more or fewer than two labels, or unlike lengths.
        """
        features, y = validate_data(self, features, y, accept_sparse="csr", dtype=(np.float64, np.float32))
        check_classification_targets(y)
        check_non_negative(features, "LogCountRatios")
        kinds = np.unique(y)
        if len(kinds) != 2:
            raise ValueError(f"log-count ratios are of two classes, and y has {len(kinds)}: one class is not enough")
        weight = _check_sample_weight(sample_weight, features)
        positive = features.T @ (weight * (y == kinds[1])) + self.smoothing
        negative = features.T @ (weight * (y == kinds[0])) + self.smoothing
        ratios = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
        self.ratios_ = np.sign(ratios) * np.maximum(np.abs(ratios), self.floor)
        return self

    def transform(self, features: sparse.csr_matrix) -> sparse.csr_matrix:
        """Features times ratios."""
        check_is_fitted(self)
        features = validate_data(self, features, accept_sparse="csr", dtype=(np.float64, np.float32), reset=False)
        return (sparse.csr_matrix(features) @ sparse.diags_array(self.ratios_)).tocsr()

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.positive_only = tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False)
        return tags
