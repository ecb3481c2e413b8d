"""Ours to wire."""

import uuid
from collections.abc import Sequence
from typing import TypeVar

from flask import Response, jsonify
from pydantic import BaseModel, ValidationError

from service.domain.comment import Accepted, is_supported, readers_of
from service.domain.decision import Reason
from service.domain.errors import Fault, InvalidComments, NotFound
from service.moderation.record import rfc3339
from service.store.appeals import AppealRow
from service.store.rows import CommentRow, DecisionRow

Model = TypeVar("Model", bound=BaseModel)


def answer(body: object, status: int) -> Response:
    """A JSON answer with a status. A whole response, since APIFlask would validate anything else once more."""
    response = jsonify(body)
    response.status_code = status
    return response


def accepted_out(accepted: Accepted) -> dict[str, object]:
    """A comment that was taken in."""
    return {"id": accepted.id, "site_comment_id": accepted.site_comment_id, "status": accepted.status.value}


def comment_out(comment: CommentRow, decision: DecisionRow | None) -> dict[str, object]:
    """A comment as it stands, with its last decision."""
    author, thread = comment.author, comment.thread
    reasons = reasons_out(decision.reasons) if decision else []
    return {
        "id": comment.id,
        "site_comment_id": comment.site_comment_id,
        "status": comment.status.value,
        "text": comment.text,
        "author": {"id": author.site_author_id, "name": author.name, "email": author.email, "ip": author.ip},
        "thread": {"id": thread.site_thread_id, "url": thread.url, "title": thread.title} if thread else None,
        "parent_id": comment.site_parent_id,
        "url": comment.url,
        "created_at": rfc3339(comment.created_at),
        "received_at": rfc3339(comment.received_at),
        "revision": comment.revision,
        "language": comment.language,
        "supported": None if comment.language is None else is_supported(comment.language),
        "scores": comment.scores,
        "model_version": comment.model_version,
        "readers": readers_out(comment.model_version),
        "reports": comment.reports,
        "reach": comment.reach,
        "metadata": comment.metadata,
        "source": comment.source,
        "went_by": comment.went_by,
        "decision": decision_out(decision) if decision else None,
        "reasons": reasons,
    }


def readers_out(model_version: str | None) -> list[str] | None:
    """The readers that made scores, the first one first; None where nothing is scored."""
    return None if model_version is None else list(readers_of(model_version))


def decision_out(decision: DecisionRow) -> dict[str, object]:
    """A decision."""
    return {
        "id": decision.id,
        "number": decision.number,
        "revision": decision.revision,
        "action": decision.action.value,
        "actor": decision.actor.value,
        "from_status": decision.from_status.value,
        "reasons": reasons_out(decision.reasons),
        "note": decision.note,
        "undoes": decision.undoes,
        "model_version": decision.model_version,
        "policy_version": decision.policy_version,
        "created_at": rfc3339(decision.created_at),
    }


def appeal_out(appeal: AppealRow) -> dict[str, object]:
    """An author's appeal."""
    return {
        "id": appeal.id,
        "comment_id": appeal.comment_id,
        "text": appeal.text,
        "created_at": rfc3339(appeal.created_at),
        "decided_at": rfc3339(appeal.decided_at) if appeal.decided_at else None,
        "decision_id": appeal.decision_id,
    }


def reasons_out(reasons: Sequence[Reason]) -> list[dict[str, object]]:
    """Reasons, without empty fields."""
    return [reason.to_json() for reason in reasons]


def parsed(model: type[Model], body: object, place: tuple[str | int, ...] = ()) -> Model:
    """The body as a model. Raises: InvalidComments, with every fault by its place below `place`."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidComments([Fault((*place, *fault["loc"]), fault["msg"]) for fault in found]) from None


def known_id(text: str) -> str:
    """An id of ours in its one form. Raises: NotFound, for what can't be one."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise NotFound("no such comment") from None
