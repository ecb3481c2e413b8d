"""How much of the second reader is added to the first, and what both are worth together on sources that neither has seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifier import assess
from classifier.assess import Assessment, Scored
from classifier.datasets import ATTRIBUTES, Corpus
from classifier.model import LANGUAGES
from classifier.reader.left_out import LeftOut, logits_of

SHARES = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Parts that are tried."""

PRIOR = 2.0
LEAST = 0.001  # of ROC-AUC, below which a change is chance

Floats = NDArray[np.float64]
Figure = Mapping[str, object]


@dataclass(frozen=True)
class Both:
    """One attribute on rows of one source: the first reader's part and the second's logits of the same rows."""

    first: Scored
    second: Floats

    @cached_property
    def areas(self) -> Floats:
        """ROC-AUC with each of SHARES."""
        return np.array([self.area(share) for share in SHARES])

    @property
    def gains(self) -> Floats:
        """What each of SHARES changes in ROC-AUC, as a part of the largest change; less than that where all are below LEAST."""
        changes = self.areas - self.areas[0]
        return np.asarray(changes / max(float(np.abs(changes).max()), LEAST))

    def area(self, part: float) -> float:
        """ROC-AUC with so much of the second reader."""
        return float(roc_auc_score(self.first.labels, self.first.logits + part * self.second))

    def stacked(self, parts: Floats) -> Scored:
        """Both together. parts: shape (attributes, languages)."""
        return replace(self.first, logits=self.first.logits + self.part_of(parts) * self.second)

    def part_of(self, parts: Floats) -> float:
        """What `parts` say for its attribute and language."""
        return float(parts[ATTRIBUTES.index(self.first.attribute), LANGUAGES.index(self.first.language)])


def paired(
    parts: Iterable[Scored], corpus: Corpus, kept: LeftOut, held_rows: NDArray[np.bool_] | None = None
) -> list[Both]:
    """Each of the first reader's parts with the second's logits. held_rows: of the corpus, when the parts are of those."""
    found = []
    for part in parts:
        rows = assess.judged_rows(corpus, ATTRIBUTES.index(part.attribute)) & (corpus.sources == part.source)
        if held_rows is not None:
            rows &= held_rows
        at = np.flatnonzero(rows)
        found.append(Both(part, logits_of(kept, corpus, at, part.attribute, held=held_rows is not None)))
    return found


def chosen_parts(pairs: Sequence[Both], without: str = "") -> Floats:
    """How much of the second reader to add, shape (attributes, languages): the share with the highest mean gain in ROC-AUC.

    A gain is counted as a part of the largest change that any share makes on that source, so that one source on which much is to
    be won does not choose for all. The mean is over an attribute's sources of a language and PRIOR sources that do as all
    attributes' sources of that language do on average: few sources alone would choose by chance. An attribute that no source
    judges gets nothing. without: a source that must not be looked at.
    """
    parts = np.zeros((len(ATTRIBUTES), len(LANGUAGES)))
    judged = {pair.first.attribute for pair in pairs}
    for place, code in enumerate(LANGUAGES):
        gains: dict[str, list[Floats]] = {}
        for pair in pairs:
            if pair.first.language == code and pair.first.source != without:
                gains.setdefault(pair.first.attribute, []).append(pair.gains)
        every = [gain for some in gains.values() for gain in some]
        for column, name in enumerate(ATTRIBUTES):
            if every and name in judged:
                own = gains.get(name, [])
                mean = np.sum([*own, PRIOR * np.mean(every, axis=0)], axis=0) / (len(own) + PRIOR)
                parts[column, place] = SHARES[int(np.argmax(mean))]
    return parts


def stacked(left: Sequence[Both], held: Sequence[Both], parts: Floats) -> Assessment:
    """The assessment of both readers together."""
    return Assessment(tuple(pair.stacked(parts) for pair in left), tuple(pair.stacked(parts) for pair in held))


def figures(left: Sequence[Both]) -> list[dict[str, object]]:
    """ROC-AUC of each attribute on each source left out: first, second, both; the parts chosen without looking at that source."""
    found: list[dict[str, object]] = []
    for pair in left:
        strict = pair.part_of(chosen_parts(left, without=pair.first.source))
        found.append(
            {
                "attribute": pair.first.attribute,
                "source": pair.first.source,
                "language": pair.first.language,
                "first": round(pair.area(0.0), 4),
                "second": round(float(roc_auc_score(pair.first.labels, pair.second)), 4),
                "both": round(pair.area(strict), 4),
            }
        )
    return found


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """The figures by source, then their means, as Markdown."""
    lines = ["| attribute | language | source | first reader | second reader | both | more |", "|" + " --- |" * 7]
    ordered = sorted(
        rows, key=lambda row: (ATTRIBUTES.index(str(row["attribute"])), str(row["language"]), str(row["source"]))
    )
    lines += [_line(row["attribute"], row["language"], row["source"], [row]) for row in ordered]
    for name in ATTRIBUTES:
        for code in LANGUAGES:
            some = [row for row in rows if row["attribute"] == name and row["language"] == code]
            lines += [_line(name, code, f"**mean of {len(some)}**", some)] if some else []
    for code in LANGUAGES:
        some = [row for row in rows if row["language"] == code]
        lines += [_line("**all**", code, f"**mean of {len(some)}**", some)] if some else []
    return "\n".join(lines)


def eight_bits_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Means over sources by attribute, then over all."""
    lines = ["| attribute | sources | single precision | served | difference |", "|" + " --- |" * 5]
    for name in (*ATTRIBUTES, "**all**"):
        some = [row for row in rows if name in (row["attribute"], "**all**")]
        if some:
            exact, served = mean(row["float"] for row in some), mean(row["served"] for row in some)
            lines.append(f"| {name} | {len(some)} | {exact:.4f} | {served:.4f} | {served - exact:+.4f} |")
    return "\n".join(lines)


def _line(name: object, language: object, source: object, rows: Sequence[Mapping[str, object]]) -> str:
    first, second, both = (
        float(np.mean([float(str(row[key])) for row in rows])) for key in ("first", "second", "both")
    )
    return f"| {name} | {language} | {source} | {first:.3f} | {second:.3f} | {both:.3f} | {both - first:+.3f} |"
