"""What disguises do is counted on judged rows, and a figure that misses its bar is seen."""

import json

import numpy as np
import pytest

from classifier.datasets import ATTRIBUTES, AUTHORED, Corpus
from classifier.disguise import DISGUISES, FURTHER, UNSEEN
from classifier.fold import fold
from classifier.model import Classifier, OperatingPoint, Weights
from classifier.robustness import figures, report

WRITTEN = "goblok di situ"  # taken for toxic by a model that reads no disguise


class Reader(Classifier):
    """Scores 0.9 where the text as read holds the word goblok, else 0.1."""

    def predict_proba(self, texts: list[str]) -> np.ndarray:  # type: ignore[override]
        found = [0.9 if "goblok" in self.read(text) else 0.1 for text in texts]
        return np.array(found)[:, None]

    def read(self, text: str) -> str:
        return fold(text).text


class Simple(Reader):
    """The same without the reading of disguises."""

    def read(self, text: str) -> str:
        return text


def a_model(kind: type[Reader]) -> Classifier:
    nothing = np.zeros((0, 0))
    weights = Weights(nothing.astype(np.int16), nothing[0:0].astype(np.int16), nothing, nothing, nothing)
    points = (
        OperatingPoint("toxicity", "reject", 0.99, 0.9, 0.9, 0.1, 0.1),
        OperatingPoint("toxicity", "flag", 0.5, 0.5, 0.5, 0.4, 0.1),
    )
    return kind(("toxicity",), "1", {}, points, weights)


def a_corpus() -> Corpus:
    """Four rows for each language: toxic and found, toxic and not found, clean, clean and found; and two not judged."""
    texts = ["dasar goblok", "pergi sana", "terima kasih", WRITTEN] * 2 + ["goblok", "goblok"]
    labels = np.full((10, len(ATTRIBUTES)), np.nan)
    labels[:, 0] = [1, 1, 0, 0] * 2 + [1, 1]
    own = np.ones(labels.shape, dtype=np.bool_)
    own[8] = False
    sources = np.array(["one"] * 9 + [AUTHORED])
    languages = np.array(["id"] * 4 + ["en"] * 4 + ["id", "en"])
    return Corpus(tuple(texts), sources, np.full(10, ""), languages, labels, np.ones(labels.shape), own)


def test_each_disguise_has_its_figures_in_each_language() -> None:
    found = figures(a_model(Reader), a_corpus())
    assert [(figure["disguise"], figure["language"]) for figure in found] == [
        (name, language) for language in ("id", "en") for name in DISGUISES | UNSEEN | FURTHER
    ]
    assert json.loads(json.dumps(found)) == found
    assert {figure["disguise"] for figure in found if figure["kind"] == "unseen"} == set(UNSEEN)


def test_only_judged_rows_on_their_side_of_the_threshold_count() -> None:
    assert {(figure["rows"], figure["clean_rows"]) for figure in figures(a_model(Reader), a_corpus())} == {(1, 1)}


@pytest.mark.parametrize(("kind", "kept"), [(Reader, 1.0), (Simple, 0.0)])
def test_recall_is_kept_by_a_model_that_reads_disguises(kind: type[Reader], kept: float) -> None:
    found = figures(a_model(kind), a_corpus())
    assert {figure["recall_kept"] for figure in found if figure["disguise"] in {"styled", "spaced", "zero width"}} == {
        kept
    }


def test_clean_text_that_a_disguise_pushes_over_the_threshold_is_counted() -> None:
    class Wary(Reader):
        def read(self, text: str) -> str:
            return text if text.isascii() else "goblok"

    (figure,) = (f for f in figures(a_model(Wary), a_corpus()) if (f["disguise"], f["language"]) == ("styled", "en"))
    assert figure["newly_flagged"] == 1.0


def test_the_same_corpus_gives_the_same_figures() -> None:
    assert figures(a_model(Reader), a_corpus()) == figures(a_model(Reader), a_corpus())


def test_the_report_marks_what_misses_a_bar() -> None:
    good = {
        "disguise": "leet",
        "kind": "known",
        "language": "id",
        "rows": 1200,
        "recall_kept": 0.95,
        "clean_rows": 1900,
        "newly_flagged": 0.01,
    }
    bad = good | {"disguise": "mixed", "kind": "unseen", "recall_kept": 0.949, "newly_flagged": 0.011}
    lines = report([good, bad]).splitlines()
    assert lines[-2] == "| leet | id | 1,200 | 0.950 | 1,900 | 0.010 |"
    assert lines[-1] == "| mixed (unseen) | id | 1,200 | **0.949** | 1,900 | **0.011** |"
