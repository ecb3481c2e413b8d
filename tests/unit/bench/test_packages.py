"""The packages answer here what their read-mes say that they do."""

import pytest

from bench.packages import PACKAGES, Package, abusify_id, alt_profanity_check


def test_abusify_id_has_its_rarities_back() -> None:
    assert abusify_id()(["Anjing, lu tolol ya!"]) == pytest.approx([0.9959093], abs=5e-7)


def test_alt_profanity_check_tells_its_own_examples_apart() -> None:
    harmless, abusive = alt_profanity_check()(["predict_prob() takes an array", "go to hell, you scum"])
    assert harmless < 0.1
    assert abusive > 0.7


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_scores_many_texts_at_once(package: Package) -> None:
    scores = package.load()(["selamat pagi", "good morning", ""])
    assert scores.shape == (3,)
    assert ((scores >= 0) & (scores <= 1)).all()
