"""The classifier: a table of weights by bucket, one calibration, and nothing learned anywhere else.

An attribute's logit is intercept + step * (n-gram scale * sum of n-gram weights + pattern scale * sum of pattern
weights), the weights being whole numbers, so a batch, one text and an explanation give the same sum to the last digit.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from classifier import modelfile
from classifier.alphabet import alphabet
from classifier.explain import Span, spans_of
from classifier.fold import Batch, Folded, fold, fold_batch, read_batch
from classifier.grams import BUCKETS, Block, blocks_of
from classifier.language import Clues, codes_of
from classifier.scale import chunks
from classifier.stream import stream_of
from classifier.sums import weighed

DEFAULT = Path(__file__).parent / "trained" / "model.safetensors"
LANGUAGES = ("id", "en")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold, what it is for (`flag` or `reject`), and what it gave on sources left out of the training.

    All at the base rate that the calibration is corrected to. precision: median over the sources. pooled_precision: over
    all of them together. recall: of the positive comments, and share: of all comments, at or above it.
    """

    attribute: str
    action: str
    threshold: float
    precision: float
    pooled_precision: float
    recall: float
    share: float


@dataclass(frozen=True)
class Weights:
    """What is learned.

    table: int16, shape (BUCKETS, attributes). language: int16, shape (BUCKETS,), tells Indonesian from English; apart, since
    rows of eight are looked up three times as quick as rows of nine. steps, intercepts: shape (attributes + 1,), the
    language's last. curves: shape (attributes, 2, 3), the calibration for each of LANGUAGES; see `stated`.
    """

    table: NDArray[np.int16]
    language: NDArray[np.int16]
    steps: Floats
    intercepts: Floats
    curves: Floats


@dataclass(frozen=True)
class Classifier:
    """Scores comments. Safe to share between threads: nothing in it changes after it is made."""

    attributes: tuple[str, ...]
    version: str
    evidence: Mapping[str, Mapping[str, str]]
    operating_points: tuple[OperatingPoint, ...]
    weights: Weights = field(repr=False)
    about: Mapping[str, Any] = field(repr=False, default_factory=dict)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, shape (texts, attributes), in [0, 1]. Any str is scored, the empty one too."""
        return self._calibrated(self.logits(texts))

    def logits(self, texts: Sequence[str]) -> Floats:
        """Sums of weights before calibration, shape (texts, attributes + 1); the last column is the language's."""
        parts = [self._logits(texts[begin:end])[0] for begin, end in chunks(texts)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.attributes) + 1))

    def languages(self, texts: Sequence[str]) -> list[str]:
        """Code of each text's language: id, en, other (unsupported: its scores say little) or und (too short to tell)."""
        found: list[str] = []
        for begin, end in chunks(texts):
            logits, batch, words = self._logits(texts[begin:end])
            found += codes_of(logits[:, -1], Clues.of(texts[begin:end], batch, words))
        return found

    def predict(self, texts: Sequence[str]) -> tuple[Floats, list[str]]:
        """Probabilities and languages in one pass: the folding is most of the cost."""
        probabilities: list[Floats] = [np.zeros((0, len(self.attributes)))]
        found: list[str] = []
        for begin, end in chunks(texts):
            logits, batch, words = self._logits(texts[begin:end])
            probabilities.append(self._calibrated(logits))
            found += codes_of(logits[:, -1], Clues.of(texts[begin:end], batch, words))
        return np.concatenate(probabilities), found

    def explain(self, text: str, attributes: Sequence[str] | None = None) -> list[Span]:
        """Each word's part in the logit of each attribute, by place in the text.

        Offsets count code points of `text` from 0. The weights of an attribute and its `bias` add up to its logit.
        Raises: ValueError for an unknown attribute.
        """
        wanted = self.attributes if attributes is None else tuple(attributes)
        unknown = [name for name in wanted if name not in self.attributes]
        if unknown:
            raise ValueError(f"no attribute {unknown[0]!r}: there are {', '.join(self.attributes)}")
        columns = [self.attributes.index(name) for name in wanted]
        return spans_of(text, wanted, self.weights.table, self.weights.steps, columns)

    def bias(self, attribute: str) -> float:
        """The logit of an attribute for a text without words."""
        return float(self.weights.intercepts[self.attributes.index(attribute)])

    def fold(self, text: str) -> Folded:
        """The text as read, with offsets back."""
        return fold(text)

    def read(self, texts: Sequence[str]) -> list[str]:
        """Many texts as read, without offsets and without the spaces around them."""
        return [text for begin, end in chunks(texts) for text in read_batch(texts[begin:end])]

    def calibrated(self, attribute: str, logit: float, indonesian: float) -> float:
        """The probability that a logit is calibrated to, given how likely the text is Indonesian."""
        column = self.attributes.index(attribute)
        by_language = stated(np.array(logit), self.weights.curves[column])
        return float(by_language @ np.array([indonesian, 1 - indonesian]))

    def save(self, path: Path) -> None:
        """Write the model file; the version must be the one that `named` gives."""
        arrays, about = _stored(self)
        modelfile.write(path, arrays, about)

    def named(self) -> Self:
        """The same classifier with its version: the release and eight digits of the checksum of all it holds."""
        checksum = modelfile.checksum_of(*_stored(self))
        return type(self)(
            self.attributes,
            _version(self.about, checksum),
            self.evidence,
            self.operating_points,
            self.weights,
            self.about,
        )

    def _logits(self, texts: Sequence[str]) -> tuple[Floats, Batch, Block]:
        """Logits of one chunk, the chunk folded and its block of words, which the language is told from."""
        batch = fold_batch(texts)
        blocks = blocks_of(stream_of(batch))
        table, language = weighed((self.weights.table, self.weights.language), blocks)
        sums = np.concatenate((table, language[:, None]), axis=1)
        return self.weights.intercepts + self.weights.steps * sums, batch, blocks[-2]

    def _calibrated(self, logits: Floats) -> Floats:
        """A mean of both languages' calibrations, by how likely the text is in each."""
        indonesian = sigmoid(logits[:, -1:])
        both = stated(logits[:, :-1, None], self.weights.curves)
        return np.asarray(indonesian * both[:, :, 0] + (1 - indonesian) * both[:, :, 1])


def stated(logits: Floats, curves: Floats) -> Floats:
    """Probabilities of logits by calibration curves (beta calibration, Kull and others 2017); shapes are broadcast.

    curves: last axis below, above, offset; the first two, never negative, are the slopes of far negative and positive logits.
    """
    soft = np.logaddexp(0, logits)  # the logarithms of the odds' two sides are logits - soft and -soft
    below, above, offset = curves[..., 0], curves[..., 1], curves[..., 2]
    return sigmoid(below * (logits - soft) + above * soft + offset)


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def load(path: str | os.PathLike[str] | None = None) -> Classifier:
    """Read a model file; the one shipped with the package when no path is given.

    Raises: ModelFileError when it is missing, damaged or of another format. Loading can run no code.
    """
    file = DEFAULT if path is None else Path(path)
    alphabet()  # built now rather than at the first comment
    arrays, about, checksum = modelfile.read(file)
    try:
        weights = Weights(**arrays)
        attributes = tuple(about["attributes"])
        points = tuple(OperatingPoint(**point) for point in about["operating_points"])
        if weights.table.shape != (BUCKETS, len(attributes)):
            raise modelfile.ModelFileError(f"{file} was made for other features than this version reads: train it anew")
        return Classifier(attributes, _version(about, checksum), about["evidence"], points, weights, about)
    except (KeyError, TypeError) as fault:
        raise modelfile.ModelFileError(f"{file} lacks {fault}: train it anew") from fault


def _version(about: Mapping[str, Any], checksum: str) -> str:
    return f"{about['release']}-{checksum[:8]}"


def _stored(classifier: Classifier) -> tuple[modelfile.Arrays, dict[str, Any]]:
    about = dict(classifier.about) | {
        "attributes": list(classifier.attributes),
        "evidence": {name: dict(codes) for name, codes in classifier.evidence.items()},
        "operating_points": [vars(point) for point in classifier.operating_points],
    }
    return dict(vars(classifier.weights)), about
