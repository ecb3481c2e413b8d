"""What out-of-sample scores say: calibrations, figures for each source, operating points, evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from classifier.calibrate import (
    BASE_RATES,
    STRAIGHT,
    SUPPORT,
    Judged,
    beta,
    error_interval,
    expected_error,
    prior_weights,
    reliability,
    threshold_for,
)
from classifier.datasets import ATTRIBUTES, AUTHORED, Corpus
from classifier.intervals import area_interval, precision_interval
from classifier.model import LANGUAGES, Classifier, OperatingPoint, stated

Floats = NDArray[np.float64]
Figure = dict[str, Any]

TRUSTED = 0.5  # labels trusted less are trained on and not judged by
FLAG_PRECISION, RARE_FLAG_PRECISION, REJECT_PRECISION = 0.5, 0.33, 0.95
RARE = 0.02  # base rate up to which one flag in three is worth a look
LEAST_THRESHOLD = 0.10  # nothing less likely than this is held for a person
LEAST_RECALL = 0.01
NEVER = (("threat", "reject"),)  # too little evidence: a person decides
EVERYDAY = "id_judol_youtube"
GOOD_AUC, GOOD_SOURCES = 0.75, 2
PULL = 0.9  # what the other language's rows weigh in a language's calibration, against its own
HELD = 1.0  # what held-out rows weigh there, against those of sources left out
LEFT_OUT, HELD_OUT = "source left out", "fifth held out"


@dataclass(frozen=True)
class Scored:
    """One attribute's logits on rows of one source, by a model that did not see those rows."""

    attribute: str
    source: str
    language: str
    logits: Floats
    labels: Floats


@dataclass(frozen=True)
class Assessment:
    """left_out: models that saw nothing of the source. held_out: models that saw other rows of it."""

    left_out: tuple[Scored, ...]
    held_out: tuple[Scored, ...]


def judged_rows(corpus: Corpus, attribute: int) -> NDArray[np.bool_]:
    """Rows with a label of the set's own that is trusted enough to judge by."""
    return np.asarray(corpus.own[:, attribute] & (corpus.trust[:, attribute] >= TRUSTED) & (corpus.sources != AUTHORED))


def scored(corpus: Corpus, attribute: int, rows: NDArray[np.bool_], logits: Floats, part: str | None = None) -> Scored:
    """Logits of rows of one source, or of a part of it, with their labels."""
    first = int(np.flatnonzero(rows)[0])
    source = str(corpus.sources[first])
    return Scored(
        ATTRIBUTES[attribute],
        f"{source}, {part}" if part else source,
        str(corpus.languages[first]),
        logits,
        corpus.labels[rows, attribute],
    )


def judged(parts: Sequence[Scored], attribute: str) -> Judged:
    """Parts joined and weighed to the attribute's base rate, each part the same."""
    logits, labels = np.concatenate([p.logits for p in parts]), np.concatenate([p.labels for p in parts])
    names = np.repeat(np.arange(len(parts)), [len(p.labels) for p in parts]).astype(str)
    return Judged(logits, labels, prior_weights(labels, names, BASE_RATES[attribute]))


def fair(assessment: Assessment, attribute: str) -> list[Scored]:
    """Parts that say something of the shipped model on comments from elsewhere.

    A source left out, where another source of its language remained to learn from; else its held-out fifth, unless that
    has too few positive rows.
    """
    left = [part for part in assessment.left_out if part.attribute == attribute]
    held = [part for part in assessment.held_out if part.attribute == attribute]
    enough = [part for part in held if part.labels.sum() >= SUPPORT]
    alone = {part.language for part in enough if sum(other.language == part.language for other in held) < GOOD_SOURCES}
    return [part for part in left if part.language not in alone] + [part for part in held if part.language in alone]


def calibrations(assessment: Assessment) -> Floats:
    """Calibration curves, shape (attributes, languages, 3)."""
    return np.array([[curve(assessment, name, language) for language in LANGUAGES] for name in ATTRIBUTES])


def curve(assessment: Assessment, attribute: str, language: str) -> Floats:
    """The calibration of one attribute in one language; straight when no source judges the attribute.

    Fitted on the fair parts and on held-out rows together: the first alone would judge Indonesian by a model that
    has seen half of it. The other language's parts weigh PULL of its own; one without a source takes the other's curve.
    """
    held = [part for part in assessment.held_out if part.attribute == attribute]
    left = [part for part in fair(assessment, attribute) if not any(part is other for other in held)]
    found = []
    for parts, share in ((left, 1.0), (held, HELD)):
        for home, pull in ((True, 1.0), (False, PULL)):
            chosen = [part for part in parts if (part.language == language) == home]
            if chosen:
                rows = judged(chosen, attribute)
                found.append(Judged(rows.scores, rows.labels, rows.weights * share * pull / len(chosen)))
    if not found:
        return np.array(STRAIGHT)
    scores, labels, weights = (
        np.concatenate([getattr(rows, name) for rows in found]) for name in ("scores", "labels", "weights")
    )
    return beta(Judged(scores, labels, weights))


def without(assessment: Assessment, source: str) -> Assessment:
    """The assessment as if a source had not been there."""
    left, held = (
        tuple(part for part in parts if part.source != source) for parts in (assessment.left_out, assessment.held_out)
    )
    return Assessment(left, held)


def calibrated(part: Scored, curves: Floats) -> Judged:
    """The part as probabilities, weighed to the base rate. curves: shape (attributes, languages, 3)."""
    return _stated(part, curves[ATTRIBUTES.index(part.attribute), LANGUAGES.index(part.language)])


def _stated(part: Scored, drawn: Floats) -> Judged:
    logits = judged([part], part.attribute)
    return Judged(stated(logits.scores, drawn), logits.labels, logits.weights)


def figures(assessment: Assessment, curves: Floats) -> list[Figure]:
    """One row for each attribute, source and way of leaving out; rounded to what the rows can bear.

    `…_interval` is the 95% interval of the figure before it. `calibration_error` and `reliability` (rows of stated, found,
    share, rows; see calibrate.Bin) of a source left out are under calibrations that were fitted without that source too;
    `shipped_error` is under `curves`, as are those of a held-out fifth.
    """
    rows = []
    for way, parts in ((LEFT_OUT, assessment.left_out), (HELD_OUT, assessment.held_out)):
        for part in parts:
            if len(np.unique(part.labels)) < 2:
                continue
            shipped = calibrated(part, curves)
            strict = shipped if way == HELD_OUT else _strictly(assessment, part)
            rows.append(
                {
                    "attribute": part.attribute,
                    "source": part.source,
                    "language": part.language,
                    "way": way,
                    "rows": len(part.labels),
                    "positives": int(part.labels.sum()),
                }
                | ranking(part)
                | calibration(strict)
                | {"shipped_error": round(expected_error(reliability(shipped)), 3)}
            )
    return rows


def part_figure(part: Scored) -> Figure:
    """One row for a part of a source that was left out while the others stayed."""
    return {
        "attribute": part.attribute,
        "source": part.source,
        "rows": len(part.labels),
        "positives": int(part.labels.sum()),
    } | ranking(part)


def _strictly(assessment: Assessment, part: Scored) -> Judged:
    """The part as probabilities by a calibration that saw nothing of its source."""
    return _stated(part, curve(without(assessment, part.source), part.attribute, part.language))


def ranking(part: Scored) -> Figure:
    """How well the scores rank, with intervals: DeLong's for the area, Boyd's for the average precision."""
    precision = float(average_precision_score(part.labels, part.logits))
    return {
        "auc": round(float(roc_auc_score(part.labels, part.logits)), 3),
        "auc_interval": _rounded(area_interval(part.labels, part.logits), 3),
        "average_precision": round(precision, 3),
        "average_precision_interval": _rounded(precision_interval(precision, int(part.labels.sum())), 3),
    }


def calibration(stated: Judged) -> Figure:
    """Expected calibration error of probabilities, with an interval by resampling, and the bins that it comes from."""
    bins = reliability(stated)
    return {
        "calibration_error": round(expected_error(bins), 3),
        "calibration_error_interval": _rounded(error_interval(stated), 3),
        "reliability": [_rounded(astuple(part), 6) for part in bins],
    }


def _rounded(numbers: Sequence[float], digits: int) -> list[float]:
    return [round(number, digits) for number in numbers]


def by_source(assessment: Assessment, attribute: str, curves: Floats) -> list[Judged]:
    """Calibrated scores that thresholds are chosen on: the fair parts, one for each source."""
    return [calibrated(part, curves) for part in fair(assessment, attribute)]


def operating_points(assessment: Assessment, curves: Floats) -> tuple[OperatingPoint, ...]:
    """Default thresholds: none where the precision is not reached with a recall worth having.

    A threshold holds for every language, so an attribute that is experimental in one of them has none.
    """
    points, standing = [], evidence(assessment)
    for name in (name for name in ATTRIBUTES if not experimental(standing[name])):
        parts = by_source(assessment, name, curves)
        flag_precision = RARE_FLAG_PRECISION if BASE_RATES[name] <= RARE else FLAG_PRECISION
        for action, precision in (("flag", flag_precision), ("reject", REJECT_PRECISION)):
            found = threshold_for(parts, precision, LEAST_THRESHOLD)
            if found and found.recall >= LEAST_RECALL and (name, action) not in NEVER:
                numbers = {key: round(value, 3) for key, value in asdict(found).items()}
                points.append(OperatingPoint(name, action, **numbers))
    return tuple(points)


def evidence(assessment: Assessment) -> dict[str, dict[str, str]]:
    """How well each attribute is supported in each language, by the sources that judge it.

    good: two sources or more, with a mean AUC of at least .75 left out. weak: one, or less. experimental: none.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in ATTRIBUTES}
    for name in ATTRIBUTES:
        for language in LANGUAGES:
            parts = [p for p in assessment.left_out if p.attribute == name and p.language == language]
            areas = [float(roc_auc_score(p.labels, p.logits)) for p in parts if len(np.unique(p.labels)) > 1]
            held = [p for p in assessment.held_out if p.attribute == name and p.language == language]
            good = len(areas) >= GOOD_SOURCES and float(np.mean(areas)) >= GOOD_AUC
            found[name][language] = "good" if good else "weak" if areas or held else "experimental"
    return found


def experimental(codes: Mapping[str, str]) -> list[str]:
    """Languages in which an attribute has too little evidence. codes: language -> evidence."""
    return [language for language, code in codes.items() if code == "experimental"]


def row_counts(corpus: Corpus) -> list[Figure]:
    """Rows of each source, and known and positive labels for each attribute."""
    counts = []
    for source in np.unique(corpus.sources):
        labels = corpus.labels[corpus.sources == source]
        known, positive = (~np.isnan(labels)).sum(axis=0), (labels == 1).sum(axis=0)
        counts.append(
            {"source": str(source), "rows": len(labels), "known": known.tolist(), "positive": positive.tolist()}
        )
    return counts


def everyday(model: Classifier, corpus: Corpus) -> list[Figure]:
    """Share of comments below videos, adverts aside, that the default thresholds would flag or reject.

    They carry no other label than spam; by far most are harmless, so a high share would be a fault.
    """
    rows = (corpus.sources == EVERYDAY) & (corpus.labels[:, ATTRIBUTES.index("spam")] == 0)
    texts = [text for text, row in zip(corpus.texts, rows, strict=True) if row]
    if not texts:
        return []
    scores, found = model.predict_proba(texts), []
    for column, name in enumerate(ATTRIBUTES):
        points = {point.action: point.threshold for point in model.operating_points if point.attribute == name}
        shares = {action: round(float((scores[:, column] >= at).mean()), 4) for action, at in points.items()}
        found.append(
            {
                "attribute": name,
                "source": EVERYDAY,
                "rows": len(texts),
                "flag": shares.get("flag"),
                "reject": shares.get("reject"),
            }
        )
    return found
