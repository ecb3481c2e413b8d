"""Both readers without the second one's weights: what it would make of texts is what a test says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier, Span

SECOND = "reader-1"


@dataclass
class Both:
    """Stands for the stack of two readers: the first one's scores, moved by so much in log-odds.

    cost: milliseconds that it says reading a text takes. go_on: it reads once this is set. broken: it can't read at all.
    """

    first: Classifier
    moved: float = 0.0
    cost: float = 1.0
    broken: bool = False
    spans: Callable[[str, Sequence[str]], list[Span]] = lambda _text, _attributes: []
    asked: list[list[str]] = field(default_factory=list)
    occluded: list[tuple[str, tuple[str, ...], float]] = field(default_factory=list)
    entered: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.go_on.set()

    def __getattr__(self, name: str) -> object:
        return getattr(self.first, name)

    @property
    def version(self) -> str:
        return f"{self.first.version}+{SECOND}"

    @property
    def readers(self) -> list[str]:
        return [self.first.version, SECOND]

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
        self.asked.append(list(texts))
        self.entered.set()
        assert self.go_on.wait(30)
        if self.broken:
            raise ValueError("the second reader can't read")
        scores, languages = self.first.predict(texts)
        odds = np.log(scores.clip(1e-6, 1 - 1e-6) / (1 - scores.clip(1e-6, 1 - 1e-6))) + self.moved
        return 1 / (1 + np.exp(-odds)), languages

    def cost_ms(self, texts: str | Sequence[str]) -> float:
        return self.cost * (1 if isinstance(texts, str) else len(texts))

    def occlude(self, text: str, attributes: Sequence[str] | None = None, seconds: float = 1.0) -> list[Span]:
        self.occluded.append((text, tuple(attributes or ()), seconds))
        if self.broken:
            raise ValueError("the second reader can't read")
        return self.spans(text, attributes or ())
