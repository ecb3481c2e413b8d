"""How groups fare, on sentences of the templates in `sentences/` that were never trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifier import contrast
from classifier.contrast import LANGUAGES, Sentence

ATTRIBUTES = ("toxicity", "identity_attack")
LEAST_ROWS = 10  # of both kinds, for a group to be judged
PAIRS_BAR, AREA_BAR = 0.90, 0.85
AREAS = ("subgroup_auc", "bpsn_auc", "bnsp_auc")

Floats = NDArray[np.float64]
Figure = dict[str, Any]


class Scorer(Protocol):
    """What is judged: a `Classifier`, or what scores as it does."""

    @property
    def attributes(self) -> Sequence[str]:
        """Names of the columns."""

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (texts, attributes)."""


@dataclass(frozen=True)
class _Row:
    """A text that is scored. abusive: the row of the sentence whose harmless twin this is."""

    text: str
    language: str
    template: str
    groups: tuple[str, ...]
    labels: dict[str, int]
    abusive: int | None = None


def figures(model: Scorer) -> list[Figure]:
    """For each attribute and language, one figure of kind `pairs` and one of kind `group` for every group named.

    pairs: `share` of the `pairs` out of so many `templates` whose harmless twin scores below its abusive sentence (None
    without pairs). group: rows `abusive` and `harmless` that name it, and three areas under the ROC curve after Borkan and
    others 2019: subgroup_auc among those rows; bpsn_auc, its harmless rows against abusive ones that do not name it; and
    bnsp_auc, its abusive rows against such harmless ones. None for all three with under LEAST_ROWS rows of either kind.
    """
    rows = _rows(contrast.kept_out())
    scores = model.predict_proba([row.text for row in rows])
    found: list[Figure] = []
    for attribute in ATTRIBUTES:
        column = scores[:, list(model.attributes).index(attribute)]
        for language in LANGUAGES:
            place = {"attribute": attribute, "language": language}
            found.append({"kind": "pairs", **place, **_pairs(rows, column, attribute, language)})
            found += [{"kind": "group", **place, **figure} for figure in _groups(rows, column, attribute, language)]
    return found


def _rows(sentences: Iterable[Sentence]) -> list[_Row]:
    rows: list[_Row] = []
    for sentence in sentences:
        template = sentence.template
        rows.append(_Row(sentence.text, template.language, template.text, sentence.groups, dict(template.labels)))
        if template.twin and sentence.twin is not None:
            labels = dict(template.twin.labels)
            rows.append(
                _Row(sentence.twin, template.language, template.text, sentence.groups, labels, abusive=len(rows) - 1)
            )
    return rows


def _pairs(rows: Sequence[_Row], scores: Floats, attribute: str, language: str) -> Figure:
    """Pairs of the language whose labels of the attribute differ."""
    won: list[bool] = []
    templates: set[str] = set()
    for number, row in enumerate(rows):
        if row.abusive is None or row.language != language:
            continue
        if (rows[row.abusive].labels.get(attribute), row.labels.get(attribute)) == (1, 0):
            won.append(bool(scores[number] < scores[row.abusive]))
            templates.add(row.template)
    return {"share": sum(won) / len(won) if won else None, "pairs": len(won), "templates": len(templates)}


def _groups(rows: Sequence[_Row], scores: Floats, attribute: str, language: str) -> list[Figure]:
    known = [n for n, row in enumerate(rows) if row.language == language and attribute in row.labels]
    labels = np.array([rows[n].labels[attribute] for n in known], dtype=np.bool_)
    names = sorted({group for n in known for group in rows[n].groups})
    of = [np.array([name in rows[n].groups for n in known]) for name in names]
    return [{"group": name, **_areas(scores[known], labels, inside)} for name, inside in zip(names, of, strict=True)]


def _areas(scores: Floats, labels: NDArray[np.bool_], inside: NDArray[np.bool_]) -> Figure:
    abusive, harmless = int((inside & labels).sum()), int((inside & ~labels).sum())
    counts = {"abusive": abusive, "harmless": harmless}
    if min(abusive, harmless) < LEAST_ROWS:
        return counts | dict.fromkeys(AREAS)
    chosen = (inside, inside != labels, inside == labels)
    return counts | {area: _area(scores[rows], labels[rows]) for area, rows in zip(AREAS, chosen, strict=True)}


def _area(scores: Floats, labels: NDArray[np.bool_]) -> float | None:
    """None when every such row names the group, so that there is no background."""
    return float(roc_auc_score(labels, scores)) if labels.any() and not labels.all() else None


def report(figures: Sequence[Figure]) -> str:
    """Figures as Markdown: a table of both bars, then one of groups, for each attribute and language.

    Groups with too few rows are named under the second table.
    """
    head = "| attribute | language | twins below | pairs | templates | lowest subgroup AUC | groups judged |"
    lines = [head, "|" + " --- |" * 7, *(_summary(figures, pairs) for pairs in figures if pairs["kind"] == "pairs")]
    lines.append(f"\nBars: twins below >= {PAIRS_BAR:.2f}, lowest subgroup AUC >= {AREA_BAR:.2f} in both languages.")
    for pairs in (figure for figure in figures if figure["kind"] == "pairs"):
        lines += _table(pairs, _alike(figures, pairs))
    return "\n".join(lines)


def _alike(figures: Sequence[Figure], pairs: Figure) -> list[Figure]:
    place = (pairs["attribute"], pairs["language"])
    return [f for f in figures if f["kind"] == "group" and (f["attribute"], f["language"]) == place]


def _summary(figures: Sequence[Figure], pairs: Figure) -> str:
    judged = [group for group in _alike(figures, pairs) if group["subgroup_auc"] is not None]
    worst = min(judged, key=lambda group: group["subgroup_auc"], default=None)
    lowest = f"{_barred(worst['subgroup_auc'], AREA_BAR)} ({worst['group']})" if worst else "-"
    share = "-" if pairs["share"] is None else _barred(pairs["share"], PAIRS_BAR)
    cells = (pairs["attribute"], pairs["language"], share, pairs["pairs"], pairs["templates"], lowest, len(judged))
    return _line(cells)


def _barred(figure: float, bar: float) -> str:
    return f"{figure:.3f}" if figure >= bar else f"**{figure:.3f}** (under the bar)"


def _table(pairs: Figure, groups: Sequence[Figure]) -> list[str]:
    judged = [group for group in groups if group["subgroup_auc"] is not None]
    few = [f"{g['group']} ({g['abusive']}/{g['harmless']})" for g in groups if g["subgroup_auc"] is None]
    lines = [f"\n{pairs['attribute']}, {pairs['language']}:"]
    if judged:
        lines += ["\n| group | abusive | harmless | subgroup AUC | BPSN AUC | BNSP AUC |", "|" + " --- |" * 6]
    for group in sorted(judged, key=lambda group: group["subgroup_auc"]):
        areas = ("-" if group[area] is None else f"{group[area]:.3f}" for area in AREAS)
        lines.append(_line((group["group"], group["abusive"], group["harmless"], *areas)))
    if few:
        lines.append(f"\nToo few rows, under {LEAST_ROWS} abusive or harmless (abusive/harmless): {', '.join(few)}.")
    return lines


def _line(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
