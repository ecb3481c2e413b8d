"""What the first reader learns from an encoder: nothing where it has nothing to say, and what labels lack where it has."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.datasets import ATTRIBUTES, AUTHORED, Corpus, keys_of
from classifier.learning import CHOSEN, Prepared, Recipe, fit, prepare, score
from classifier.reader.lessons import LESSONS, Gain, gain_of, gains, table
from classifier.soft import GROUPS, Teacher, gathered

TOXICITY = ATTRIBUTES.index("toxicity")
RUDE, KIND = ("zorblat", "quimpex", "vyndol", "drubbik"), ("hallemi", "sovento", "pirrace", "matungo")
SOURCES = ("en_one", "en_two", "id_three")


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    """Sentences of three sources: rude ones have a rude word, of which the first two sources label but half."""
    texts, labels, sources = [], [], []
    for number in range(600):
        rude = number % 2 == 0
        words = RUDE if rude else KIND
        source = SOURCES[number % 3]
        word = words[(number // 6) % 4]
        known = source == "id_three" or word in (RUDE[:2] + KIND[:2])
        texts.append(f"{word} nomor {number} {word}")
        labels.append(float(rude) if known else np.nan)
        sources.append(source)
    known_of = np.full((len(texts), len(ATTRIBUTES)), np.nan)
    known_of[:, TOXICITY] = labels
    ones = np.ones_like(known_of)
    languages = np.array([source[:2] for source in sources])
    corpus = Corpus(tuple(texts), np.array(sources), np.array([""] * 600), languages, known_of, ones, ones == 1)
    return prepare(corpus)


def truth(prepared: Prepared) -> np.ndarray:
    """What an encoder would say that knows all rude words."""
    return np.array([0.95 if any(word in text for word in RUDE) else 0.05 for text in prepared.corpus.texts])


def rows(prepared: Prepared) -> np.ndarray:
    return prepared.corpus.sources != "id_three"


@pytest.mark.parametrize("lesson", [replace(CHOSEN, mixed=0.0, unlabelled=0.0), CHOSEN])
def test_an_encoder_that_says_nothing_changes_nothing(prepared: Prepared, lesson: Recipe) -> None:
    nothing = np.full(len(prepared.corpus.texts), np.nan)
    plain = fit(prepared, TOXICITY, rows(prepared))
    taught = fit(prepared, TOXICITY, rows(prepared), lesson, nothing)
    assert score(prepared, taught, rows(prepared)) == pytest.approx(score(prepared, plain, rows(prepared)), abs=0.02)


def test_an_encoder_that_says_what_the_labels_say_weighs_nothing(prepared: Prepared) -> None:
    plain = fit(prepared, TOXICITY, rows(prepared))
    same = prepared.corpus.labels[:, TOXICITY]
    taught = fit(prepared, TOXICITY, rows(prepared), LESSONS[0], same)
    assert score(prepared, taught, rows(prepared)) == pytest.approx(score(prepared, plain, rows(prepared)), abs=0.02)


def test_words_without_labels_are_learned_from_the_encoder(prepared: Prepared) -> None:
    gain = gain_of(prepared, TOXICITY, "id_three", truth(prepared))
    labels_alone, unlabelled_too = gain.taught
    assert LESSONS[1].unlabelled > LESSONS[0].unlabelled == 0
    assert gain.plain < 0.9
    assert labels_alone < 0.9
    assert unlabelled_too == 1.0


@pytest.mark.parametrize("right", [True, False])
def test_each_source_is_left_out_with_the_encoder_that_has_not_seen_it(prepared: Prepared, right: bool) -> None:
    named = {"en_one": GROUPS[0][2], "en_two": GROUPS[3][0], "id_three": GROUPS[2][2]}
    sources = np.array([named[source] for source in prepared.corpus.sources])
    own = ~np.isnan(prepared.corpus.labels)
    here = replace(prepared, corpus=replace(prepared.corpus, sources=sources, own=own))
    rows, logits, told = [], [], []
    for group in GROUPS:
        rows.append(np.flatnonzero(~np.isin(sources, group)))
        sign = 1 if (named["id_three"] in group) == right else -1  # all others say the contrary
        known = sign * (2 * (truth(prepared)[rows[-1]] > 0.5) - 1)
        logits.append(np.repeat(3.0 * known[:, None], len(ATTRIBUTES), axis=1).astype(np.float32))
    teacher = Teacher(gathered(keys_of(here.corpus.texts), rows, logits), here.corpus.texts)
    found = {gain.source: gain for gain in gains(here, teacher, told.append)}
    assert set(found) == set(named.values())
    assert len(told) == 3
    gain = found[named["id_three"]]
    assert gain.taught[1] == 1.0 if right else gain.taught[1] < gain.plain


def test_an_encoder_that_is_wrong_is_learned_too(prepared: Prepared) -> None:
    gain = gain_of(prepared, TOXICITY, "id_three", 1 - truth(prepared))
    assert gain.taught[1] < gain.plain


def test_written_sentences_keep_the_weight_that_they_have(prepared: Prepared) -> None:
    sources = np.where(prepared.corpus.sources == "en_two", AUTHORED, prepared.corpus.sources)
    written = replace(prepared, corpus=replace(prepared.corpus, sources=sources))
    plain = fit(written, TOXICITY, rows(prepared))
    taught = fit(written, TOXICITY, rows(prepared), CHOSEN, np.full(600, np.nan))
    assert score(written, taught, rows(prepared)) == pytest.approx(score(written, plain, rows(prepared)), abs=0.02)


def test_the_table_has_each_source_and_the_means_of_each_language() -> None:
    found = [
        Gain("toxicity", "en_one", 0.8, (0.81, 0.79)),
        Gain("insult", "en_one", 0.7, (0.73, 0.7)),
        Gain("toxicity", "id_three", 0.6, (0.6, 0.61)),
    ]
    lines = table(found).splitlines()
    assert lines[2] == "| toxicity | en_one | 0.800 | +0.0100 | -0.0100 |"
    assert lines[-2:] == [
        "| **all** | **mean of 1, id** | 0.600 | +0.0000 | +0.0100 |",
        "| **all** | **mean of 2, en** | 0.750 | +0.0200 | -0.0050 |",
    ]
