"""Why moderators reject: a site's short list, one for each of the keys 1 to 9."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.errors import Invalid

DEFAULT_REASONS = (
    "insult",
    "hate",
    "threat",
    "sexual",
    "spam",
    "off_topic",
    "misinformation",
    "personal_data",
    "other",
)
"""What a new site begins with; the desk has words for each in the reader's language."""

POLICY_REASONS = (
    "score",
    "word",
    "links",
    "new_author",
    "reports",
    "unsupported_language",
    "unscored",
    "banned_author",
)
"""Codes that the policy gives: a person's must be told from them."""

MOST_REASONS = 9
MAX_LABEL = 60
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class ChosenReason:
    """A reason that moderators can give: what is stored and told, and what it is called (None: as every desk calls it)."""

    code: str
    label: str | None = None

    def to_json(self) -> dict[str, str]:
        """The reason without an empty label."""
        return {"code": self.code} if self.label is None else {"code": self.code, "label": self.label}


def site_reasons(stored: Sequence[Mapping[str, str]] | None) -> tuple[ChosenReason, ...]:
    """The reasons of a site in the order of the keys, from what is stored of them; None is the default list."""
    if stored is None:
        return tuple(map(ChosenReason, DEFAULT_REASONS))
    return tuple(ChosenReason(reason["code"], reason.get("label")) for reason in stored)


def checked_reasons(wanted: Sequence[ChosenReason]) -> tuple[ChosenReason, ...]:
    """The reasons with their labels trimmed.

    Raises: Invalid, when there are none or too many, and for the first code or label that can't be one.
    """
    if not 1 <= len(wanted) <= MOST_REASONS:
        raise Invalid(f"there are {len(wanted)} reasons: give 1 to {MOST_REASONS}, one for each key")
    checked = tuple(_checked(reason) for reason in wanted)
    codes = [reason.code for reason in checked]
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise Invalid(f"the reason {twice!r} is there twice: give each once")
    return checked


def _checked(reason: ChosenReason) -> ChosenReason:
    if not CODE.fullmatch(reason.code):
        raise Invalid(f"{reason.code[:60]!r} can't be a code: give 1 to 40 of a-z, 0-9 and _, such as off_topic")
    if reason.code in POLICY_REASONS:
        raise Invalid(f"{reason.code!r} is a reason of the policy's: give another code")
    label = (reason.label or "").strip() or None
    if label is None and reason.code not in DEFAULT_REASONS:
        raise Invalid(f"{reason.code!r} has no label: give what moderators are to read")
    if label is not None and (len(label) > MAX_LABEL or not label.isprintable()):
        raise Invalid(f"the label of {reason.code!r} can't be one: give 1 to {MAX_LABEL} characters on one line")
    return ChosenReason(reason.code, label)
