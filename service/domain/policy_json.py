"""A policy as JSON: what is stored, what `saring policy show` prints and `saring policy set` takes."""

from collections.abc import Mapping

from service.domain.comment import ATTRIBUTES
from service.domain.errors import InvalidPolicy
from service.domain.policy import Mode, Policy, Threshold

MAX_WORDS = 5_000
MAX_WORD = 100


def to_json(policy: Policy) -> dict[str, object]:
    """The policy without its version, which is kept beside it."""
    return {
        "mode": policy.mode.value,
        "thresholds": {name: {"flag": t.flag, "reject": t.reject} for name, t in policy.thresholds.items()},
        "words": {"block": [*policy.block_words], "flag": [*policy.flag_words], "allow": [*policy.allow_words]},
        "links": {"max": policy.max_links},
        "authors": {"hold_first": policy.hold_first, "trust_after": policy.trust_after},
        "reports": {"flag_at": policy.flag_at_reports},
        "languages": {"flag_unsupported": policy.flag_unsupported},
    }


def from_json(fields: object, version: int) -> Policy:
    """The policy that `fields` describe; what they leave out has its default.

    Raises: InvalidPolicy, naming the first field that can't be right and what would be.
    """
    top = _group(fields, "policy", ("mode", "thresholds", "words", "links", "authors", "reports", "languages"))
    words = _group(top.get("words", {}), "words", ("block", "flag", "allow"))
    authors = _group(top.get("authors", {}), "authors", ("hold_first", "trust_after"))
    links = _group(top.get("links", {}), "links", ("max",))
    reports = _group(top.get("reports", {}), "reports", ("flag_at",))
    languages = _group(top.get("languages", {}), "languages", ("flag_unsupported",))
    default = Policy()
    return Policy(
        version=version,
        mode=_mode(top.get("mode", default.mode.value)),
        thresholds={**default.thresholds, **_thresholds(top.get("thresholds", {}))},
        block_words=_words(words.get("block", []), "words.block"),
        flag_words=_words(words.get("flag", []), "words.flag"),
        allow_words=_words(words.get("allow", []), "words.allow"),
        max_links=_count(links.get("max", default.max_links), "links.max"),
        hold_first=_count(authors.get("hold_first", default.hold_first), "authors.hold_first"),
        trust_after=_optional_count(authors.get("trust_after", default.trust_after), "authors.trust_after"),
        flag_at_reports=_count(reports.get("flag_at", default.flag_at_reports), "reports.flag_at"),
        flag_unsupported=_switch(
            languages.get("flag_unsupported", default.flag_unsupported), "languages.flag_unsupported"
        ),
    )


def _group(value: object, name: str, known: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise InvalidPolicy(f"{name} is {value!r}: give an object with {', '.join(known)}")
    if unknown := sorted(str(key) for key in value if key not in known):
        raise InvalidPolicy(f"{name} has no field {unknown[0]!r}: it has {', '.join(known)}")
    return value


def _mode(value: object) -> Mode:
    if value not in tuple(Mode):
        raise InvalidPolicy(f"mode is {value!r}: give 'pre' (hidden until approved) or 'post' (shown until rejected)")
    return Mode(str(value))


def _thresholds(value: object) -> dict[str, Threshold]:
    found = {}
    for name, pair in _group(value, "thresholds", ATTRIBUTES).items():
        sides = _group(pair, f"thresholds.{name}", ("flag", "reject"))
        flag = _probability(sides.get("flag"), f"thresholds.{name}.flag")
        reject = _probability(sides.get("reject"), f"thresholds.{name}.reject")
        if flag is not None and reject is not None and flag > reject:
            raise InvalidPolicy(
                f"thresholds.{name}: flag ({flag}) is above reject ({reject}); give a flag at or below reject"
            )
        found[name] = Threshold(flag, reject)
    return found


def _probability(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise InvalidPolicy(f"{name} is {value!r}: give a number above 0 and up to 1, such as 0.8, or null for never")
    return float(value)


def _switch(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidPolicy(f"{name} is {value!r}: give true or false")
    return value


def _count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
        raise InvalidPolicy(f"{name} is {value!r}: give a whole number from 0, such as 2")
    return value


def _optional_count(value: object, name: str) -> int | None:
    return None if value is None else _count(value, name)


def _words(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_WORDS:
        raise InvalidPolicy(f"{name}: give a list of at most {MAX_WORDS} words")
    for word in value:
        if not isinstance(word, str) or not word.strip() or len(word) > MAX_WORD:
            raise InvalidPolicy(f"{name} has {word!r}: give words of 1 to {MAX_WORD} characters")
    return tuple(dict.fromkeys(word.strip() for word in value))
