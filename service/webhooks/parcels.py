"""What travels in one request: an event alone, or several for a site that asks for batches."""

import hashlib
from collections.abc import Iterable, Sequence

MAX_BODY = 256 * 1024
"""Bytes of a batch's body; what is more travels in the next."""

WHOLE_BATCHES = 3
"""Attempts for which an event travels in whole batches. Each later one halves them, so that an event which the receiver can't
stomach stands alone at last (after nine attempts, some four minutes) and no longer fails its companions."""


def message_id(delivery_id: str) -> str:
    """The id of an event, the same for every attempt."""
    return f"msg_{delivery_id.replace('-', '')}"


def batch_id(delivery_ids: Iterable[str]) -> str:
    """The id of a batch: the same for the same set of events."""
    return "msg_batch_" + hashlib.sha256("".join(sorted(delivery_ids)).encode()).hexdigest()[:32]


def batch_body(events: Sequence[tuple[str, str]], timestamp: str) -> bytes:
    """The body of a batch: of each event its delivery's id and its body as it would be sent alone, a JSON object."""
    parts = (f'{{"id":"{message_id(id)}",{body[1:]}' for id, body in events)
    return f'{{"type":"comment.batch","timestamp":"{timestamp}","data":{{"events":[{",".join(parts)}]}}}}'.encode()


def most_together(batch: int, attempts: int) -> int:
    """Events in one request, for a site that wants up to `batch`, when one of them is now at this attempt (from 1)."""
    return max(1, batch >> max(0, attempts - WHOLE_BATCHES))
