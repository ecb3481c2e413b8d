"""The classifier's promises: any text, one answer, explained to the last digit; no damaged file is read."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import classifier
from classifier import modelfile
from classifier.model import DEFAULT, Classifier
from tests.unit.classifier import slow

ATTRIBUTES = (
    "toxicity",
    "severe_toxicity",
    "identity_attack",
    "insult",
    "profanity",
    "threat",
    "sexually_explicit",
    "spam",
)
TEXTS = [
    "Saya setuju, semoga lancar.",
    "dasar 4nj1ng g.o.b.l.o.k lo",
    "I will find you and kill you",
    "",
    "   ",
    "!!!",
    "a",
    "🙏",
    "😀😀 baik😀sekali 🙏🙏🙏",
    "@budi lihat https://contoh.id",
    "Это совсем другой язык",
    "main slot gacor di 𝐌𝐀𝐗𝐖𝐈𝐍𝟖𝟖",
    "kata " * 300,
    "\x00\ud800",
]
ANY_TEXT = st.text(alphabet=st.characters(), max_size=80)


@pytest.fixture(scope="module")
def model() -> Classifier:
    return classifier.load()


def test_the_attributes_stand_in_the_agreed_order(model: Classifier) -> None:
    assert model.attributes == ATTRIBUTES


def test_the_public_face_is_small() -> None:
    assert sorted(classifier.__all__) == ["Classifier", "Folded", "Span", "fold", "load"]


def test_no_texts_give_no_rows(model: Classifier) -> None:
    assert model.predict_proba([]).shape == (0, 8)
    assert model.languages([]) == []


@pytest.mark.parametrize(
    "text", [*TEXTS, "anjing " * 2857, "a" * 20_000, "\n" * 20_000, "\ud800" * 20_000, "a." * 10_000]
)
def test_any_text_is_scored_between_0_and_1(model: Classifier, text: str) -> None:
    scores = model.predict_proba([text])
    assert scores.shape == (1, 8)
    assert ((scores >= 0) & (scores <= 1)).all()


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY_TEXT, max_size=6))
def test_arbitrary_unicode_never_raises(texts: list[str]) -> None:
    model = classifier.load()
    scores = model.predict_proba(texts)
    assert scores.shape == (len(texts), 8)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert len(model.languages(texts)) == len(texts)


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT)
def test_arbitrary_unicode_is_explained_within_its_bounds(text: str) -> None:
    for span in classifier.load().explain(text, ["toxicity"]):
        assert 0 <= span.begin < span.end <= len(text)


@pytest.mark.parametrize("text", TEXTS)
def test_the_fast_scorer_agrees_with_the_plain_one(model: Classifier, text: str) -> None:
    assert model.predict_proba([text])[0] == pytest.approx(slow.probabilities(model, text), abs=1e-5)


def test_a_text_scores_the_same_in_any_batch(model: Classifier) -> None:
    together = model.predict_proba(TEXTS * 30)
    alone = np.concatenate([model.predict_proba([text]) for text in TEXTS])
    assert (together[: len(TEXTS)] == alone).all()


def test_predict_gives_what_its_two_halves_give(model: Classifier) -> None:
    scores, languages = model.predict(TEXTS)
    assert (scores == model.predict_proba(TEXTS)).all()
    assert languages == model.languages(TEXTS)


@pytest.mark.parametrize("text", TEXTS)
def test_spans_and_bias_add_up_to_the_logit(model: Classifier, text: str) -> None:
    spans = model.explain(text)
    logits = model.logits([text])[0]
    for column, name in enumerate(ATTRIBUTES):
        total = model.bias(name) + sum(span.weight for span in spans if span.attribute == name)
        assert total == pytest.approx(logits[column], abs=1e-6)


def test_a_span_names_the_word_as_it_was_written(model: Classifier) -> None:
    text = "halo semua, dasar g.o.b.l.o.k lo"
    worst = max(model.explain(text, ["insult"]), key=lambda span: span.weight)
    assert text[worst.begin : worst.end] == "g.o.b.l.o.k"


def test_spans_stand_in_order_and_apart(model: Classifier) -> None:
    spans = model.explain("dasar anjiiiing lo @budi https://contoh.id/x 🔥🔥🔥🔥 ya", ["toxicity"])
    assert all(one.end <= other.begin for one, other in pairwise(spans))


def test_an_unknown_attribute_is_named(model: Classifier) -> None:
    with pytest.raises(ValueError, match="sarcasm"):
        model.explain("halo", ["sarcasm"])


def test_calibration_keeps_the_order_of_logits(model: Classifier) -> None:
    for name in ATTRIBUTES:
        scores = [model.calibrated(name, logit, 0.5) for logit in (-20.0, -1.0, 0.0, 1.0, 20.0)]
        assert scores == sorted(scores)


def test_the_version_comes_from_what_the_file_holds(model: Classifier) -> None:
    _, _, checksum = modelfile.read(DEFAULT)
    assert model.version == f"2026.11-{checksum[:8]}"


def test_evidence_is_given_for_each_attribute_and_language(model: Classifier) -> None:
    assert set(model.evidence) == set(ATTRIBUTES)
    for codes in model.evidence.values():
        assert set(codes) == {"id", "en"}
        assert set(codes.values()) <= {"good", "weak", "experimental"}
    assert model.evidence["threat"]["id"] == "experimental"


def test_thresholds_are_ordered_and_threats_are_never_rejected(model: Classifier) -> None:
    points = {(point.attribute, point.action): point.threshold for point in model.operating_points}
    assert ("threat", "reject") not in points
    for name in ATTRIBUTES:
        assert points.get((name, "reject"), 1.0) >= points.get((name, "flag"), 0.0)


def test_threads_share_one_model(model: Classifier) -> None:
    expected = model.predict_proba(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: model.predict_proba(TEXTS), range(40)):
            assert (scores == expected).all()


def test_a_saved_model_is_read_back_the_same(model: Classifier, tmp_path: Path) -> None:
    model.save(tmp_path / "m.safetensors")
    assert (tmp_path / "m.safetensors").read_bytes() == DEFAULT.read_bytes()
    assert classifier.load(tmp_path / "m.safetensors").version == model.version


def test_a_changed_byte_is_refused(tmp_path: Path) -> None:
    raw = bytearray(DEFAULT.read_bytes())
    raw[-1000] ^= 1
    (tmp_path / "m").write_bytes(raw)
    with pytest.raises(modelfile.ModelFileError, match="damaged"):
        classifier.load(tmp_path / "m")


@pytest.mark.parametrize("kept", [0, 4, 100, 5_000, 1_000_000])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    (tmp_path / "m").write_bytes(DEFAULT.read_bytes()[:kept])
    with pytest.raises(modelfile.ModelFileError):
        classifier.load(tmp_path / "m")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(modelfile.ModelFileError, match="nowhere"):
        classifier.load(tmp_path / "nowhere")


def test_another_format_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(1)}, tmp_path / "m", metadata={"format": "99"})
    with pytest.raises(modelfile.ModelFileError, match="99"):
        classifier.load(tmp_path / "m")


def test_a_file_without_the_arrays_is_refused(tmp_path: Path) -> None:
    modelfile.write(tmp_path / "m", {"table": np.zeros((2, 9), np.int16)}, {"attributes": [], "operating_points": []})
    with pytest.raises(modelfile.ModelFileError):
        classifier.load(tmp_path / "m")


def test_the_model_file_is_small() -> None:
    assert DEFAULT.stat().st_size <= 12_000_000


def test_serving_imports_neither_scikit_learn_nor_scipy() -> None:
    program = (
        "import sys, json, classifier; m = classifier.load(); m.predict(['halo']); m.explain('halo');"
        "print(json.dumps([name for name in ('sklearn', 'scipy', 'click', 'pooch', 'service', 'flask') if name in sys.modules]))"
    )
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(made.stdout) == []


def test_loading_is_quick() -> None:
    begun = time.perf_counter()
    classifier.load()
    assert time.perf_counter() - begun < 1.5  # about 0.05 s on a quiet machine
