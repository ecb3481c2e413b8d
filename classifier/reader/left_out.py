"""What encoders made of sources that they had not seen: kept beside the weights, since it takes hours to compute anew.

The sources are left out in groups, so that there are few trainings: an encoder has then seen less than all sources but one, and
its figures are, if anything, too low. Rows of the held-out fifth are scored by the encoder that is shipped, which has not seen
them either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.datasets import ATTRIBUTES, Corpus, keys_of

FILE = "left_out.npz"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LeftOut:
    """Logits of texts by keys, shape (texts, attributes); those of `held` by the shipped encoder.

    keys, held_keys: 8 bytes of the SHA-256 of a text's letters and digits.
    """

    keys: NDArray[np.uint64]
    logits: Floats
    held_keys: NDArray[np.uint64]
    held_logits: Floats

    def save(self, file: Path) -> None:
        """Write it, in half precision."""
        logits, held_logits = self.logits.astype(np.float16), self.held_logits.astype(np.float16)
        np.savez_compressed(file, keys=self.keys, held_keys=self.held_keys, logits=logits, held_logits=held_logits)

    def of(self, texts: Sequence[str], *, held: bool) -> Floats:
        """Logits of some texts, NaN for one that is not there."""
        keys, logits = (self.held_keys, self.held_logits) if held else (self.keys, self.logits)
        order = np.argsort(keys)
        wanted = keys_of(texts)
        at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
        found = logits[order[at]].astype(np.float32)
        found[keys[order[at]] != wanted] = np.nan
        return found


def load(file: Path) -> LeftOut:
    """Read it. Raises: FileNotFoundError."""
    with np.load(file, allow_pickle=False) as held:
        return LeftOut(held["keys"], held["logits"], held["held_keys"], held["held_logits"])


def logits_of(
    kept: LeftOut, corpus: Corpus, rows: NDArray[np.int64], attribute: str, *, held: bool
) -> NDArray[np.float64]:
    """One attribute's logits of some rows of a corpus. Raises: ValueError, when one was never scored: the sets have changed."""
    found = kept.of([corpus.texts[row] for row in rows], held=held)[:, ATTRIBUTES.index(attribute)].astype(np.float64)
    if np.isnan(found).any():
        raise ValueError(
            f"{int(np.isnan(found).sum())} of {len(rows)} texts were never scored: the data sets have changed"
        )
    return found
