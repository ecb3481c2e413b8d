"""How texts are cut into chunks and their counts divided before they are weighed: once for training and serving."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

GRAM_FLOOR = 30  # features; below it a text is too short for its few n-grams to count in full
PATTERN_FLOOR = 2
PATTERN_PULL = 1.0  # against that of n-grams; at 2 the regressions need three times the steps


def gram_scale(sizes: ArrayLike) -> NDArray[np.float64]:
    """Factor of the sum of n-gram weights for texts with so many n-grams: 1 / sqrt(size + 30)."""
    return np.asarray(1.0 / np.sqrt(np.add(sizes, GRAM_FLOOR)), dtype=np.float64)


def pattern_scale(sizes: ArrayLike) -> NDArray[np.float64]:
    """Factor of the sum of pattern weights for texts with so many patterns: 1 / sqrt(size + 2)."""
    return np.asarray(PATTERN_PULL / np.sqrt(np.add(sizes, PATTERN_FLOOR)), dtype=np.float64)


CHUNK = 1 << 18  # code points read at once: some 40 MB of arrays; at a quarter of it a comment takes a fifth longer


def chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges [begin, end) of texts that hold about CHUNK code points together."""
    begin, size = 0, 0
    for end, text in enumerate(texts):
        size += len(text) + 2
        if size >= CHUNK:
            yield begin, end + 1
            begin, size = end + 1, 0
    if begin < len(texts):
        yield begin, len(texts)
