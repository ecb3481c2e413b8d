"""Which texts an encoder reads while it is trained, and in which order."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.datasets import AUTHORED


@dataclass(frozen=True)
class Recipe:
    """What was chosen by leaving sources out.

    layers: upper ones trained. rows: read in all. pieces: of a step. rate: of learning at its highest, for layers; heads and
    intercepts, which know nothing at first, learn `quicker` times as fast. smoothing: of labels. balance: a source is drawn from
    as its size ** balance. authored, indonesian: how many times what their number gives the written sentences, and texts in
    Indonesian, are drawn.
    """

    layers: int = 6
    rows: int = 95_000
    pieces: int = 2048
    rate: float = 2.5e-4
    quicker: float = 10.0
    decay: float = 0.01
    warm: float = 0.06
    smoothing: float = 0.03
    balance: float = 0.5
    authored: float = 1.7
    indonesian: float = 1.6
    seed: int = 1


CHOSEN = Recipe()
FINAL = replace(CHOSEN, rows=150_000)
"""Of the encoder that is served: it reads more rows than those that leave sources out."""

POOL = 100  # steps' worth of rows sorted by length together


def drawn(kinds: NDArray[np.str_], taught: NDArray[np.bool_], recipe: Recipe) -> NDArray[np.int64]:
    """Numbers of texts in the order in which they are read. kinds: source and language of each. taught: which may be read."""
    rng = np.random.default_rng(recipe.seed)
    names, places = np.unique(kinds, return_inverse=True)
    by_kind = [np.flatnonzero(taught & (places == place)) for place in range(len(names))]
    shares = np.array([len(rows) ** recipe.balance for rows in by_kind])
    for at, (source, language) in enumerate(name.split() for name in names):
        shares[at] *= recipe.authored if source == AUTHORED else 1.0
        shares[at] *= recipe.indonesian if language == "id" else 1.0
    counts = np.rint(recipe.rows * shares / shares.sum()).astype(int)
    parts = []
    for rows, count in zip(by_kind, counts, strict=True):
        passes = [rng.permutation(rows) for _ in range(-(-count // len(rows)))] if count else []
        parts.append(np.concatenate(passes)[:count] if passes else np.zeros(0, np.int64))
    return rng.permutation(np.concatenate(parts))


def steps_of(order: NDArray[np.int64], lengths: NDArray[np.int64], recipe: Recipe) -> list[NDArray[np.int64]]:
    """Texts of each step: of like length, so that little is padding, and of at most `pieces` pieces or one text."""
    rng = np.random.default_rng(recipe.seed + 1)
    pool = max(1, int(POOL * recipe.pieces / lengths[order].mean()))
    steps: list[NDArray[np.int64]] = []
    for begin in range(0, len(order), pool):
        rows = order[begin : begin + pool]
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        bounds, first = [], 0
        for at, length in enumerate(lengths[rows]):
            if at > first and (at - first + 1) * length > recipe.pieces:
                bounds.append(at)
                first = at
        parts = np.split(rows, bounds)
        steps += [parts[number] for number in rng.permutation(len(parts))]
    return steps
