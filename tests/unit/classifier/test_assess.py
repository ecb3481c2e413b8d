"""What out-of-sample scores are taken to say: calibrations, figures, default thresholds."""

import numpy as np
import pytest

from classifier.assess import (
    HELD_OUT,
    LEFT_OUT,
    Assessment,
    Scored,
    calibrations,
    curve,
    evidence,
    figures,
    operating_points,
    without,
)
from classifier.calibrate import STRAIGHT
from classifier.datasets import ATTRIBUTES

ID, EN = 0, 1


def part(source: str, attribute: str = "toxicity", gap: float = 3.0, shift: float = 0.0, rows: int = 400) -> Scored:
    """Half positive, half not; normal logits, `gap` between the kinds. The source's name begins with its language."""
    draw = np.random.default_rng(sum(map(ord, source)))
    labels = np.repeat([0.0, 1.0], rows // 2)
    return Scored(attribute, source, source[:2], draw.normal(gap * (labels - 0.5) + shift, 1.0), labels)


def judged_alike(*parts: Scored) -> Assessment:
    """As good on sources left out as on the held-out fifth."""
    return Assessment(parts, parts)


def test_a_language_with_one_source_is_pulled_to_the_curve_of_the_other_language() -> None:
    alone = curve(judged_alike(part("id_a", gap=1.0)), "toxicity", "id")
    other = curve(judged_alike(part("en_a", gap=4.0), part("en_b", gap=4.0)), "toxicity", "en")
    pulled = curve(judged_alike(part("id_a", gap=1.0), part("en_a", gap=4.0), part("en_b", gap=4.0)), "toxicity", "id")
    rise, most, found = (drawn[:2].sum() for drawn in (alone, other, pulled))
    assert rise < found < most
    assert found - rise < most - found


def test_a_language_without_a_source_takes_the_curve_of_the_other() -> None:
    curves = calibrations(judged_alike(part("en_a"), part("en_b")))[ATTRIBUTES.index("toxicity")]
    assert curves[ID] == pytest.approx(curves[EN], abs=1e-3)


def test_an_attribute_that_no_source_judges_keeps_its_log_odds() -> None:
    assert (calibrations(judged_alike(part("en_a")))[ATTRIBUTES.index("spam")] == STRAIGHT).all()


def test_calibrations_lie_in_memory_as_they_are_written_to_the_model_file() -> None:
    assert calibrations(judged_alike(part("en_a"))).flags.c_contiguous


def test_leaving_out_a_source_leaves_out_both_its_parts() -> None:
    left = without(judged_alike(part("en_a"), part("en_b")), "en_a")
    assert [p.source for p in (*left.left_out, *left.held_out)] == ["en_b", "en_b"]


def test_a_source_left_out_is_judged_by_a_calibration_that_did_not_see_it() -> None:
    assessment = judged_alike(part("en_a"), part("en_b"), part("en_odd", shift=4.0))
    found = figures(assessment, calibrations(assessment))
    odd = {figure["way"]: figure for figure in found if figure["source"] == "en_odd"}
    assert odd[LEFT_OUT]["calibration_error"] > odd[LEFT_OUT]["shipped_error"] + 0.02
    assert odd[HELD_OUT]["calibration_error"] == odd[HELD_OUT]["shipped_error"]


def test_each_figure_lies_in_its_interval() -> None:
    assessment = judged_alike(part("en_a", gap=1.0), part("en_b", gap=1.0))
    for figure in figures(assessment, calibrations(assessment)):
        for name in ("auc", "average_precision"):
            low, high = figure[f"{name}_interval"]
            assert low < figure[name] < high
        assert figure["calibration_error"] <= figure["calibration_error_interval"][1]
        assert sum(share for _, _, share, _ in figure["reliability"]) == pytest.approx(1, abs=1e-4)
        assert sum(rows for *_, rows in figure["reliability"]) == figure["rows"]


def test_an_attribute_that_is_experimental_in_one_language_has_no_default_threshold() -> None:
    both = judged_alike(*(part(source) for source in ("id_a", "id_b", "en_a", "en_b")))
    english = judged_alike(part("en_a"), part("en_b"))
    assert evidence(both)["toxicity"] == {"id": "good", "en": "good"}
    assert evidence(english)["toxicity"] == {"id": "experimental", "en": "good"}
    assert {point.action for point in operating_points(both, calibrations(both))} == {"flag", "reject"}
    assert operating_points(english, calibrations(english)) == ()
