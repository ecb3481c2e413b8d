"""The plain way is scikit-learn's own pipeline, fitted on the rows taught alone."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline

from bench import plain

TEXTS = [f"{who} {what} {when}" for who in ("you", "kamu", "they") for what in ("fool", "bodoh", "thanks", "terima kasih")
         for when in ("today", "hari ini", "again")]  # fmt: skip
LABELS = np.array([float("fool" in text or "bodoh" in text) for text in TEXTS])
ASKED = np.array(["they" in text for text in TEXTS])


def test_one_count_for_all_sources_gives_what_a_pipeline_of_its_own_gives() -> None:
    pipeline = make_pipeline(plain.features(), plain.regression())
    taught = [text for text, asked in zip(TEXTS, ASKED, strict=True) if not asked]
    pipeline.fit(taught, LABELS[~ASKED])
    expected = pipeline.decision_function([text for text, asked in zip(TEXTS, ASKED, strict=True) if asked])
    found = plain.logits(plain.counted(TEXTS), LABELS, ~ASKED, ASKED)
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_regression_that_stops_early_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "STEPS", 2)
    with pytest.raises(ConvergenceWarning):
        plain.logits(plain.counted(TEXTS), LABELS, ~ASKED, ASKED)
