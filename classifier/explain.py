"""Why a text got its score: each n-gram's weight handed out to the letters it covers, gathered by word."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.fold import GAP, fold_batch
from classifier.grams import blocks_of, covers
from classifier.scale import gram_scale, pattern_scale
from classifier.stream import Stream, stream_of
from classifier.sums import sizes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Span:
    """A stretch of the original text and its part in an attribute's logit.

    begin, end: code points from 0, end not included. weight: log-odds before calibration, below 0 where the words
    speak against the attribute.
    """

    begin: int
    end: int
    attribute: str
    weight: float


def spans_of(
    text: str, attributes: Sequence[str], table: NDArray[np.int16], steps: Floats, columns: Sequence[int]
) -> list[Span]:
    """Spans of one text, in order of place, then of attribute. columns: the attributes' in `table` and `steps`."""
    batch = fold_batch([text])
    stream = stream_of(batch)
    if not len(stream.starts):
        return []
    by_word = _by_word(stream, table, columns) * steps[columns]
    origin = batch.origin()[stream.places] - GAP
    begins = origin[stream.starts].tolist()
    limits = [*begins[1:], len(text)]
    ends = [
        _end_of(text, begin, end, limit)
        for begin, end, limit in zip(begins, (origin[stream.ends - 1] + 1).tolist(), limits, strict=True)
    ]
    return [
        Span(begin, end, name, float(weight))
        for begin, end, row in zip(begins, ends, by_word, strict=True)
        for name, weight in zip(attributes, row, strict=True)
    ]


def _end_of(text: str, begin: int, end: int, limit: int) -> int:
    """Where a word ends as written: with its repeated letters, or the whole name or link."""
    if text[begin] == "@" or "://" in text[begin:limit] or text[begin : begin + 4].lower() == "www.":
        return begin + len(text[begin:limit].split(maxsplit=1)[0])
    while end < limit and text[end] == text[end - 1]:
        end += 1
    return end


def _by_word(stream: Stream, table: NDArray[np.int16], columns: Sequence[int]) -> Floats:
    """Sum of scaled weights for each word, shape (words, attributes)."""
    blocks = blocks_of(stream)
    grams = gram_scale(sizes(blocks[:-1]))[0]
    scales = [grams] * (len(blocks) - 1) + [pattern_scale(sizes(blocks[-1:]))[0]]
    upto = np.append(0, np.cumsum(stream.worded))
    share = np.zeros((len(stream.codes) + 1, len(columns)))
    for block, scale, (first, last) in zip(blocks, scales, covers(stream, blocks), strict=True):
        there = last > first
        begin, end = first[there], last[there]
        # the rows first: a table of the wanted columns alone would be copied for each text
        each = table[block.buckets[there]][:, columns] * (scale / (upto[end] - upto[begin]))[:, None]
        np.add.at(share, begin, each)
        np.subtract.at(share, end, each)
    per_sign = np.cumsum(share, axis=0)[:-1] * stream.worded[:, None]
    return np.asarray(np.add.reduceat(per_sign, stream.starts, axis=0))
