"""What a site chooses for the formats of other services: what they ask for, and Saring answers otherwise or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from service.domain.errors import Invalid
from service.domain.policy import Policy

PLATFORMS = ("coral", "discourse", "github", "hyvor")
"""What signs its webhooks with a secret of its own."""

MIN_BUDGET = 20
MAX_BUDGET = 5_000
"""Milliseconds: from what one text takes on a busy machine to what the most patient of these clients waits."""


class UnknownAttributes(StrEnum):
    """What is said of an attribute that Saring has no model for: the service's own error, or a neutral 0."""

    ERROR = "error"
    ZERO = "zero"


class DeclaredLanguage(StrEnum):
    """Whether a comment's language is what its caller says. `auto`: not when Coral says it, which says `en` of everything."""

    AUTO = "auto"
    TRUST = "trust"
    IGNORE = "ignore"


class AkismetVerdict(StrEnum):
    """What Akismet's clients are told is spam: what is, or all that the site's policy would not let pass as well."""

    SPAM = "spam"
    SPAM_OR_TOXIC = "spam_or_toxic"


class OnFailure(StrEnum):
    """What a caller hears of a comment that could not be decided in its budget: `open` publishes it, `closed` holds it."""

    OPEN = "open"
    CLOSED = "closed"


class Images(StrEnum):
    """What becomes of a picture in a request, which Saring can't look at: the request is refused, or the picture passed over."""

    REFUSE = "refuse"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Compat:
    """A site's choices. akismet_discard: the score of spam from which Akismet's clients are told to throw it away, or never.

    budget_ms: milliseconds in which a caller is answered. openai_thresholds: from which score a category is flagged; one that is
    not named has its default.
    """

    unknown_attributes: UnknownAttributes = UnknownAttributes.ERROR
    declared_language: DeclaredLanguage = DeclaredLanguage.AUTO
    akismet_verdict: AkismetVerdict = AkismetVerdict.SPAM
    akismet_discard: float | None = None
    on_failure: OnFailure = OnFailure.OPEN
    budget_ms: int = 150
    openai_images: Images = Images.REFUSE
    openai_thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def to_json(self) -> dict[str, object]:
        """What is stored and shown."""
        return {
            "unknown_attributes": self.unknown_attributes.value,
            "declared_language": self.declared_language.value,
            "akismet_verdict": self.akismet_verdict.value,
            "akismet_discard": self.akismet_discard,
            "on_failure": self.on_failure.value,
            "budget_ms": self.budget_ms,
            "openai_images": self.openai_images.value,
            "openai_thresholds": dict(self.openai_thresholds),
        }

    @classmethod
    def from_json(cls, fields: object) -> "Compat":
        """The choices that `fields` describe; what they leave out has its default.

        Raises: Invalid, naming the first field that can't be right and what would be.
        """
        if not isinstance(fields, Mapping):
            raise Invalid(f"compat is {fields!r}: give an object with {', '.join(READERS)}")
        if unknown := sorted(str(name) for name in fields if name not in READERS):
            raise Invalid(f"compat has no field {unknown[0]!r}: it has {', '.join(READERS)}")
        return cls(**{name: READERS[name](value, name) for name, value in fields.items()})


class Terms(NamedTuple):
    """All that a site has settled for comments that must be answered at once."""

    policy: Policy
    compat: Compat


Choice = TypeVar("Choice", bound=StrEnum)


def _one_of(choices: type[Choice]) -> Callable[[object, str], Choice]:
    def read(value: object, name: str) -> Choice:
        if not isinstance(value, str) or value not in tuple(choices):
            raise Invalid(f"{name} is {value!r}: give {' or '.join(choices)}")
        return choices(value)

    return read


def _budget(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not MIN_BUDGET <= value <= MAX_BUDGET:
        raise Invalid(
            f"{name} is {value!r}: give a whole number of milliseconds from {MIN_BUDGET} to {MAX_BUDGET}, such as 150"
        )
    return value


def _score(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise Invalid(f"{name} is {value!r}: give a number above 0 and up to 1, such as 0.9")
    return float(value)


def _score_or_never(value: object, name: str) -> float | None:
    return None if value is None else _score(value, name)


def _thresholds(value: object, name: str) -> Mapping[str, float]:
    if not isinstance(value, Mapping):
        raise Invalid(f'{name} is {value!r}: give an object such as {{"harassment": 0.5}}')
    for category in value:
        if category not in OPENAI_CATEGORIES:
            raise Invalid(f"{name} has no category {category!r}: there are {', '.join(OPENAI_CATEGORIES)}")
    return MappingProxyType({category: _score(at, f"{name}.{category}") for category, at in value.items()})


OPENAI_CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
"""The categories of OpenAI's moderation endpoint."""

READERS: Mapping[str, Callable[[object, str], Any]] = {
    "unknown_attributes": _one_of(UnknownAttributes),
    "declared_language": _one_of(DeclaredLanguage),
    "akismet_verdict": _one_of(AkismetVerdict),
    "akismet_discard": _score_or_never,
    "on_failure": _one_of(OnFailure),
    "budget_ms": _budget,
    "openai_images": _one_of(Images),
    "openai_thresholds": _thresholds,
}
