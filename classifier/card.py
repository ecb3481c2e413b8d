"""The model card, written from the model: every figure in it was computed when the model was trained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import mean
from typing import Any

from classifier.assess import HELD, HELD_OUT, LEFT_OUT, PULL, experimental
from classifier.calibrate import BASE_RATES, expected_error
from classifier.datasets import SOURCES
from classifier.model import LANGUAGES, Classifier
from classifier.plots import curve, reliability_plots

Figure = Mapping[str, Any]

FOLDER = "calibration"  # of the reliability curves, beside the card
LEFT_OUT_BAR, IN_DOMAIN_BAR = 0.05, 0.02  # for the expected calibration error

_INTENDED = """\
Scores comments in Indonesian and English for eight attributes, so that a policy and a person can decide what to do.
It ranks; it does not understand. Use it to sort a queue and to hold back the plainest cases. Do not use it to judge
people, to score anything but short public comments, or where nobody can look at its decisions and undo them.

One linear model for each attribute over hashed letter and word n-grams of the text after disguises are undone
(styled letters, look-alikes, signs between letters, digits for letters, repeated letters), with word classes written by
hand. Logits are calibrated to a declared base rate (below), so a score is a frequency where comments are like that."""

_GLANCE = """\
ROC-AUC is the mean over sources, then the lowest and highest of them: of a source left out whole, which is what to expect of
comments from elsewhere, and of a fifth held out of each source, which flatters. A star marks a language with a single source:
left out, the model has nothing to learn that language from. Evidence is *good* (two sources or more, mean ROC-AUC of .75 or
more when left out), *weak* (less) or *experimental* (too few labelled rows to judge by)."""

_LICENCES = """\
The texts are not in this repository and can't be read back from the weights, which are sums over hashed n-grams. But the
weights are made from them: **two of the sets forbid commercial use (CC BY-NC-SA 4.0), and several state no licence.**
Whether that binds a model trained on them is not settled; whoever uses the shipped model commercially should ask,
or train one from the other sets alone: `python -m classifier train --licence open --out FILE`."""

_OPEN = """\
ROC-AUC on each source left out whole: of the model of all other sets, and of the one that `train --licence open` builds, from
those of the other sets alone whose copies state a licence that allows commercial use. A dash: nothing open to learn it from."""

_LIMITS = """\
- Insinuation, irony, and hate without a rude word are mostly missed.
- Threats: hardly any labelled row in English, none in Indonesian. The attribute rests on patterns and sentences written by
  hand; it is scored and shown, but no default policy acts on it.
- Twitter's share of the rows is large and collected by rude words; friendly use of such words, in African-American
  English and in Indonesian slang, is scored too high (bias of the labels).
- Insulting words for people and neutral names of groups are told apart by written contrast, not by understanding.
- Javanese, Sundanese and other languages of Indonesia are read as Indonesian, Malay too. In any other language the
  scores mean little.
- A rude word in a very long comment weighs less than in a short one.
- The base rates are declared, not measured: where comments differ, thresholds need setting anew (the desk shows how).
- Sets mean different things by the same word. What is toxic on one platform is everyday speech on the next, so a score is right
  on the average of the sources and off on each (see the calibration).
- Indonesian has two sources for toxicity and one for most other attributes: the figures say little of a third."""

_EVERYDAY = """\
Share of comments below videos, adverts for gambling aside, at or above each default threshold. They carry no label but that;
by far most are harmless."""

_AUTHORED = """\
Rows after duplicates are dropped, positive of known. `authored` are sentences written for this project (`sentences/`),
trained on and never judged by."""

_THRESHOLDS = """\
Chosen on sources left out of the training, after the correction to the base rate; on the held-out fifth where a source is
the only one of its language. Precision is the median over those sources: in sets about hate, rude comments that are not hate
are labelled 0, which pulls down what such a source says of toxicity; `pooled` is over all of them together, and lower. Recall
and share of comments shown are means. All are at the declared base rate. Flags aim at a precision of .5 (.33 where the
attribute is rare), rejections at .95; nothing below .10 is flagged and threats are never rejected. An attribute without a row
has no default. `python -m classifier thresholds --precision P` or `--share S` finds others."""

_FIGURES = """\
Rows scored by models that did not see them: the whole source left out, or a fifth of each source held out. AP is average
precision, ECE the expected calibration error after correction to the base rate, by a calibration that saw nothing of the
source where that is left out. In brackets, 95% intervals: DeLong's for the AUC, the logit interval of Boyd and others (2013)
for AP, 200 seeded resamples for ECE, which chance can only raise, so that its interval may begin above the figure. They are
about these rows; how much the next source differs is seen by comparing sources. A source that is the only one of its
language for an attribute says little when left out: the model then has nothing to learn that language from."""

_CALIBRATION = f"""\
A curve for each attribute and language takes the logit to log-odds (beta calibration, Kull and others 2017) at the
declared base rate. It is fitted on scores of left-out sources and, weighing {HELD:g} times as much, of held-out fifths, each
source weighing the same; the other language's weigh {PULL:g} of that. The first two columns are the worst source left out, by a
curve fitted without it and by the shipped curve, which saw its labels; the bar is {LEFT_OUT_BAR:g}. *In domain* is over the
held-out fifths of all sources together, the bar is {IN_DOMAIN_BAR:g}; single sources are further off, since one curve serves
them all. The shipped curve was fitted on these rows too: three numbers from thousands of rows. What misses its bar is in bold."""

_CURVES = """\
Share found positive against probability stated, both at the base rate, each source counting the same: solid for sources left out,
dashed for fifths held out. Few comments of a rare attribute reach the bins above the lowest, so curves are rough there."""

_RETRAINING = """\
`python -m classifier data`, then `python -m classifier train`: the same sets give the same bytes with the same versions of
numpy, scipy and scikit-learn on the same kind of processor."""


def card(model: Classifier) -> str:
    """The card as Markdown."""
    figures = model.about["figures"]
    sections = (
        (
            f"# Model card: Saring comment classifier {model.version}",
            f"Written by `python -m classifier card` from the model file. {_taught(model)}",
        ),
        ("## At a glance", glance_table(model), _GLANCE),
        ("## What it is for", _INTENDED),
        ("## Thresholds", _THRESHOLDS, _unused(model), points_table(model), _literal(model)),
        (
            "## Calibration",
            f"Declared base rates: {_rates()}.",
            _CALIBRATION,
            calibration_table(figures),
            *_pictures(model),
        ),
        (
            "## Figures by source",
            _FIGURES,
            "`python -m classifier evaluate --leave-one-source-out` prints:",
            figures_table(figures),
            *_parts(model),
        ),
        *_disguises(model),
        *_groups(model),
        ("## Everyday comments", _EVERYDAY, everyday_table(model.about["everyday"])),
        ("## Data", _LICENCES, _sources_table(model), _AUTHORED, counts_table(model)),
        *_open_sets(model),
        ("## Limits", _LIMITS),
        ("## Retraining", _RETRAINING),
    )
    return "\n\n".join(part for section in sections for part in section if part) + "\n"


def plots(model: Classifier) -> dict[str, str]:
    """Path from the card's folder -> SVG of each attribute's reliability; none when the model holds no bins."""
    found = reliability_plots(model.about["figures"], model.attributes)
    return {f"{FOLDER}/{name}": picture for name, picture in found.items()}


def _taught(model: Classifier) -> str:
    if model.about.get("licence") == "open":
        return "It was trained on the sets with an open licence alone."
    if model.about.get("taught_by"):
        return (
            "It was trained on all the sets below, and on what encoders of the second reader say of their texts"
            f" ({model.about['taught_by']}; `python -m classifier.reader distil` shows what that is worth)."
        )
    return "It was trained on all the sets below."


def _rates() -> str:
    return ", ".join(f"{name} {rate:g}" for name, rate in BASE_RATES.items())


def _unused(model: Classifier) -> str:
    """Attributes that no default policy uses, since they are experimental somewhere."""
    found = {name: experimental(model.evidence[name]) for name in model.attributes}
    said = [f"**{name}** (experimental in {' and '.join(codes)})" for name, codes in found.items() if codes]
    if not said:
        return ""
    return (
        "A threshold holds for both languages, so an attribute that is experimental in either has none and no default policy"
        f" uses it: {', '.join(said)}."
    )


def glance_table(model: Classifier) -> str:
    """Evidence, sources and mean ROC-AUC for each attribute and language."""
    rows = []
    for name in model.attributes:
        for language in LANGUAGES:
            left = _of(model.about["figures"], name, language, LEFT_OUT)
            held = _of(model.about["figures"], name, language, HELD_OUT)
            positives = sum(figure["positives"] for figure in left)
            star = " *" if len(left) == 1 else ""
            evidence = model.evidence[name][language]
            rows.append([name, language, evidence, len(left), positives, _spread(left) + star, _spread(held)])
    head = [
        "attribute",
        "language",
        "evidence",
        "sources",
        "positive rows",
        "AUC, source left out",
        "AUC, fifth held out",
    ]
    return _table(head, rows)


def _of(figures: Iterable[Figure], attribute: str, language: str, way: str) -> list[Figure]:
    wanted = (attribute, language, way)
    return [figure for figure in figures if (figure["attribute"], figure["language"], figure["way"]) == wanted]


def _spread(figures: Sequence[Figure]) -> str:
    """Mean AUC, then the lowest and highest."""
    areas = [figure["auc"] for figure in figures]
    if len(areas) < 2:
        return f"{areas[0]:.3f}" if areas else "-"
    return f"{mean(areas):.3f} ({min(areas):.3f}-{max(areas):.3f})"


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


def calibration_table(figures: Sequence[Figure]) -> str:
    """Worst calibration error of a source left out, and that in domain, for each attribute and language."""
    rows = []
    for name, language in dict.fromkeys((figure["attribute"], code) for figure in figures for code in LANGUAGES):
        left = _of(figures, name, language, LEFT_OUT)
        bins = curve(figures, name, language, HELD_OUT)
        if left or bins:
            strict, shipped = (_worst(left, key) for key in ("calibration_error", "shipped_error"))
            inside = _barred(expected_error(bins), IN_DOMAIN_BAR) if bins else None
            single = _worst(_of(figures, name, language, HELD_OUT), "calibration_error", float("inf"))
            rows.append([name, language, strict, shipped, inside, single])
    head = [
        "attribute",
        "language",
        "left out, worst",
        "worst by the shipped curve",
        "in domain",
        "worst single source held out",
    ]
    return _table(head, rows)


def _worst(figures: Sequence[Figure], key: str, bar: float = LEFT_OUT_BAR) -> str | None:
    """The largest of an error, with its source."""
    found = max((figure for figure in figures if key in figure), key=lambda figure: float(figure[key]), default=None)
    return f"{_barred(found[key], bar)} {found['source']}" if found else None


def _barred(error: float, bar: float) -> str:
    return f"**{error:.3f}**" if error > bar else f"{error:.3f}"


def _pictures(model: Classifier) -> tuple[str, ...]:
    """The reliability curves, when the model holds them."""
    links = [f"![Reliability of {path.split('/')[1].removesuffix('.svg')}]({path})" for path in plots(model)]
    return (_CURVES, *links) if links else ()


def figures_table(figures: Iterable[Figure]) -> str:
    """Figures of `evaluate` with their intervals: both ways of leaving out side by side."""
    found: dict[tuple[str, str], dict[str, Figure]] = {}
    for figure in figures:
        found.setdefault((figure["attribute"], figure["source"]), {})[figure["way"]] = figure
    rows = [
        [attribute, source, *_cells(ways.get(LEFT_OUT)), *_cells(ways.get(HELD_OUT))]
        for (attribute, source), ways in found.items()
    ]
    names = ("positive of rows", "AUC", "AP", "ECE")
    head = ["attribute", "source", *(f"{way}: {name}" for way in ("left out", "held out") for name in names)]
    return _table(head, rows)


def _parts(model: Classifier) -> tuple[str, ...]:
    found = model.about.get("parts")
    said = "Comments below one video, by a model that those below the other videos taught too:"
    return (said, parts_table(found)) if found else ()


def parts_table(figures: Iterable[Figure]) -> str:
    """Figures of parts of a source."""
    keys = ("auc", "average_precision")
    rows = [
        [f["attribute"], f["source"], f"{f['positives']}/{f['rows']}", *(_with_interval(f, key) for key in keys)]
        for f in figures
    ]
    return _table(["attribute", "part left out", "positive of rows", "AUC", "AP"], rows)


def _cells(figure: Figure | None) -> list[str]:
    keys = ("auc", "average_precision", "calibration_error")
    if figure is None:
        return ["-"] * (1 + len(keys))
    return [f"{figure['positives']}/{figure['rows']}", *(_with_interval(figure, key) for key in keys)]


def _with_interval(figure: Figure, key: str) -> str:
    if f"{key}_interval" not in figure:
        return f"{figure[key]:.3f}"
    low, high = figure[f"{key}_interval"]
    return f"{figure[key]:.3f} ({low:.3f}-{high:.3f})"


def _disguises(model: Classifier) -> list[tuple[str, ...]]:
    found = model.about.get("robustness")
    if not found:
        return []
    from classifier import robustness

    said = (
        "`python -m classifier evaluate --robustness` prints what each disguise does to the default flags of toxicity:"
    )
    return [("## Disguises", said, robustness.report(found))]


def _groups(model: Classifier) -> list[tuple[str, ...]]:
    found = model.about.get("bias")
    if not found:
        return []
    from classifier import bias

    said = (
        "Sentences written for this project of templates that were kept out of the training. Subgroup AUC is among sentences"
        " that name a group; BPSN and BNSP AUC (Borkan and others 2019) set its harmless ones against all other abusive ones,"
        " and the other way round. `python -m classifier evaluate --bias` prints:"
    )
    return [("## Identity groups", said, bias.report(found))]


def _open_sets(model: Classifier) -> list[tuple[str, ...]]:
    """Both models' figures side by side, when those of the open sets are there."""
    if not model.about.get("open"):
        return []
    free = {(figure["attribute"], figure["source"]): _with_interval(figure, "auc") for figure in model.about["open"]}
    rows = [
        [
            figure["attribute"],
            figure["source"],
            _with_interval(figure, "auc"),
            free.get((figure["attribute"], figure["source"])),
        ]
        for figure in model.about["figures"]
        if figure["way"] == LEFT_OUT
    ]
    return [("## From open sets alone", _OPEN, _table(["attribute", "source", "all sets", "open sets"], rows))]


def everyday_table(shares: Iterable[Figure]) -> str:
    """Shares of everyday comments at or above the default thresholds."""
    return _table(
        ["attribute", "source", "rows", "flag", "reject"],
        [[s["attribute"], s["source"], s["rows"], s["flag"], s["reject"]] for s in shares],
    )


def _sources_table(model: Classifier) -> str:
    there = {count["source"] for count in model.about["rows"]}
    rows = [
        [s.name, s.language, s.platform, s.licence, "yes" if s.is_open else "no", s.mapping]
        for s in SOURCES
        if s.name in there
    ]
    return _table(["source", "language", "platform", "licence", "open", "what its labels are taken for"], rows)


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
