"""How high scores are: what share of comments reaches a score, and the score that a share reaches.

So can a threshold of another service be told by what it holds. All at the attribute's declared base rate: the sets were gathered
for what is bad in them, and hold many times more of it than comments do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifier import assess
from classifier.assess import HELD_OUT, LEFT_OUT
from classifier.calibrate import BINS, STEPS, threshold_at_share
from classifier.datasets import ATTRIBUTES
from classifier.model import LANGUAGES, Classifier
from classifier.plots import curve

SHARES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001)


@dataclass(frozen=True)
class Quantiles:
    """scores: for each of SHARES the lowest threshold that no more of the comments reach. Over `sources` sources, `rows` rows.

    A score is None where more than that stand at the very top.
    """

    scores: tuple[float | None, ...]
    sources: int
    rows: int


Found = Mapping[tuple[str, str], Quantiles | None]


def quantiles(assessment: assess.Assessment, curves: assess.Floats) -> Found:
    """For each attribute and language; None where no source judges it.

    Over rows that the scoring model did not see, each source counting the same.
    """
    found: dict[tuple[str, str], Quantiles | None] = {}
    for name in ATTRIBUTES:
        fair = assess.fair(assessment, name)
        for language in LANGUAGES:
            parts = [assess.calibrated(part, curves) for part in fair if part.language == language]
            reached = [threshold_at_share(parts, share) for share in SHARES]
            scores = tuple(point.threshold if point else None for point in reached)
            rows = sum(len(part.labels) for part in parts)
            found[name, language] = Quantiles(scores, len(parts), rows) if parts else None
    return found


def report(model: Classifier, found: Found) -> str:
    """A Markdown table."""
    heads = ["attribute", "language", *(f"{share:.1%}".replace(".0%", "%") for share in SHARES), "sources", "rows"]
    lines = [f"Model {model.version}. The score that so large a share of comments reaches:", "", _row(heads)]
    lines.append("| --- | --- |" + " ---: |" * (len(heads) - 2))
    for (name, language), one in found.items():
        cells = [*map(_score, one.scores), str(one.sources), f"{one.rows:,}"] if one else [""] * (len(heads) - 2)
        lines.append(_row([name, language, *cells]))
    return "\n".join(lines)


def shares(model: Classifier) -> str:
    """A Markdown table of the share of comments at or above each tenth, from the figures in the model file.

    Of sources left out of the training; where an attribute has none in a language, of the held-out fifth, and said so.
    """
    heads = ["attribute", "language", *(f"≥ {number / BINS:g}" for number in range(1, BINS)), "judged on"]
    rows = [_row([name, code, *_shares_of(model, name, code)]) for name in ATTRIBUTES for code in LANGUAGES]
    return "\n".join([_row(heads), "| --- | --- |" + " ---: |" * (BINS - 1) + " --- |", *rows])


def _shares_of(model: Classifier, name: str, language: str) -> list[str]:
    for way in (LEFT_OUT, HELD_OUT):
        if bins := curve(model.about["figures"], name, language, way):
            above = [sum(part.share for part in bins if int(part.stated * BINS) >= place) for place in range(1, BINS)]
            return [*(_percent(share) for share in above), way.replace("source", "sources")]
    return [""] * (BINS - 1) + ["nothing"]


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.01 else f"{share:.2%}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _score(score: float | None) -> str:
    if score is None:
        return "1"
    return f"{score:.3f}" if score > 1 / STEPS else f"≤ {score:.3f}"
