"""`python -m bench.trivial up`: the shipped Saring with a scorer that does not look, and so the ceiling of what moves comments.

Its children are started as this module too, so every process has the same scorer.
"""

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import classifier
from service.bootstrap import Services
from service.cli import main, up

EMPTY_POLICY: dict[str, object] = {
    "thresholds": {name: {"flag": None, "reject": None} for name in classifier.load().attributes},
    "links": {"max": 1_000_000},
    "languages": {"flag_unsupported": False},
}
"""Asks for nothing, so that every comment is approved."""


class Trivial(classifier.Classifier):
    """Gives every text the same scores and language, as many as the shipped model does: as much is stored."""

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Zeros, shape (texts, attributes)."""
        return np.zeros((len(texts), len(self.attributes)))

    def languages(self, texts: Sequence[str]) -> list[str]:
        """English, all of them."""
        return ["en"] * len(texts)

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
        """Both."""
        return self.predict_proba(texts), self.languages(texts)


def trivial() -> Trivial:
    """One with the shipped model's attributes."""
    shipped = classifier.load()
    return Trivial(shipped.attributes, "trivial", {}, (), shipped.weights)


if __name__ == "__main__":
    scorer = trivial()
    Services.classifier = property(lambda _services: scorer)  # type: ignore[assignment]
    up.SARING = (sys.executable, "-P", "-m", "bench.trivial")
    main()
