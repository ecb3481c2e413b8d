"""Who works at the desk, and what each may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do for one site; each may do all that the one before may."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    LEAD = "lead"
    ADMIN = "admin"

    def allows(self, wanted: "Role") -> bool:
        """True when this role may do what `wanted` may."""
        return RANKS.index(self) >= RANKS.index(wanted)


RANKS = tuple(Role)
"""From the least to the most."""

MIN_PASSWORD = 10
"""Characters in a password at least."""

MAX_PASSWORD = 1_000
"""Characters at most: hashing must not be made slow by whoever asks."""

MAX_NAME = 200
"""Characters of a person's name at most."""


@dataclass(frozen=True)
class Identity:
    """Whom a provider of single sign-on has vouched for.

    `subject` is the issuer and its own, lasting name for the person, with a space between; `email` is None unless the provider
    has verified it.
    """

    subject: str
    email: str | None
    name: str


def tidy_name(text: str) -> str:
    """A name as it can be kept and shown: one line of printable characters, not too long; perhaps empty."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 2 * MAX_NAME]).split())[:MAX_NAME]
