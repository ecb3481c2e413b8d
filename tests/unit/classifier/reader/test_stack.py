"""Both readers as one classifier."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import classifier
from classifier.model import Classifier, sigmoid
from classifier.reader import ReaderError
from classifier.reader.scoring import ABOUT
from classifier.reader.stack import MOST_PARTS, SHIPPED, Stack, stacked

TEXTS = ["Terima kasih, beritanya jelas sekali.", "dasar goblok, mampus aja lo", "hello there"]


class Words:
    """A second reader that knows one word."""

    version = "words-1"

    def logits(self, texts: list[str]) -> NDArray[np.float64]:
        """Two more for each attribute where the word stands."""
        return np.array([[2.0 if "mampus" in text else 0.0] * 8 for text in texts]).reshape(len(texts), 8)


@pytest.fixture(scope="module")
def first() -> Classifier:
    return classifier.load()


@pytest.fixture(scope="module")
def both(first: Classifier) -> Stack:
    return stacked(first)


def test_a_part_of_the_second_is_added(first: Classifier) -> None:
    parts = np.arange(16).reshape(8, 2) / 8
    stack = Stack.of(first, Words(), parts)
    more = stack.logits(TEXTS) - first.logits(TEXTS)
    indonesian = sigmoid(first.logits(TEXTS)[1, -1])
    assert np.allclose(more[1, :-1], 2 * (indonesian * parts[:, 0] + (1 - indonesian) * parts[:, 1]))
    assert not more[[0, 2]].any()
    assert stack.version == f"{first.version}+words-1"


def test_prediction_is_the_calibrated_sum(first: Classifier) -> None:
    stack = Stack.of(first, Words())
    probabilities, languages = stack.predict(TEXTS)
    assert np.array_equal(probabilities, stack.predict_proba(TEXTS))
    assert languages == first.predict(TEXTS)[1]
    alone = first.predict_proba(TEXTS)
    assert np.array_equal(probabilities[[0, 2]], alone[[0, 2]])
    assert (probabilities[1] > alone[1]).all()
    assert stack.predict([])[0].shape == (0, 8)


def test_occlusion_finds_the_word_that_counts(first: Classifier) -> None:
    stack = Stack.of(first, Words())
    text = "Kalian semua mampus saja di sana"
    spans = stack.occlude(text, ["threat"])
    weightiest = max(spans, key=lambda span: span.weight)
    assert text[weightiest.begin : weightiest.end] == "mampus"
    assert {span.attribute for span in spans} == {"threat"}
    with pytest.raises(ValueError, match="no attribute 'joy'"):
        stack.occlude(text, ["joy"])


def test_occlusion_is_bounded(first: Classifier) -> None:
    stack = Stack.of(first, Words())
    spans = stack.occlude("kata " * 1000, ["toxicity"])
    assert len(spans) <= MOST_PARTS
    assert (spans[0].begin, spans[-1].end) == (0, 4999)
    assert stack.occlude("kata " * 1000, ["toxicity"], seconds=-1) == []
    assert stack.occlude("") == []


def test_the_shipped_stack_scores_and_says_by_whom(first: Classifier, both: Stack) -> None:
    assert both.version.startswith(f"{first.version}+")
    found = both.predict_proba(TEXTS)
    column = both.attributes.index("toxicity")
    assert found[1, column] > 0.5 > found[0, column]
    assert both.evidence.keys() == first.evidence.keys()
    assert {(point.attribute, point.action) for point in both.operating_points}
    assert 0 < both.cost_ms(TEXTS[1]) < both.cost_ms(TEXTS) < both.cost_ms("x" * 20_000)


def test_a_reader_stacks_on_the_model_that_it_was_made_for(first: Classifier, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "reader"))
    known = json.loads((folder / ABOUT).read_bytes())
    for change, message in (
        ({"stacks_on": "2020.01-00000000"}, "was made for the first reader 2020.01-00000000"),
        ({"attributes": ["joy"]}, "other attributes"),
        ({"parts": [1.0]}, "another shape"),
        ({"parts": "none"}, "lacks what stacks it"),
        ({"operating_points": [{"joy": 1}]}, "lacks what stacks it"),
    ):
        (folder / ABOUT).write_text(json.dumps(known | change))
        with pytest.raises(ReaderError, match=message):
            stacked(first, folder)
