"""Training and serving read the same features; the transformers keep scikit-learn's rules."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator, check_parameters_default_constructible

from classifier.features import GramCounts, LogCountRatios
from classifier.fold import fold_batch
from classifier.grams import BUCKETS, NONE, blocks_of, covers
from classifier.lexicon import classes
from classifier.scale import CHUNK, chunks, gram_scale
from classifier.slang import standard_words
from classifier.stream import stream_of
from classifier.words import word_hash
from tests.unit.classifier.slow import gram_buckets, pattern_buckets, words_of

TEXTS = [
    "gue bunuh lo nanti malam",
    "",
    "!?",
    "a",
    "Terima kasih banyak, pak 🙏🙏",
    "you are a b.a.d person",
    "@budi https://contoh.id ok",
    "gw gk tau sih, lu emang goblog bgt",
    "As a Muslim woman, orang2 Papua dan Jawa",
    "wa 081234567890 main di gacor77, depo 10 rb @budi https://contoh.id",
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
    lettered = set(stream.worded.nonzero()[0].tolist())
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


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # of checks that want pandas or an array API
def test_the_ratios_pass_every_check_of_scikit_learn() -> None:
    done = check_estimator(LogCountRatios(), on_fail="raise")
    assert sum(check["status"] == "passed" for check in done) > 30


def test_the_counts_say_that_they_read_texts_and_learn_nothing() -> None:
    tags = get_tags(GramCounts())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert not tags.requires_fit
    check_parameters_default_constructible("GramCounts", GramCounts())


def test_ratios_raise_what_is_more_frequent_in_positive_rows() -> None:
    counts = GramCounts().transform(["baik sekali", "buruk sekali"])
    ratios = LogCountRatios(smoothing=0.1).fit(counts, np.array([0.0, 1.0])).ratios_
    good, bad = (gram_buckets([word])[-1] for word in ("baik", "buruk"))
    assert ratios[bad] > 0 > ratios[good]


def test_the_transformers_work_in_a_pipeline() -> None:
    made = make_pipeline(GramCounts(), LogCountRatios()).fit_transform(["satu", "dua"], np.array([0.0, 1.0]))
    assert made.shape == (2, BUCKETS)


def test_abbreviations_count_as_the_words_they_stand_for() -> None:
    words = blocks_of(stream_of(fold_batch(["gw gk bisa", "gue tidak bisa"])))[-2]
    first, second = (words.buckets[words.bounds[at] : words.bounds[at + 1]].tolist() for at in (0, 1))
    assert first == second


def test_which_group_is_named_is_not_read() -> None:
    first, second = (buckets_of(f"semua {group} itu baik") for group in ("Muslim", "Kristen"))
    assert first == second
    assert first != buckets_of("semua tetangga itu baik")


def test_every_classed_word_is_a_standard_word() -> None:
    assert not classes().keys() & standard_words().keys()


def words_block(text: str) -> list[int]:
    block = blocks_of(stream_of(fold_batch([text])))[-2]
    return block.buckets.tolist()


def test_swapped_letters_and_digits_for_letters_leave_the_words_of_a_text() -> None:
    plain = "perpustakaan menerima kunjungan sekolah"
    assert words_block("perpsutakaan menreima knujungan seoklah") == words_block(plain)
    assert words_block("perpu5takaan meneriim4 kunjung4n sek0lah") != words_block(plain)
    assert words_block("perpu5takaan m3n3rima kunjung4n sek0lah") == words_block(plain)


def test_a_word_without_its_vowels_shares_a_feature_with_it() -> None:
    plain, dropped = (set(words_block(word)) - {NONE} for word in ("perpustakaan", "prpstkn"))
    assert len(plain & dropped) == 1


def test_a_number_is_no_word() -> None:
    assert not set(words_block("8085")) & set(words_block("boas")) - {NONE}
