"""What scoring is timed on, and beside what."""

import json
from pathlib import Path

import numpy as np
import pytest

import classifier
from bench import scoring
from bench.comments import DEMO


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Two hundred of the texts that are there without the published sets."""
    monkeypatch.setenv("SARING_TRAINING_DATA", str(tmp_path))
    known, new = scoring.texts()
    monkeypatch.setattr(scoring, "texts", lambda: (known[:200], new[:200]))
    monkeypatch.setattr(scoring, "BATCHES", {1: 1, 8: 1})
    return known[:200]


def test_there_are_texts_enough_without_the_published_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SARING_TRAINING_DATA", str(tmp_path))
    known, new = scoring.texts()
    demo = {json.loads(line)["text"] for line in DEMO.read_text("utf-8").splitlines()}
    assert demo <= {*known, *new}
    assert len(set(known)) > 2_000
    assert len(known) <= len(new)


def test_every_comment_that_is_scored_is_of_the_length_of_the_issue() -> None:
    comments = scoring.of_one_length(["satu dua tiga", "empat"], 50)
    assert [len(comment) for comment in comments] == [200] * 50
    assert "".join(comments).startswith("satu dua tiga empat satu dua tiga empat ")


def test_the_plain_pipeline_has_an_output_for_each_attribute(few: list[str]) -> None:
    scores = scoring.plain_pipeline(few).predict_proba(few[:3])
    assert scores.shape == (3, len(classifier.load().attributes)) == (3, 8)


def test_ours_stands_beside_both_others_at_each_size(few: list[str]) -> None:
    rounds: list[None] = []
    measures = scoring.scoring(2, lambda: rounds.append(None))
    names = [(measure.name, measure.ceiling) for measure in measures]
    assert names == [
        (f"scoring, {size} a call, one core", other)
        for size in (1, 8)
        for other in ("TF-IDF and regression, 8 outputs", "alt-profanity-check")
    ]
    assert len(rounds) == 2 * 2
    assert all(min(measure.readings) > 0 for measure in measures)
    plain, package = measures[:2]
    assert plain.ratio == pytest.approx(float(np.median(np.divide(plain.readings, plain.ceiling_readings))))
    assert plain.readings == package.readings
    assert plain.ceiling_readings != package.ceiling_readings
