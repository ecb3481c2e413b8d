"""How much of the second reader is added, and that no source has a say in what it is judged by."""

import numpy as np
import pytest
from numpy.random import default_rng

from classifier.assess import Scored
from classifier.datasets import ATTRIBUTES, SOURCES, Corpus, keys_of
from classifier.reader import blend
from classifier.reader.blend import Both, chosen_parts, figures, stacked, table
from classifier.reader.left_out import LeftOut, load, logits_of
from classifier.soft import GROUPS


def pair(source: str, first: float, second: float, seed: int, attribute: str = "toxicity") -> Both:
    """Rows on which readers know so much of the label."""
    rng = default_rng(seed)
    labels = (rng.random(600) < 0.3).astype(float)
    noise = rng.normal(size=(2, 600))
    return Both(Scored(attribute, source, source[:2], first * labels + noise[0], labels), second * labels + noise[1])


def test_a_reader_that_knows_something_is_added_and_one_that_knows_nothing_is_not() -> None:
    pairs = [
        pair("en_a", 1, 1, 1),
        pair("en_b", 1, 1, 2),
        pair("id_a", 2, 0, 3, "insult"),
        pair("id_b", 2, 0, 4, "insult"),
    ]
    parts = dict(zip(ATTRIBUTES, chosen_parts(pairs).tolist(), strict=True))
    assert parts["toxicity"][1] in (0.75, 1.0, 1.5)
    assert parts["insult"] == [0.0, parts["toxicity"][1]]  # no source judges it in English: as the others do there
    assert parts["spam"] == [0.0, 0.0]  # no source judges it


def test_a_source_is_judged_by_what_the_others_chose() -> None:
    # the second reader knows everything about one source and misleads on the other
    pairs = [pair("en_good", 1, 3, 1), pair("en_bad", 1, -3, 2)]
    by_source = {row["source"]: row for row in figures(pairs)}
    assert by_source["en_good"]["both"] == by_source["en_good"]["first"]  # the bad one alone chose nothing
    assert by_source["en_bad"]["both"] < by_source["en_bad"]["first"]  # the good one alone chose much


def test_a_source_on_which_much_is_won_does_not_choose_for_all() -> None:
    little = [pair(f"en_{name}", 2, 0.8, seed, "insult") for seed, name in enumerate("abc")]
    much = pair("en_much", 0.1, 3, 9, "insult")
    alone, summed = (np.sum([some.areas for some in those], axis=0) for those in (little, [*little, much]))
    assert blend.SHARES[int(np.argmax(alone))] <= 0.5
    assert blend.SHARES[int(np.argmax(summed))] == 1.0  # by its gains in ROC-AUC it outvotes the others
    assert chosen_parts([*little, much])[ATTRIBUTES.index("insult"), 1] <= 0.5


def test_the_stack_of_parts() -> None:
    one = pair("en_a", 1, 1, 1)
    parts = np.full((len(ATTRIBUTES), 2), 0.5)
    both = stacked([one], [one], parts)
    assert np.allclose(both.left_out[0].logits, one.first.logits + 0.5 * one.second)
    assert both.held_out[0].source == "en_a"


def test_the_table_has_means_by_attribute_and_language() -> None:
    rows = [
        {"attribute": "toxicity", "language": "en", "source": "en_a", "first": 0.7, "second": 0.6, "both": 0.8},
        {"attribute": "toxicity", "language": "en", "source": "en_b", "first": 0.5, "second": 0.6, "both": 0.5},
    ]
    lines = table(rows).splitlines()
    assert "| toxicity | en | en_a | 0.700 | 0.600 | 0.800 | +0.100 |" in lines
    assert "| toxicity | en | **mean of 2** | 0.600 | 0.600 | 0.650 | +0.050 |" in lines
    assert lines[-1] == "| **all** | en | **mean of 2** | 0.600 | 0.600 | 0.650 | +0.050 |"


def test_the_cost_of_eight_bits() -> None:
    rows = [{"attribute": "spam", "source": "a", "float": 0.9, "served": 0.899}]
    assert blend.eight_bits_table(rows).splitlines()[-1] == "| **all** | 1 | 0.9000 | 0.8990 | -0.0010 |"


def test_every_source_is_left_out_once() -> None:
    grouped = [name for group in GROUPS for name in group]
    assert sorted(grouped) == sorted(source.name for source in SOURCES)


def test_logits_are_found_again_by_their_texts(tmp_path: str) -> None:
    texts = [f"kalimat {number}" for number in range(50)]
    logits = default_rng(1).normal(size=(50, len(ATTRIBUTES))).astype(np.float32)
    kept = LeftOut(keys_of(texts), logits, keys_of(texts[:5]), logits[:5] + 1)
    kept.save(f"{tmp_path}/kept.npz")  # type: ignore[arg-type]
    again = load(f"{tmp_path}/kept.npz")  # type: ignore[arg-type]
    some = [texts[30], texts[2].upper() + "!"]  # equal in letters and digits
    assert np.allclose(again.of(some, held=False), logits[[30, 2]], atol=2e-3)
    assert np.allclose(again.of([texts[3]], held=True), logits[[3]] + 1, atol=5e-3)
    assert np.isnan(again.of(["never seen"], held=False)).all()


def test_data_sets_that_have_changed_are_refused() -> None:
    kept = LeftOut(keys_of(["a"]), np.zeros((1, 8), np.float32), keys_of(["a"]), np.zeros((1, 8), np.float32))
    nothing = np.zeros(2)
    corpus = Corpus(("a", "b"), nothing, nothing, nothing, nothing, nothing, nothing)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 of 2 texts were never scored"):
        logits_of(kept, corpus, np.array([0, 1]), "toxicity", held=False)
