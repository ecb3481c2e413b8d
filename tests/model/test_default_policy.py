"""A new site begins with the thresholds of the shipped model."""

from classifier import Classifier
from service.domain.policy import DEFAULT_THRESHOLDS, Threshold


def test_the_default_policy_has_the_models_operating_points(model: Classifier) -> None:
    chosen = {(point.attribute, point.action): point.threshold for point in model.operating_points}
    defaults = {
        (name, action): at
        for name, threshold in DEFAULT_THRESHOLDS.items()
        for action, at in (("flag", threshold.flag), ("reject", threshold.reject))
        if at is not None
    }
    assert defaults == chosen


def test_no_default_uses_an_attribute_that_is_experimental_in_a_language(model: Classifier) -> None:
    doubtful = [name for name, codes in model.evidence.items() if "experimental" in codes.values()]
    assert doubtful  # threats have no labelled row in Indonesian
    for name in doubtful:
        assert DEFAULT_THRESHOLDS.get(name, Threshold()) == Threshold()
