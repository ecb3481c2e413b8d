"""A second reader without weights: it finds one word terrible, another harmless, and says nothing of others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.domain.comment import ATTRIBUTES

WORSE, BETTER = "kabar lebih buruk", "kabar lebih baik"


class Encoder:
    """Stands for the encoder of `classifier.reader`, below a real `Stack`."""

    version = "second"

    def __init__(self) -> None:
        self.read: list[str] = []
        self.fails = False

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape (texts, attributes)."""
        if self.fails:
            raise ValueError("broken")
        self.read += texts
        weight = [30.0 if "buruk" in text else -30.0 if "baik" in text else 0.0 for text in texts]
        return np.repeat(np.array(weight)[:, None], len(ATTRIBUTES), axis=1)
