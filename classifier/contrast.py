"""Reads the templates in `sentences/`, written for this project, into labelled sentences; its README gives the form."""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import gcd, prod
from pathlib import Path

FOLDER = Path(__file__).with_name("sentences")
LANGUAGES = ("id", "en")
MOST = 6  # sentences of one template that teach, about: more teach no more, since group names are read alike
ASKED = 40  # and of one that is kept out, about
GOLDEN, ATTEMPTS = (5**0.5 - 1) / 2, 100
KEPT_OUT, KEPT = 10, 7  # one template in so many is never trained on: those whose checksum leaves this
NAMES = ("toxicity", "severe_toxicity", "identity_attack", "insult", "profanity", "threat", "sexually_explicit", "spam")

_SLOT = re.compile(r"\{(\w+)\}")
Slots = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Template:
    """A sentence with slots. labels: attribute -> 0 or 1, the others unknown. kept_out: never trained on.

    twin: the same sentence made harmless, when one is written.
    """

    language: str
    text: str
    labels: Mapping[str, int]
    slots: Slots
    kept_out: bool
    twin: "Template | None" = None


@dataclass(frozen=True)
class Sentence:
    """A template filled. groups: identity groups that its fillings name. twin: the harmless sentence, filled alike."""

    template: Template
    text: str
    groups: tuple[str, ...]
    twin: str | None = None


def templates() -> Iterator[Template]:
    """Every template of both languages, twins inside the one that they belong to.

    Raises: ValueError for a line that can't be read, with its place.
    """
    for language in LANGUAGES:
        for path in sorted(FOLDER.glob(f"{language}*.txt")):
            yield from _read(language, path)


def _read(language: str, path: Path) -> Iterator[Template]:
    slots: dict[str, tuple[str, ...]] = {}
    waiting: Template | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if line.startswith("slot "):
                name, choices = line.removeprefix("slot ").split(":", 1)
                slots = slots | {name.strip(): tuple(choice.strip() for choice in choices.split("|"))}
            elif line.startswith("= "):
                waiting = _with_twin(waiting, _template(language, line.removeprefix("= "), slots))
            else:
                if waiting:
                    yield waiting
                waiting = _template(language, line, slots)
        except (ValueError, KeyError) as fault:
            raise ValueError(f"{path.name}, line {number}: {fault}") from fault
    if waiting:
        yield waiting


def _template(language: str, line: str, slots: Slots) -> Template:
    labels, text = line.split("|", 1)
    used = {name: slots[name] for name in _SLOT.findall(text)}
    kept_out = zlib.crc32(text.strip().encode()) % KEPT_OUT == KEPT
    return Template(language, text.strip(), _labels(labels), used, kept_out)


def _with_twin(above: Template | None, twin: Template) -> Template:
    if above is None or above.twin is not None:
        raise ValueError("a twin must follow the one template it belongs to")
    return Template(above.language, above.text, above.labels, above.slots, above.kept_out, twin)


def filled(template: Template, most: int) -> Iterator[Sentence]:
    """The template with its slots filled so many ways or, where it has no more, up to twice as many: an even choice of all.

    The same slot twice may be filled in two ways. A slot that only the twin has takes the choice that the number of the
    sentence gives.
    """
    parts = _SLOT.split(template.text)
    names = parts[1::2]
    choices = [template.slots[name] for name in names]
    for count, number in enumerate(_numbers(choices, most)):
        fillings = _chosen(choices, number)
        twin = _alike(template.twin, names, fillings, count) if template.twin else None
        groups = tuple(dict.fromkeys(_group(filling) for filling in fillings if "@" in filling))
        yield Sentence(template, _joined(parts, fillings), groups, twin)


def _numbers(choices: list[tuple[str, ...]], most: int) -> list[int]:
    """Which of all the ways to fill some slots are taken: all, if there are less than twice as many as wanted.

    Else steps through them with a share of their number that makes no slot stand still, the multiples of the golden ratio
    being tried in turn.
    """
    ways = prod(map(len, choices))
    if ways < 2 * most:
        return list(range(ways))
    for attempt in range(1, ATTEMPTS):
        step = int(ways * (attempt * GOLDEN % 1))
        while gcd(step, ways) > 1:
            step += 1
        numbers = [count * step % ways for count in range(most)]
        rows = zip(*(_chosen(choices, number) for number in numbers), strict=True)
        if all(2 * len(set(row)) >= min(most, len(choice)) for row, choice in zip(rows, choices, strict=True)):
            break
    return numbers


def _chosen(choices: list[tuple[str, ...]], number: int) -> tuple[str, ...]:
    """What itertools.product gives at this place, without all that comes before: there can be millions."""
    found = []
    for choice in reversed(choices):
        number, place = divmod(number, len(choice))
        found.append(choice[place])
    return tuple(reversed(found))


def _alike(twin: Template, names: list[str], fillings: tuple[str, ...], number: int) -> str:
    parts = _SLOT.split(twin.text)
    left = {name: [f for n, f in zip(names, fillings, strict=True) if n == name] for name in names}
    chosen = [
        left[name].pop(0) if left.get(name) else twin.slots[name][number % len(twin.slots[name])]
        for name in parts[1::2]
    ]
    return _joined(parts, tuple(chosen))


def _joined(parts: list[str], fillings: tuple[str, ...]) -> str:
    words = [filling.split("@")[0] for filling in fillings]
    return parts[0] + "".join(word + after for word, after in zip(words, parts[2::2], strict=True))


def _group(filling: str) -> str:
    return filling.split("@")[1]


def sentences() -> Iterator[Sentence]:
    """All templates filled, without those kept out; a twin comes as a sentence of its own after its abusive one."""
    for template in templates():
        if not template.kept_out:
            for sentence in filled(template, MOST):
                yield sentence
                if template.twin and sentence.twin is not None:
                    yield Sentence(template.twin, sentence.twin, sentence.groups)


def kept_out() -> Iterator[Sentence]:
    """Sentences of the templates that are never trained on."""
    for template in templates():
        if template.kept_out:
            yield from filled(template, ASKED)


def _labels(field: str) -> dict[str, int]:
    words = field.split()
    if words == ["-"]:
        return dict.fromkeys(NAMES, 0)
    labels = {word.removeprefix("!"): int(not word.startswith("!")) for word in words}
    unknown = [name for name in labels if name not in NAMES]
    if unknown or not labels:
        raise ValueError(f"unknown attribute: {unknown[0] if unknown else 'none named'}")
    return labels
