"""Both readers as one: the first reader's logit and a part of the second's, calibrated together."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from classifier.explain import Span
from classifier.language import Clues, codes_of
from classifier.model import LANGUAGES, Classifier, OperatingPoint, Weights, sigmoid
from classifier.reader import ReaderError
from classifier.scale import chunks

SHIPPED = Path(__file__).parent.parent / "trained" / "reader"
MOST_PARTS = 48  # parts of a text that are left out in turn
LETTERS_A_PIECE = 3.5

Floats = NDArray[np.float64]
_WORD = re.compile(r"\S+")


class Second(Protocol):
    """What a second reader must do; see `scoring.Reader`."""

    @property
    def version(self) -> str:
        """Release and checksum."""

    def logits(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, attributes)."""


@dataclass(frozen=True)
class Stack(Classifier):
    """A classifier of two readers. `weights` holds the calibration of both together, which `predict` uses.

    parts: shape (attributes, languages), how much of the second reader's logit is added in each of LANGUAGES; in a text that may
    be in either, the mean by how likely it is in each.
    """

    first: Classifier = field(repr=False, kw_only=True)
    second: Second = field(repr=False, kw_only=True)
    parts: Floats = field(repr=False, kw_only=True)

    @property
    def known(self) -> Mapping[str, Any]:
        """What is known about the second reader: see its card."""
        return getattr(self.second, "about", {})

    @classmethod
    def of(
        cls,
        first: Classifier,
        second: Second,
        parts: Floats | None = None,
        curves: Floats | None = None,
        points: Sequence[OperatingPoint] | None = None,
        evidence: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Self:
        """Two readers stacked. What is not given is the first reader's; `parts` is then 1 for each attribute."""
        known = {part.name: getattr(first.weights, part.name) for part in fields(Weights)}
        return cls(
            first.attributes,
            f"{first.version}+{second.version}",
            first.evidence if evidence is None else evidence,
            first.operating_points if points is None else tuple(points),
            Weights(**known | ({} if curves is None else {"curves": curves})),
            first.about,
            first=first,
            second=second,
            parts=np.ones((len(first.attributes), len(LANGUAGES))) if parts is None else parts,
        )

    def logits(self, texts: Sequence[str]) -> Floats:
        """Both readers' logits added, before calibration; the last column is the language's."""
        return self._with_second(self.first.logits(texts), texts)

    def predict(self, texts: Sequence[str]) -> tuple[Floats, list[str]]:
        """Probabilities and languages."""
        probabilities: list[Floats] = [np.zeros((0, len(self.attributes)))]
        found: list[str] = []
        for begin, end in chunks(texts):
            logits, batch, words = self.first._logits(texts[begin:end])  # noqa: SLF001 (of the same class)
            found += codes_of(logits[:, -1], Clues.of(texts[begin:end], batch, words))
            probabilities.append(self._calibrated(self._with_second(logits, texts[begin:end])))
        return np.concatenate(probabilities), found

    def cost_ms(self, texts: str | Sequence[str]) -> float:
        """About how long the second reader reads the texts, in milliseconds on one thread, as learned from the last ones."""
        from classifier.reader.pieces import WINDOW
        from classifier.reader.scoring import WINDOWS, Pace

        pace = getattr(self.second, "pace", Pace()).ms_a_piece
        most = WINDOW * WINDOWS
        some = [texts] if isinstance(texts, str) else texts
        return float(sum(min(most, 2 + len(text) / LETTERS_A_PIECE) for text in some) * pace)

    def occlude(self, text: str, attributes: Sequence[str] | None = None, seconds: float = 1.0) -> list[Span]:
        """Each word's part in the logits of both readers: what they lose without it (occlusion, Zeiler and Fergus 2014).

        Words are taken together where a text has more than MOST_PARTS of them. Ends after about `seconds` with what it has.
        Raises: ValueError for an unknown attribute.
        """
        wanted = self.attributes if attributes is None else tuple(attributes)
        unknown = [name for name in wanted if name not in self.attributes]
        if unknown:
            raise ValueError(f"no attribute {unknown[0]!r}: there are {', '.join(self.attributes)}")
        until = time.monotonic() + seconds
        whole = self.logits([text])[0]
        spans: list[Span] = []
        for begin, end in _parts_of(text):
            if time.monotonic() > until:
                break
            lost = whole - self.logits([text[:begin] + " " + text[end:]])[0]
            spans += [Span(begin, end, name, float(lost[self.attributes.index(name)])) for name in wanted]
        return spans

    def _with_second(self, logits: Floats, texts: Sequence[str]) -> Floats:
        indonesian = sigmoid(logits[:, -1:])
        parts = indonesian * self.parts[:, 0] + (1 - indonesian) * self.parts[:, 1]
        logits[:, :-1] += parts * self.second.logits(texts)
        return logits

    def save(self, path: Path) -> None:
        """A stack is two models, each in a file of its own. Raises: TypeError, always."""
        raise TypeError(f"save the readers of a stack one by one, not to {path}")


def stacked(first: Classifier, path: Path | None = None) -> Stack:
    """The first reader and the second one in the directory `path`, or the one shipped.

    Raises: ReaderError, when there is none or it was not made for this first reader.
    """
    from classifier.reader import scoring

    reader = scoring.load(path or SHIPPED)
    about: dict[str, Any] = reader.about
    if reader.attributes != first.attributes:
        raise ReaderError(f"{path or SHIPPED} scores other attributes than the first reader")
    if about.get("stacks_on") != first.version:
        raise ReaderError(
            f"{path or SHIPPED} was made for the first reader {about.get('stacks_on')}, this is {first.version}"
        )
    try:
        parts, curves = np.array(about["parts"], np.float64), np.array(about["curves"], np.float64)
        points = [OperatingPoint(**point) for point in about["operating_points"]]
        if parts.shape != (len(first.attributes), len(LANGUAGES)) or curves.shape != first.weights.curves.shape:
            raise ReaderError(f"{path or SHIPPED} has parts and curves of another shape")
        return Stack.of(first, reader, parts, curves, points, about["evidence"])
    except (KeyError, TypeError, ValueError) as fault:
        raise ReaderError(f"{path or SHIPPED} lacks what stacks it: {fault}") from fault


def _parts_of(text: str) -> list[tuple[int, int]]:
    """Where the words stand; neighbours taken together when there are many."""
    words = [match.span() for match in _WORD.finditer(text)]
    together = -(-len(words) // MOST_PARTS) or 1
    groups = (words[at : at + together] for at in range(0, len(words), together))
    return [(group[0][0], group[-1][1]) for group in groups]
