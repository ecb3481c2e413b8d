"""What encoders say of texts that may teach the first reader: kept beside the weights, since it takes hours to compute anew.

Each group of sources has an encoder that has not seen it (see `left_out`), which says what it makes of texts of the others, so
that the first reader can be taught without that group too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from classifier.datasets import AUTHORED
from classifier.model import LANGUAGES

FILE = "soft.npz"

MOST = {"id": 13_000, "en": 6_000}
"""Texts of a source that an encoder is asked about, by language: more in Indonesian, of which fewer have labels."""

MOST_AUTHORED = 3_000
SEED = 20261201

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Soft:
    """Logits by each group's encoder, shape (groups, texts, attributes), NaN where it was not asked. keys: see `left_out`."""

    keys: NDArray[np.uint64]
    logits: NDArray[np.float32]

    def save(self, file: Path) -> None:
        """Write it, in half precision."""
        np.savez_compressed(file, keys=self.keys, logits=self.logits.astype(np.float16))

    def of(self, keys: NDArray[np.uint64], group: int) -> Floats:
        """Probabilities of texts, shape (texts, attributes), by the encoder without a group; NaN where it was not asked."""
        order = np.argsort(self.keys)
        at = np.minimum(np.searchsorted(self.keys[order], keys), len(self.keys) - 1)
        found = expit(self.logits[group][order[at]].astype(np.float64))
        found[self.keys[order[at]] != keys] = np.nan
        return np.asarray(found)


def load(file: Path) -> Soft:
    """Read it. Raises: FileNotFoundError."""
    with np.load(file, allow_pickle=False) as held:
        return Soft(held["keys"], held["logits"])


def gathered(
    keys: NDArray[np.uint64], rows: Sequence[NDArray[np.int64]], logits: Sequence[NDArray[np.float32]]
) -> Soft:
    """From what each encoder said. keys: of all texts. rows: for each encoder, the numbers of those that it was asked about."""
    asked = np.unique(np.concatenate(rows))
    every = np.full((len(rows), len(asked), logits[0].shape[1]), np.nan, np.float32)
    for group, (some, said) in enumerate(zip(rows, logits, strict=True)):
        every[group, np.searchsorted(asked, some)] = said
    return Soft(keys[asked], every)


def asked(sources: NDArray[np.str_], languages: NDArray[np.str_], without: Sequence[str]) -> NDArray[np.int64]:
    """Numbers of the texts that an encoder is asked about: by chance, of each source but those that it has not seen."""
    rng = np.random.default_rng(SEED)
    parts = []
    for source in np.unique(sources[~np.isin(sources, without)]):
        for language in LANGUAGES:
            rows = rng.permutation(np.flatnonzero((sources == source) & (languages == language)))
            parts.append(rows[: MOST_AUTHORED if source == AUTHORED else MOST[language]])
    return np.sort(np.concatenate(parts))
