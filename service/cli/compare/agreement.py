"""How far two scorers of the same comments agree, and where one's threshold lies on the other's scale: numbers alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.domain.figures import kappa

Floats = NDArray[np.float64]

BINS = 20


@dataclass(frozen=True)
class Held:
    """What a threshold on our scale does. count: comments at or above it. share: of all, those about whom both say the same.

    kappa: the same beyond chance (Cohen), None where both say the same of all.
    """

    threshold: float
    count: int
    share: float
    kappa: float | None


@dataclass(frozen=True)
class Agreement:
    """What one attribute's two scores, for n comments, have in common.

    spearman: rank correlation, None where one of them is the same for all. threshold: on the old scale; held: comments at or
    above it there. kept: what the same number does on our scale. proposed: the one that holds as many as before, None where
    none were held. before, now: shares of comments in BINS equal parts of 0 to 1.
    """

    attribute: str
    n: int
    spearman: float | None
    threshold: float
    held: int
    kept: Held
    proposed: Held | None
    before: tuple[float, ...]
    now: tuple[float, ...]


def agreement(attribute: str, before: Sequence[float], now: Sequence[float], threshold: float) -> Agreement:
    """Compare the old scores of some comments with ours, in the same order.

    Raises: ValueError, without comments or for lists of two lengths.
    """
    old, ours = np.asarray(before, dtype=np.float64), np.asarray(now, dtype=np.float64)
    if old.shape != ours.shape or not old.size:
        raise ValueError("give each comment's two scores, for one comment at least")
    held = int((old >= threshold).sum())
    proposed = as_many(ours, held)
    return Agreement(
        attribute=attribute,
        n=old.size,
        spearman=spearman(old, ours),
        threshold=threshold,
        held=held,
        kept=_held(old >= threshold, ours, threshold),
        proposed=None if proposed is None else _held(old >= threshold, ours, proposed),
        before=_shares(old),
        now=_shares(ours),
    )


def as_many(scores: Floats, count: int) -> float | None:
    """The threshold at or above which lie as nearly `count` scores as equal ones allow, the stricter of two as near.

    None for a count of 0. Never 0, which would hold everything that ever comes.
    """
    if count <= 0:
        return None
    there = np.unique(scores[scores > 0])
    if not there.size:
        return None
    above = scores.size - np.searchsorted(np.sort(scores), there, side="left")
    # from the highest, so that of two as near the first found is the higher
    nearest = int(np.argmin(np.abs(above[::-1] - count)))
    return float(there[::-1][nearest])


def spearman(one: Floats, other: Floats) -> float | None:
    """Spearman's rank correlation with equal scores at their mean rank; None where either is the same for all."""
    ranks = [_ranks(scores) for scores in (one, other)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(scores: Floats) -> Floats:
    _, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], dtype=np.float64)


def _held(held_before: NDArray[np.bool_], ours: Floats, threshold: float) -> Held:
    held_now = ours >= threshold
    pairs: Mapping[tuple[str, str], int] = {
        (f"{before}", f"{now}"): int(((held_before == before) & (held_now == now)).sum())
        for before in (True, False)
        for now in (True, False)
    }
    found = kappa(pairs)
    return Held(
        threshold=threshold,
        count=int(held_now.sum()),
        share=float((held_before == held_now).mean()),
        kappa=found.value if found else None,
    )


def _shares(scores: Floats) -> tuple[float, ...]:
    counts, _ = np.histogram(scores, bins=BINS, range=(0.0, 1.0))
    return tuple((counts / scores.size).tolist())
