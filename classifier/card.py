"""The model card, written from the model: every figure in it was computed when the model was trained."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from classifier.calibrate import BASE_RATES
from classifier.datasets import SOURCES
from classifier.model import LANGUAGES, Classifier

_INTENDED = """\
Scores comments in Indonesian and English for eight attributes, so that a policy and a person can decide what to do.
It ranks; it does not understand. Use it to sort a queue and to hold back the plainest cases. Do not use it to judge
people, to score anything but short public comments, or where nobody can look at its decisions and undo them.

One linear model for each attribute over hashed letter and word n-grams of the text after disguises are undone
(styled letters, look-alikes, signs between letters, digits for letters, repeated letters), with word classes written by
hand. Logits are calibrated to a declared base rate (below), so a score is a frequency where comments are like that."""

_LICENCES = """\
The texts are not in this repository and can't be read back from the weights, which are sums over hashed n-grams. But the
weights are made from them: **two of the sets forbid commercial use (CC BY-NC-SA 4.0), and several state no licence.**
Whether that binds a model trained on them is not settled; whoever uses the shipped model commercially should ask,
or retrain without those sets (leave their folders out)."""

_LIMITS = """\
- Insinuation, irony, and hate without a rude word are mostly missed.
- Threats: hardly any labelled row in English, none in Indonesian: the attribute rests on patterns and sentences written by
  hand, and is marked experimental there. Never reject by it alone.
- Twitter's share of the rows is large and collected by rude words; friendly use of such words, in African-American
  English and in Indonesian slang, is scored too high (bias of the labels).
- Insulting words for people and neutral names of groups are told apart by written contrast, not by understanding.
- Javanese, Sundanese and other languages of Indonesia are read as Indonesian, Malay too. Anything else is `und`, and its
  scores mean little.
- A rude word in a very long comment weighs less than in a short one.
- The base rates are declared, not measured: where comments differ, thresholds need setting anew (the desk shows how).
- Figures on held-out rows of the same source flatter; those on a left-out source are what to expect elsewhere. Indonesian
  has two sources for toxicity, so leaving one out leaves little."""


_EVERYDAY = """\
Share of comments below videos, adverts for gambling aside, at or above each default threshold. They carry no label but that;
by far most are harmless."""

_AUTHORED = """\
Rows after duplicates are dropped, positive of known. `authored` are sentences written for this project (contrast.txt),
trained on and never judged by."""

_STANDING = """\
Evidence for each attribute and language: *good* (two sources or more, mean ROC-AUC of .75 or more when left out), *weak*
(less), *experimental* (too few labelled rows to judge by)."""

_THRESHOLDS = """\
Chosen on sources left out of the training, after the correction to the base rate; on the held-out fifth where a source is
the only one of its language. Precision is the median over those sources: in sets about hate, rude comments that are not hate
are labelled 0, which pulls down what such a source says of toxicity; `pooled` is over all of them together, and lower. Recall
and share of comments shown are means. All are at the declared base rate. Flags aim at a precision of .5 (.33 where the
attribute is rare), rejections at .95; nothing below .10 is flagged and threats are never rejected. An attribute without a row
has no default."""

_FIGURES = """\
Rows scored by models that did not see them: the whole source left out, or a fifth of each source held out. AP is average
precision, ECE the expected calibration error after correction to the base rate. A source that is the only one of its language
for an attribute says little when left out: the model then has nothing to learn that language from."""

_RETRAINING = """\
`python -m classifier data`, then `python -m classifier train`: the same sets give the same bytes with the same versions of
numpy, scipy and scikit-learn on the same kind of processor."""


def card(model: Classifier) -> str:
    """The card as Markdown."""
    sections = (
        (
            f"# Model card: Saring comment classifier {model.version}",
            "Written by `python -m classifier card` from the model file.",
        ),
        ("## What it is for", _INTENDED),
        ("## Where it stands", _STANDING, evidence_table(model)),
        ("## Thresholds", _THRESHOLDS, points_table(model), _literal(model), f"Declared base rates: {_rates()}."),
        (
            "## Figures",
            _FIGURES,
            "`python -m classifier evaluate --leave-one-source-out` prints:",
            figures_table(model.about["figures"]),
        ),
        ("## Everyday comments", _EVERYDAY, everyday_table(model.about["everyday"])),
        ("## Data", _LICENCES, _sources_table(), _AUTHORED, counts_table(model)),
        ("## Limits", _LIMITS),
        ("## Retraining", _RETRAINING),
    )
    return "\n\n".join(part for section in sections for part in section) + "\n"


def _rates() -> str:
    return ", ".join(f"{name} {rate:g}" for name, rate in BASE_RATES.items())


def evidence_table(model: Classifier) -> str:
    """How well each attribute is supported in each language."""
    rows = [[name, *(codes[code] for code in LANGUAGES)] for name, codes in model.evidence.items()]
    return _table(["attribute", *LANGUAGES], rows)


def points_table(model: Classifier) -> str:
    """Operating points."""
    return _table(
        ["attribute", "action", "threshold", "precision", "pooled", "recall", "share"],
        [list(asdict(p).values()) for p in model.operating_points],
    )


def _literal(model: Classifier) -> str:
    """The same as a Python literal: attribute -> (flag, reject)."""
    lines = []
    for name in model.attributes:
        found = {point.action: point.threshold for point in model.operating_points if point.attribute == name}
        lines.append(f'    "{name}": ({found.get("flag")}, {found.get("reject")}),')
    return "```python\nTHRESHOLDS = {  # attribute: (flag, reject)\n" + "\n".join(lines) + "\n}\n```"


def figures_table(figures: Iterable[Any]) -> str:
    """Figures of `evaluate`: both ways of leaving out side by side."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for figure in figures:
        found.setdefault((figure["attribute"], figure["source"]), {})[figure["way"]] = figure
    rows = []
    for (attribute, source), ways in found.items():
        whole, fifth = ways.get("source left out"), ways.get("fifth held out")
        rows.append([attribute, source, *_cells(whole), *_cells(fifth)])
    head = [
        "attribute",
        "source",
        *(f"{way}: {name}" for way in ("left out", "held out") for name in ("rows", "positive", "AUC", "AP", "ECE")),
    ]
    return _table(head, rows)


def _cells(figure: dict[str, Any] | None) -> list[Any]:
    keys = ("rows", "positives", "auc", "average_precision", "calibration_error")
    return [figure[key] for key in keys] if figure else ["-"] * len(keys)


def everyday_table(shares: Iterable[Any]) -> str:
    """Shares of everyday comments at or above the default thresholds."""
    return _table(
        ["attribute", "source", "rows", "flag", "reject"],
        [[s["attribute"], s["source"], s["rows"], s["flag"], s["reject"]] for s in shares],
    )


def _sources_table() -> str:
    rows = [[s.name, s.language, s.platform, s.licence, s.mapping] for s in SOURCES]
    return _table(["source", "language", "platform", "licence", "what its labels are taken for"], rows)


def counts_table(model: Classifier) -> str:
    """Rows after duplicates are dropped, positive of known for each attribute."""
    rows = [
        [c["source"], c["rows"], *(f"{p}/{k}" if k else "-" for p, k in zip(c["positive"], c["known"], strict=True))]
        for c in model.about["rows"]
    ]
    return _table(["source", "rows", *model.attributes], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    cells = [[str(cell if cell is not None else "-").replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in cells)])
