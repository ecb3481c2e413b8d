"""A new site begins with the thresholds of the shipped model."""

from classifier import Classifier
from service.domain.policy import DEFAULT_THRESHOLDS


def test_the_default_policy_has_the_models_operating_points(model: Classifier) -> None:
    chosen = {(point.attribute, point.action): point.threshold for point in model.operating_points}
    defaults = {
        (name, action): at
        for name, threshold in DEFAULT_THRESHOLDS.items()
        for action, at in (("flag", threshold.flag), ("reject", threshold.reject))
        if at is not None
    }
    assert defaults == chosen
