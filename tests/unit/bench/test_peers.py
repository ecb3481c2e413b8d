"""The table of peers: what stands in it, and what is computed again."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bench import peers, plain
from bench.areas import Resampled
from classifier.datasets import ATTRIBUTES, AUTHORED

SOURCES = ("en_davidson_twitter", "en_gab_ghc", "id_netifier")


EACH = 24


def some_rows(first: str = "fool 0") -> peers.Rows:
    """Three sources, half of each abusive."""
    sources = np.repeat(SOURCES, EACH)
    labels = np.tile([1.0, 0.0], len(sources) // 2)
    texts = [f"{'fool' if label else 'thanks'} {at}" for at, label in enumerate(labels)]
    return peers.Rows((first, *texts[1:]), sources, labels, {source: sources == source for source in SOURCES})


def answers(rows: peers.Rows, cache: Path) -> tuple[dict[str, np.ndarray], list[str]]:
    said: list[str] = []
    return peers.plain_logits(rows, cache, said.append), said


def compared(source: str, **values: float) -> peers.Compared:
    found = {name.replace("_", "-"): Resampled(value, np.full(3, value)) for name, value in values.items()}
    return peers.Compared(source, source[:2], np.array([0.0, 1.0]), found)


def test_the_plain_way_is_never_taught_our_own_sentences_nor_rows_without_a_label() -> None:
    names = np.array([SOURCES[0], AUTHORED, SOURCES[0], SOURCES[1]])
    labels = np.full((4, len(ATTRIBUTES)), np.nan)
    labels[[0, 1, 3], peers.TOXICITY] = [1, 1, 0]
    corpus = SimpleNamespace(texts=("a", "b", "c", "d"), sources=names, labels=labels)
    rows = peers.known_rows(corpus, {SOURCES[1]: names == SOURCES[1]})
    assert rows.texts == ("a", "d")
    assert rows.labels.tolist() == [1, 0]
    assert rows.asked[SOURCES[1]].tolist() == [False, True]


def test_the_plain_way_is_not_taught_the_source_that_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[set[str]] = []

    def watched(_counts: object, _labels: np.ndarray, rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
        taught.append(set(some_rows().sources[rows]))
        return np.zeros(asked.sum())

    monkeypatch.setattr(plain, "logits", watched)
    answers(some_rows(), tmp_path)
    assert taught == [set(SOURCES) - {source} for source in SOURCES]


def test_what_was_answered_is_not_computed_again(tmp_path: Path) -> None:
    first, said = answers(some_rows(), tmp_path)
    again, nothing = answers(some_rows(), tmp_path)
    assert len(said) == 1 + len(SOURCES)
    assert nothing == []
    assert all((first[source] == again[source]).all() for source in SOURCES)


def test_a_source_whose_answers_are_missing_is_computed_alone(tmp_path: Path) -> None:
    answers(some_rows(), tmp_path)
    next(tmp_path.glob("id_netifier-*.npz")).unlink()
    assert answers(some_rows(), tmp_path)[1][1:] == ["plain without id_netifier"]


def test_another_text_makes_other_answers(tmp_path: Path) -> None:
    answers(some_rows(), tmp_path)
    assert len(answers(some_rows(first="another fool"), tmp_path)[1]) == 1 + len(SOURCES)


def test_a_source_that_a_package_was_taught_on_is_marked() -> None:
    rows = [
        compared("en_davidson_twitter", ours=0.8, plain=0.7, alt_profanity_check=0.98, abusify_id=0.5),
        compared("en_gab_ghc", ours=0.8, plain=0.78, alt_profanity_check=0.7, abusify_id=0.5),
    ]
    davidson, gab = peers.report(rows).splitlines()[2:4]
    assert "0.980 (0.980 to 0.980)† |" in davidson
    assert "†" not in gab


def test_a_package_is_judged_where_it_was_not_taught_and_ours_by_the_mean() -> None:
    rows = [
        compared("en_davidson_twitter", ours=0.8, plain=0.7, alt_profanity_check=0.98, abusify_id=0.5),
        compared("en_gab_ghc", ours=0.8, plain=0.78, alt_profanity_check=0.7, abusify_id=0.9),
        compared("id_netifier", ours=0.7, plain=0.68, alt_profanity_check=0.9, abusify_id=0.71),
    ]
    english, indonesian, alt, abusify = peers.verdicts(rows)
    assert "+0.060 (+0.060 to +0.060); wanted above +0.030: met" in english
    assert "**not met**" in indonesian
    assert "davidson" not in alt
    assert alt.endswith("wanted above +0.000: met")
    assert "id_netifier -0.010" in abusify
    assert abusify.endswith("**not met**")
