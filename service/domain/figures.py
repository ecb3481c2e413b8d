"""The maths behind the insights: intervals, percentiles, agreement. Nothing here knows what is counted."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

Z95 = 1.959964
"""Standard deviations of a normal distribution that hold 95% of it."""

AIM = 0.5
"""The precision that a threshold for flagging should reach: every other flag is right. As the default thresholds have it."""

FEW = 20
"""Below so many cases a share says little: its interval is some 40 points wide."""


class Interval(NamedTuple):
    """Where the truth is, nineteen times in twenty."""

    low: float
    high: float


def wilson(hits: int, n: int) -> Interval:
    """The 95% interval of a share of `hits` in `n`; all of 0 to 1 when n is 0.

    Wilson 1927, method 3 of Newcombe (1998, Statistics in Medicine 17:857): unlike the usual one it stays within 0 and 1 and
    holds what it says for few cases and for shares near the ends.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    share, square = hits / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = Z95 * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # what rounding leaves beyond the ends is cut off
    return Interval(0.0 if hits == 0 else middle - reach, 1.0 if hits == n else middle + reach)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of the ordered values lies below, between two of them in proportion.

    Definition 7 of Hyndman and Fan (1996, The American Statistician 50:361), which spreadsheets and NumPy use.
    Raises: IndexError, when there are no values.
    """
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class Kappa:
    """How far two who judged the same agree: `observed` is the share of equal judgements, `value` that beyond chance.

    `value` is 1 for agreement in everything and 0 for as much as chance gives. It and its interval are None when both gave the
    same judgement throughout: chance alone would agree as well then.
    """

    n: int
    observed: float
    value: float | None
    interval: Interval | None


def kappa(pairs: Mapping[tuple[str, str], int]) -> Kappa | None:
    """Cohen's kappa of counted pairs of judgements, the first's and the second's; None without pairs.

    Cohen (1960, Educational and Psychological Measurement 20:37). The interval is his too, which takes the agreement by chance
    as known, but with Wilson's interval of the observed one in place of the normal distribution's: full agreement of a few cases
    is then not taken for certain.
    """
    n = sum(pairs.values())
    if n == 0:
        return None
    first, second, equal = Counter[str](), Counter[str](), 0
    for (one, other), count in pairs.items():
        first[one] += count
        second[other] += count
        equal += count * (one == other)
    chance = sum(count * second[name] for name, count in first.items()) / (n * n)
    if chance == 1:
        return Kappa(n, equal / n, None, None)
    low, value, high = (
        (share - chance) / (1 - chance) for share in (wilson(equal, n)[0], equal / n, wilson(equal, n)[1])
    )
    return Kappa(n, equal / n, value, Interval(low, high))


@dataclass(frozen=True)
class Raise:
    """A higher threshold: the flags that it would have spared people, and the rejected ones among them that it would miss."""

    threshold: float
    spared: int
    missed: int


def raised(judged: Iterable[tuple[float, bool]]) -> Raise | None:
    """The lowest threshold from which, of those scored so high, the share that was right reaches AIM.

    `judged` has each score with whether a person found it right. None when no threshold does that with FEW cases left, or
    when the present one does.
    """
    highest_first = sorted(judged, reverse=True)
    n = right = 0
    best: tuple[float, int, int] | None = None
    for score, group in groupby(highest_first, key=lambda pair: pair[0]):
        found = [hit for _score, hit in group]
        n, right = n + len(found), right + sum(found)
        if n >= FEW and right / n >= AIM:
            best = (score, n, right)
    if best is None or best[1] == n:
        return None
    return Raise(best[0], spared=n - best[1], missed=right - best[2])
