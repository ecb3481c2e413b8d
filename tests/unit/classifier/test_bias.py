"""Figures of bias are what a model with known scores must get."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import bias, contrast
from classifier.contrast import Sentence, Template


@dataclass(frozen=True)
class Standin:
    """A model that scores every attribute by a rule of the text."""

    rule: Callable[[str], float]
    attributes: tuple[str, ...] = ("insult", "toxicity", "identity_attack")

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The rule's figure in each column; the first column is noise."""
        column = np.array([self.rule(text) for text in texts])
        return np.column_stack([1 - column, column, column])


def pairs_of(group: str, pairs: int = 10, language: str = "en") -> Iterator[Sentence]:
    """Abusive sentences about a group with their twins; `bad` and `good` tell them apart."""
    twin = Template(language, "good {groups}", dict.fromkeys(contrast.NAMES, 0), {}, kept_out=True)
    labels = {"toxicity": 1, "identity_attack": 1}
    template = Template(language, f"bad {group}", labels, {}, kept_out=True, twin=twin)
    for number in range(pairs):
        yield Sentence(template, f"bad {group} {number}", (group,), f"good {group} {number}")


def figures_of(monkeypatch: pytest.MonkeyPatch, sentences: list[Sentence], rule: Callable[[str], float]) -> list[dict]:
    """Figures over these sentences in place of those kept out."""
    monkeypatch.setattr(contrast, "kept_out", lambda: iter(sentences))
    return bias.figures(Standin(rule))


def one(figures: list[dict], **wanted: str) -> dict:
    """The only figure that is so."""
    (found,) = [figure for figure in figures if wanted.items() <= figure.items()]
    return found


def test_a_model_that_sees_only_the_group_wins_no_pair_and_guesses_within_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [*pairs_of("deaf"), *pairs_of("hindu")]
    found = figures_of(monkeypatch, sentences, lambda text: 0.9 if "hindu" in text else 0.1)
    pairs = one(found, kind="pairs", attribute="toxicity", language="en")
    assert (pairs["share"], pairs["pairs"], pairs["templates"]) == (0, 20, 2)
    hindu = one(found, group="hindu", attribute="toxicity")
    assert [hindu[area] for area in bias.AREAS] == [0.5, 0, 1]
    deaf = one(found, group="deaf", attribute="identity_attack")
    assert [deaf[area] for area in bias.AREAS] == [0.5, 1, 0]


def test_a_model_that_sees_only_the_abuse_is_right_about_every_group(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [*pairs_of("deaf"), *pairs_of("hindu"), *pairs_of("papuan", language="id")]
    found = figures_of(monkeypatch, sentences, lambda text: float(text.startswith("bad")))
    assert one(found, kind="pairs", attribute="toxicity", language="id")["pairs"] == 10
    assert one(found, kind="pairs", attribute="toxicity", language="en")["share"] == 1
    assert [one(found, group="hindu", attribute="toxicity")[area] for area in bias.AREAS] == [1, 1, 1]
    assert "papuan" not in {figure.get("group") for figure in found if figure["language"] == "en"}


def test_the_share_counts_pairs_and_a_tie_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = {"bad deaf 0": 0.9, "bad deaf 1": 0.8, "bad deaf 2": 0.2, "good deaf 3": 0.4}
    found = figures_of(monkeypatch, list(pairs_of("deaf", 4)), lambda text: rule.get(text, 0.2))
    assert one(found, kind="pairs", attribute="toxicity", language="en")["share"] == 0.5


def test_a_pair_counts_only_where_its_labels_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = Template("en", "good", {"toxicity": 0}, {}, kept_out=True)
    template = Template("en", "bad", {"toxicity": 1, "identity_attack": 0}, {}, kept_out=True, twin=twin)
    found = figures_of(monkeypatch, [Sentence(template, "bad", (), "good")], lambda text: float(text == "bad"))
    assert one(found, kind="pairs", attribute="toxicity", language="en")["share"] == 1
    assert one(found, kind="pairs", attribute="identity_attack", language="en")["share"] is None


def test_a_group_with_too_few_rows_is_named_and_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [*pairs_of("deaf"), *pairs_of("hindu", 9)]
    found = figures_of(monkeypatch, sentences, lambda text: float(text.startswith("bad")))
    assert one(found, group="hindu", attribute="toxicity")["subgroup_auc"] is None
    assert "hindu (9/9)" in bias.report(found)
    assert "| deaf | 10 | 10 | 1.000 | 1.000 | 1.000 |" in bias.report(found)


def test_the_report_marks_what_is_under_its_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [*pairs_of("deaf"), *pairs_of("hindu")]
    found = figures_of(monkeypatch, sentences, lambda text: 0.1 if text.startswith("good") or "deaf" in text else 0.9)
    summary = "| toxicity | en | **0.500** (under the bar) | 20 | 2 | **0.500** (under the bar) (deaf) | 2 |"
    assert summary in bias.report(found).splitlines()


def test_figures_over_the_sentences_kept_out_are_plain_json() -> None:
    found = bias.figures(Standin(len))
    assert json.loads(json.dumps(found)) == found
    judged = {figure["language"] for figure in found if figure["kind"] == "pairs" and figure["pairs"]}
    assert judged == {"id", "en"}
