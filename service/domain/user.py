"""Who works at the desk, and what each may do."""

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
