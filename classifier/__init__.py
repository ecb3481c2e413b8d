"""Comments in, calibrated scores and spans out. Nothing outside this package imports past this file."""

from classifier.explain import Span
from classifier.fold import Folded, fold
from classifier.model import Classifier, load

__all__ = ["Classifier", "Folded", "Span", "fold", "load"]
