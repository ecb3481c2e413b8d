"""What encoders say of texts: which are asked about, and that each is found again under its encoder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import classifier
from classifier import soft
from classifier.datasets import ATTRIBUTES, AUTHORED, keys_of
from classifier.modelfile import ModelFileError
from classifier.reader.__main__ import main as command
from classifier.reader.stack import SHIPPED
from classifier.soft import GROUPS, MOST, MOST_AUTHORED, Soft, Teacher, asked, gathered, teacher_of

TEXTS = ("satu", "dua", "tiga", "empat")


def said(*values: float) -> np.ndarray:
    """Logits of texts, the same for each attribute."""
    return np.repeat(np.array(values, np.float32)[:, None], len(ATTRIBUTES), axis=1)


@pytest.fixture
def both() -> Soft:
    """One encoder was asked about the first and the third text, another about the third and the fourth."""
    rows = [np.array([0, 2]), np.array([2, 3])]
    return gathered(keys_of(TEXTS), rows, [said(1.0, -1.0), said(2.0, 3.0)])


@pytest.mark.parametrize("again", [False, True])
def test_each_text_has_what_its_encoder_said(both: Soft, tmp_path: Path, again: bool) -> None:
    if again:
        both.save(tmp_path / "soft.npz")
        both = soft.load(tmp_path / "soft.npz")
    found = both.of(keys_of([*TEXTS, "lima"]), 1)
    assert found.shape == (5, len(ATTRIBUTES))
    assert found[:, 0] == pytest.approx([np.nan, np.nan, 0.8808, 0.9526, np.nan], abs=1e-3, nan_ok=True)
    assert both.of(keys_of(TEXTS), 0)[:, 0] == pytest.approx([0.7311, np.nan, 0.2689, np.nan], abs=1e-3, nan_ok=True)


def test_an_encoder_is_asked_about_some_of_each_source_that_it_has_seen() -> None:
    sizes = {"en_big": 7000, "en_small": 10, "id_big": 14_000, "en_left_out": 50, AUTHORED: 4000}
    sources = np.repeat(list(sizes), list(sizes.values()))
    languages = np.array([source[:2] if source != AUTHORED else "en" for source in sources])
    rows = asked(sources, languages, ["en_left_out"])
    names, counts = np.unique(sources[rows], return_counts=True)
    assert dict(zip(names, counts, strict=True)) == {
        "en_big": MOST["en"],
        "en_small": 10,
        "id_big": MOST["id"],
        AUTHORED: MOST_AUTHORED,
    }
    assert np.array_equal(rows, asked(sources, languages, ["en_left_out"]))


def test_the_shipped_reader_has_what_each_groups_encoder_said() -> None:
    held = soft.load(SHIPPED / soft.FILE)
    assert held.logits.shape == (len(GROUPS) + 1, len(held.keys), len(ATTRIBUTES))
    shares = (~np.isnan(held.logits[:, :, 0])).mean(axis=1)
    assert (shares > 0.3).all()


def test_a_source_is_left_to_the_encoder_that_has_not_seen_it() -> None:
    rows = [np.arange(len(TEXTS))] * (len(GROUPS) + 1)
    logits = [said(*(float(encoder) for _ in TEXTS)) for encoder in range(len(rows))]
    teacher = Teacher(gathered(keys_of(TEXTS), rows, logits), ["satu", "lima"])
    for group, sources in enumerate(GROUPS):
        for source in sources:
            assert teacher.says(0, source) == pytest.approx([1 / (1 + np.exp(-group)), np.nan], abs=1e-6, nan_ok=True)
    assert teacher.says(0) == pytest.approx([1 / (1 + np.exp(-len(GROUPS))), np.nan], abs=1e-6, nan_ok=True)
    assert np.isnan(teacher.says(0, "en_unknown")).all()


def test_a_model_has_the_teacher_that_it_had(both: Soft, tmp_path: Path) -> None:
    both.save(tmp_path / soft.FILE)
    model = classifier.load()
    taught, other = (replace(model, about={**model.about, "taught_by": by}) for by in (both.version, "00000000"))
    found = teacher_of(taught, TEXTS, tmp_path / soft.FILE)
    assert found
    assert found.version == both.version
    assert teacher_of(replace(model, about={}), TEXTS, tmp_path / "none") is None
    with pytest.raises(ModelFileError, match="taught by 00000000"):
        teacher_of(other, TEXTS, tmp_path / soft.FILE)


def test_a_reader_without_it_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["distil", "--reader", str(tmp_path)])
    assert result.exit_code == 1
    assert f"{tmp_path} does not hold what its encoders said" in result.output
