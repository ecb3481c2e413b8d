"""Reads the sentences of contrast.txt, written for this project, into labelled rows."""

import re
from collections.abc import Iterator
from itertools import product
from math import prod
from pathlib import Path

from classifier.readers import Labelled

FILE = Path(__file__).with_name("contrast.txt")
MOST = 60  # sentences of one template: an even choice of all its fillings
NAMES = ("toxicity", "severe_toxicity", "identity_attack", "insult", "profanity", "threat", "sexually_explicit", "spam")

_SLOT = re.compile(r"\{(\w+)\}")


def sentences() -> Iterator[tuple[str, Labelled]]:
    """Language and labelled text of each sentence.

    Raises: ValueError for a line that names an unknown attribute.
    """
    language = ""
    slots: dict[str, tuple[str, ...]] = {}
    for line in FILE.read_text("utf-8").splitlines():
        if line.startswith("language:"):
            language, slots = line.split(":")[1].strip(), {}
        elif line.startswith("slot "):
            name, choices = line.removeprefix("slot ").split(":", 1)
            slots[name.strip()] = tuple(choice.strip() for choice in choices.split("|"))
        elif "|" in line and not line.startswith("#"):
            labels, template = line.split("|", 1)
            for text in filled(template.strip(), slots):
                yield language, Labelled(text, _labels(labels))


def filled(template: str, slots: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """The template with its slots filled, at most MOST ways; the same slot twice may be filled in two ways."""
    parts = _SLOT.split(template)
    choices = [slots[name] for name in parts[1::2]]
    ways = prod(map(len, choices))
    step = max(1, ways // MOST) | 1  # odd, so that it does not walk along one slot
    for number, fillings in enumerate(product(*choices)):
        if number % step == 0:
            yield parts[0] + "".join(filling + after for filling, after in zip(fillings, parts[2::2], strict=True))


def _labels(field: str) -> dict[str, int]:
    words = field.split()
    if words == ["-"]:
        return dict.fromkeys(NAMES, 0)
    labels = {word.removeprefix("!"): int(not word.startswith("!")) for word in words}
    unknown = [name for name in labels if name not in NAMES]
    if unknown:
        raise ValueError(f"contrast.txt names an unknown attribute: {unknown[0]}")
    return labels
