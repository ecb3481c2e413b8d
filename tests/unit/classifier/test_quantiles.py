"""The score that a share of comments reaches, at the declared base rate."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from click.testing import CliRunner

from classifier.__main__ import main
from classifier.assess import HELD_OUT, LEFT_OUT, Assessment, Scored
from classifier.calibrate import BASE_RATES, STRAIGHT
from classifier.datasets import ATTRIBUTES
from classifier.model import LANGUAGES, Classifier
from classifier.quantiles import SHARES, Quantiles, quantiles, report, shares

CURVES = np.tile(np.array(STRAIGHT), (len(ATTRIBUTES), len(LANGUAGES), 1))


def part(source: str, rows: int = 4_000) -> Scored:
    """Half positive: their logits spread evenly from -2 to 6, the others' from -6 to 2."""
    labels = np.repeat([0.0, 1.0], rows // 2)
    spread = np.tile(np.linspace(-6, 2, rows // 2), 2)
    return Scored("toxicity", source, source[:2], spread + 4 * labels, labels)


def one_of(*parts: Scored) -> Quantiles:
    found = quantiles(Assessment(parts, parts), CURVES)["toxicity", "en"]
    assert found is not None
    return found


def test_so_large_a_share_of_comments_reaches_it_at_the_base_rate() -> None:
    rows, found = part("en_a"), one_of(part("en_a"), part("en_b"))
    probabilities, rate = 1 / (1 + np.exp(-rows.logits)), BASE_RATES["toxicity"]
    for share, score in zip(SHARES, found.scores, strict=True):
        assert score is not None
        above = probabilities >= score
        reached = rate * above[rows.labels == 1].mean() + (1 - rate) * above[rows.labels == 0].mean()
        assert reached <= share
        assert reached == pytest.approx(share, abs=0.02)
    assert (found.sources, found.rows) == (2, 8_000)


def test_a_smaller_share_reaches_no_lower_a_score() -> None:
    scores = [score for score in one_of(part("en_a"), part("en_b")).scores if score is not None]
    assert scores == sorted(scores)


def test_what_no_source_judges_has_none() -> None:
    found = quantiles(Assessment((part("en_a"),), (part("en_a"),)), CURVES)
    assert found["toxicity", "id"] is None
    assert found["spam", "en"] is None
    table = report(cast("Classifier", SimpleNamespace(version="v1")), found)
    assert table.count("\n| ") == 2 + len(found)
    assert "| spam | en |  |" in table


def test_scores_at_either_end_of_the_scale_are_told() -> None:
    low = replace(part("en_a"), logits=np.full(4_000, -20.0))
    high = replace(part("en_a"), logits=np.full(4_000, 40.0))
    for parts, shown in ((low, "≤ 0.001"), (high, "| 1 |")):
        found = quantiles(Assessment((parts,), (parts,)), CURVES)
        assert shown in report(cast("Classifier", SimpleNamespace(version="v1")), found)


def test_the_page_on_moving_in_has_the_shares_of_the_shipped_model(model: Classifier) -> None:
    done = CliRunner().invoke(main, ["shares"], catch_exceptions=False)
    assert done.stdout.strip() == shares(model)
    assert done.stdout in (Path(__file__).parents[3] / "docs/migrate.md").read_text("utf-8")


def test_shares_fall_from_tenth_to_tenth(model: Classifier) -> None:
    for line in shares(model).splitlines()[2:]:
        found = [float(cell.strip("% ")) for cell in line.split("|")[3:12] if cell.strip()]
        assert found == sorted(found, reverse=True)
        assert len(found) in (0, 9)


def test_where_nothing_was_left_out_the_held_out_fifth_is_shown_as_such() -> None:
    figure = {
        "attribute": "spam",
        "language": "id",
        "source": "id_a",
        "reliability": [[0.05, 0, 0.9, 90], [0.55, 1, 0.1, 10]],
    }
    held = SimpleNamespace(about={"figures": [{**figure, "way": HELD_OUT}]})
    row = next(line for line in shares(cast("Classifier", held)).splitlines() if line.startswith("| spam | id"))
    assert row == "| spam | id " + "| 10.0% " * 5 + "| 0.00% " * 4 + "| fifth held out |"
    both = SimpleNamespace(about={"figures": [*held.about["figures"], {**figure, "way": LEFT_OUT}]})
    assert "| sources left out |" in shares(cast("Classifier", both))
