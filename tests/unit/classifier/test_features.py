"""Training and serving read the same features; the transformers keep scikit-learn's rules."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_no_attributes_set_in_init, check_parameters_default_constructible

from classifier.features import GramCounts, LogCountRatios
from classifier.fold import fold_batch
from classifier.grams import BUCKETS, NONE, blocks_of, covers, stream_of, word_hash
from classifier.scale import CHUNK, chunks, gram_scale
from tests.unit.classifier.slow import gram_buckets, pattern_buckets, words_of

TEXTS = [
    "gue bunuh lo nanti malam",
    "",
    "!?",
    "a",
    "Terima kasih banyak, pak 🙏🙏",
    "you are a b.a.d person",
    "@budi https://contoh.id ok",
]


def buckets_of(text: str) -> list[int]:
    blocks = blocks_of(stream_of(fold_batch([text])))
    return sorted(int(at) for block in blocks for at in block.buckets if at != NONE)


@pytest.mark.parametrize("text", TEXTS)
def test_the_buckets_are_those_of_a_plain_implementation(text: str) -> None:
    words = words_of(text)
    assert buckets_of(text) == sorted(gram_buckets(words) + pattern_buckets(words) if words else [])


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_same_buckets_in_a_batch(text: str) -> None:
    at = TEXTS.index(text)
    blocks = blocks_of(stream_of(fold_batch(TEXTS)))
    found = [b for block in blocks for b in block.buckets[block.bounds[at] : block.bounds[at + 1]] if b != NONE]
    assert sorted(map(int, found)) == buckets_of(text)


def test_every_feature_covers_a_letter() -> None:
    stream = stream_of(fold_batch(["gue bunuh lo nanti malam, @budi"]))
    lettered = set(stream.at.tolist())
    for block, (first, last) in zip(blocks_of(stream), covers(stream, blocks_of(stream)), strict=True):
        for bucket, begin, end in zip(block.buckets, first, last, strict=True):
            assert (bucket == NONE) == (begin == end)
            assert bucket == NONE or lettered & set(range(begin, end))


def test_a_word_hashes_alike_wherever_it_stands() -> None:
    assert word_hash("anjing") == word_hash("anjing") != word_hash("gnijna")


def test_a_row_holds_scaled_counts() -> None:
    row = GramCounts().transform(["makan makan"])
    words = gram_buckets(["makan", "makan"])
    assert row.shape == (1, BUCKETS)
    assert row.sum() == pytest.approx(len(words) * gram_scale(np.array([len(words)]))[0], rel=1e-5)


def test_no_texts_give_no_rows() -> None:
    assert GramCounts().transform([]).shape == (0, BUCKETS)


def test_chunks_cover_all_texts_once() -> None:
    texts = ["x" * 1000] * 200 + ["y" * (CHUNK * 2)] + ["z"]
    ranges = list(chunks(texts))
    assert [i for begin, end in ranges for i in range(begin, end)] == list(range(len(texts)))


@pytest.mark.parametrize("estimator", [GramCounts(), LogCountRatios()], ids=lambda e: type(e).__name__)
def test_an_estimator_keeps_the_rules_of_its_kind(estimator: GramCounts | LogCountRatios) -> None:
    check_parameters_default_constructible(type(estimator).__name__, estimator)
    check_no_attributes_set_in_init(type(estimator).__name__, estimator)


def test_ratios_raise_what_is_more_frequent_in_positive_rows() -> None:
    counts = GramCounts().transform(["baik sekali", "buruk sekali"])
    ratios = LogCountRatios(smoothing=0.1).fit(counts, np.array([0.0, 1.0])).ratios_
    good, bad = (gram_buckets([word])[-1] for word in ("baik", "buruk"))
    assert ratios[bad] > 0 > ratios[good]


def test_the_transformers_work_in_a_pipeline() -> None:
    made = make_pipeline(GramCounts(), LogCountRatios()).fit_transform(["satu", "dua"], np.array([0.0, 1.0]))
    assert made.shape == (2, BUCKETS)
