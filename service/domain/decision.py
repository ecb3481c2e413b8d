"""What was decided about a comment, by whom and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from service.domain.comment import Status


class Action(StrEnum):
    """What can be decided."""

    APPROVE = "approve"
    FLAG = "flag"
    REJECT = "reject"

    @property
    def status(self) -> Status:
        """The status that a comment has after this action."""
        return STATUS_AFTER[self]


STATUS_AFTER = {
    Action.APPROVE: Status.APPROVED,
    Action.FLAG: Status.FLAGGED,
    Action.REJECT: Status.REJECTED,
}

SEVERITY = (Action.APPROVE, Action.FLAG, Action.REJECT)
"""Mildest first."""


class Actor(StrEnum):
    """Who decided."""

    POLICY = "policy"
    MODERATOR = "moderator"
    API = "api"


@dataclass(frozen=True)
class Reason:
    """Why: a code, the action it asks for and what it rests on.

    Codes: `score` (with attribute, score and threshold), `word`, `links`, `new_author`, `reports`,
    `unsupported_language`, `unscored`, `banned_author`, and whatever a person chose.
    """

    code: str
    action: Action
    attribute: str | None = None
    score: float | None = None
    threshold: float | None = None
    detail: str | None = None

    def to_json(self) -> dict[str, object]:
        """The reason without its empty fields."""
        fields: dict[str, object] = {"code": self.code, "action": self.action.value}
        for name in ("attribute", "score", "threshold", "detail"):
            if (value := getattr(self, name)) is not None:
                fields[name] = value
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, object]) -> "Reason":
        """The reason that `to_json` wrote."""
        return cls(**{**fields, "action": Action(str(fields["action"]))})  # type: ignore[arg-type]


class Verdict(NamedTuple):
    """What a policy answers; not stored as such."""

    action: Action
    reasons: tuple[Reason, ...]
    policy_version: int
