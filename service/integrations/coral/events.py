"""Coral's webhooks: of what happened there, what its moderators decided."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from service.integrations.coral.wire import Id, Wire
from service.store.labels import NewLabel

LEFT_QUEUE = "COMMENT_LEFT_MODERATION_QUEUE"

VALUES = {"APPROVED": 0.0, "REJECTED": 1.0}
"""How toxic a comment is by what became of it; any other status is no judgement."""


EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _sensible(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise ValueError("must be a time between 1970 and 2200")
    return at.astimezone(UTC)


class Event(Wire):
    """What any webhook says of itself."""

    type: object = None


class Left(Wire):
    """Which comment left a queue, and as what."""

    comment: Annotated[Id, Field(alias="commentID")]
    status: str


class LeftQueue(Wire):
    """A comment has left a queue."""

    type: Literal["COMMENT_LEFT_MODERATION_QUEUE"]
    id: Annotated[Id, StringConstraints(max_length=150)]
    at: Annotated[AwareDatetime, AfterValidator(_sensible), Field(alias="createdAt")]
    data: Left

    @property
    def receipt(self) -> tuple[str, datetime]:
        """What is noted of it: its id, which no Standard Webhook can have, and its time."""
        return f"coral {self.id}", self.at

    @property
    def label(self) -> NewLabel | None:
        """What it says of a comment; None when it is no judgement."""
        value = VALUES.get(self.data.status)
        return None if value is None else NewLabel("coral", self.data.comment, "toxicity", value)

    @property
    def perspective_key(self) -> str:
        """What Coral calls the comment where it sends its feedback by Perspective's format, which has the text."""
        return f"comment:{self.data.comment}"
