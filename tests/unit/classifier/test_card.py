"""The card says what the model holds, and no more."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from classifier.card import card, figures_table, plots
from classifier.model import Classifier, OperatingPoint, Weights

Figure = dict[str, Any]


def a_figure(way: str = "source left out", **changes: Any) -> Figure:
    """One row of figures."""
    return {
        "attribute": "toxicity",
        "source": "en_convabuse",
        "language": "en",
        "way": way,
        "rows": 100,
        "positives": 40,
        "auc": 0.9,
        "auc_interval": [0.85, 0.94],
        "average_precision": 0.8,
        "average_precision_interval": [0.7, 0.87],
        "calibration_error": 0.03,
        "calibration_error_interval": [0.02, 0.04],
        "reliability": [[0.05, 0.02, 0.9, 60], [0.8, 0.7, 0.1, 40]],
        "shipped_error": 0.01,
    } | changes


def a_model(**about: Any) -> Classifier:
    """A model that says these things of itself."""
    told = {"release": "1", "figures": [a_figure(), a_figure("fifth held out")], "rows": [], "everyday": []} | about
    nothing = np.zeros((0, 0))
    weights = Weights(nothing.astype(np.int16), nothing[0:0].astype(np.int16), nothing, nothing, nothing)
    evidence = {"toxicity": {"id": "weak", "en": "good"}, "threat": {"id": "experimental", "en": "weak"}}
    points = (OperatingPoint("toxicity", "flag", 0.2, 0.5, 0.5, 0.4, 0.1),)
    return Classifier(("toxicity", "threat"), "1-abc", evidence, points, weights, told)


def test_figures_stand_with_their_intervals() -> None:
    (row,) = (line for line in figures_table([a_figure()]).splitlines() if line.startswith("| toxicity"))
    assert "| 40/100 | 0.900 (0.850-0.940) | 0.800 (0.700-0.870) | 0.030 (0.020-0.040) | - |" in row


def test_the_summary_gives_the_mean_over_sources_their_range_and_the_evidence() -> None:
    both = [a_figure(), a_figure(source="en_olid_twitter", auc=0.7), a_figure("fifth held out", auc=0.95)]
    written = card(a_model(figures=both))
    assert "| toxicity | en | good | 2 | 80 | 0.800 (0.700-0.900) | 0.950 |" in written
    assert written.index("## At a glance") < written.index("## What it is for")


def test_a_language_with_a_single_source_is_starred() -> None:
    assert "| toxicity | en | good | 1 | 40 | 0.900 * | 0.900 |" in card(a_model())


def test_an_error_above_its_bar_is_in_bold() -> None:
    written = card(a_model(figures=[a_figure(calibration_error=0.06), a_figure("fifth held out")]))
    assert "| toxicity | en | **0.060** en_convabuse | 0.010 en_convabuse | **0.037** |" in written


def test_an_attribute_that_no_default_policy_uses_is_named() -> None:
    written = card(a_model())
    assert "no default policy uses it: **threat** (experimental in id)." in written
    assert '"threat": (None, None)' in written


def test_every_picture_that_the_card_shows_is_drawn() -> None:
    model = a_model()
    shown = re.findall(r"!\[[^]]*\]\(([^)]+)\)", card(model))
    assert shown == ["calibration/toxicity.svg"]
    assert set(shown) == set(plots(model))


def test_a_picture_has_a_curve_for_each_way_through_its_bins() -> None:
    picture = ET.fromstring(plots(a_model())["calibration/toxicity.svg"])
    dots = [dot for dot in picture.iter("{http://www.w3.org/2000/svg}circle") if dot.get("class") == "left"]
    assert [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in dots] == [(12.0, 235.2), (192.0, 72.0)]


def test_both_models_figures_stand_side_by_side() -> None:
    written = card(a_model(open=[a_figure(auc=0.8, auc_interval=[0.7, 0.87])]))
    assert "| toxicity | en_convabuse | 0.900 (0.850-0.940) | 0.800 (0.700-0.870) |" in written


def test_a_model_without_later_figures_still_has_a_card() -> None:
    bare = {key: a_figure()[key] for key in ("attribute", "source", "language", "way", "rows", "positives", "auc")}
    written = card(a_model(figures=[bare | {"average_precision": 0.8, "calibration_error": 0.03}]))
    assert "0.900 | 0.800 | 0.030" in written
    for heading in ("Disguises", "Identity groups", "From open sets", "![Reliability"):
        assert heading not in written


def test_a_model_of_open_sets_says_so() -> None:
    assert "trained on the sets with an open licence alone" in card(a_model(licence="open"))
