"""Buckets of a batch -> what each text's features weigh together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.grams import NONE, Block
from classifier.scale import gram_scale, pattern_scale

_NOTHING = np.array([NONE])

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def weighed(tables: Sequence[NDArray[np.int16]], blocks: Sequence[Block]) -> list[Floats]:
    """For each table the sums of the rows that each text has, shape (texts, ...), each times the scale of its kind.

    blocks: those of `grams.blocks_of`, that of the patterns last. One text or many: the same to the last digit.
    """
    if len(blocks[0].bounds) == 2:
        return _weighed_alone(tables, blocks)
    *grams, patterns = blocks
    scales = gram_scale(sizes(grams)), pattern_scale(filled(patterns))
    return [(_summed(table, grams).T * scales[0]).T + (_summed(table, (patterns,)).T * scales[1]).T for table in tables]


def _weighed_alone(tables: Sequence[NDArray[np.int16]], blocks: Sequence[Block]) -> list[Floats]:
    """The same for one text, with a third of the calls, which are most of the cost there."""
    buckets = np.concatenate([*(block.buckets for block in blocks), _NOTHING])  # a sum of nothing is a row, not 0
    patterns = len(buckets) - 1 - len(blocks[-1].buckets)
    there = buckets != NONE
    grams = gram_scale(np.count_nonzero(there[:patterns]))
    scale = pattern_scale(np.count_nonzero(there[patterns:]))
    both = (np.add.reduceat(table.take(buckets, axis=0), (0, patterns), axis=0, dtype=np.int64) for table in tables)
    return [sums[:1] * grams + sums[1:] * scale for sums in both]


def sizes(blocks: Sequence[Block]) -> Ints:
    """How many features of these kinds each text has, together."""
    return np.asarray(sum(filled(block) for block in blocks))


def filled(block: Block) -> Ints:
    """How many features of this kind each text has."""
    upto = block.bounds - (block.buckets == NONE).nonzero()[0].searchsorted(block.bounds)
    return np.asarray(upto[1:] - upto[:-1])


def _summed(table: NDArray[np.int16], blocks: Sequence[Block]) -> Ints:
    """Sums of the rows of a table that each text has in some blocks, shape (texts, ...)."""
    return np.asarray(sum(segment_sums(table.take(block.buckets, axis=0), block.bounds) for block in blocks))


def segment_sums(rows: NDArray[np.generic], bounds: Sequence[int] | Ints) -> Ints:
    """Sums of rows[bounds[t]:bounds[t + 1]] for each t, 0 where that is empty."""
    bounds = np.asarray(bounds)
    if len(bounds) == 2:
        return np.asarray(np.add.reduce(rows, axis=0, dtype=np.int64)[None])
    sums = np.zeros((len(bounds) - 1, *rows.shape[1:]), dtype=np.int64)
    some = bounds[1:] > bounds[:-1]
    if some.any():
        sums[some] = np.add.reduceat(rows, bounds[:-1][some], axis=0, dtype=np.int64)
    return sums
