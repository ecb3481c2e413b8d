"""Comments: in, out, reported, appealed, decided about, erased."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify

from service.api import schemas
from service.api.answers import accepted_out, answer, appeal_out, comment_out, known_id
from service.domain.comment import Status
from service.domain.errors import NotFound
from service.moderation.accept import accept
from service.moderation.appeal import appeal
from service.moderation.decide import decide_by_api
from service.moderation.erase import erase_author, erase_comment
from service.moderation.report import report
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.web.current import services
from service.web.keys import caller, require_key

blueprint = APIBlueprint("comments", __name__, url_prefix="/v1", tag="Comments")
blueprint.before_request(require_key)


@blueprint.post("/comments")
@blueprint.input(schemas.SentIn)
@blueprint.output(schemas.AnswerOut, status_code=202)
@blueprint.doc(summary="Send one comment or up to 1,000", security="apiKey", responses={200: "All were here before"})
def send(json_data: schemas.SentIn) -> Response:
    """One comment, or `{"comments": […]}`. Answered once they are stored; they are scored and decided right after.

    202 when something is to be done, 200 when all was here before with the same text. The same id with another text is an edit.
    429 while too many comments wait: nothing was stored, so send the same again after Retry-After seconds.
    """
    sent = json_data.root
    comments = sent.comments if isinstance(sent, schemas.CommentsIn) else [sent]
    s = services()
    with s.gate.room_for(caller().id, len(comments)):
        accepted = accept([comment.comment() for comment in comments], caller().id, s.store, s.wake_scorer)
    status = 202 if any(comment.fresh for comment in accepted) else 200
    answers = [accepted_out(comment) for comment in accepted]
    return answer(answers[0] if isinstance(sent, schemas.CommentIn) else {"comments": answers}, status)


@blueprint.get("/comments/<id>")
@blueprint.output(schemas.CommentOut)
@blueprint.doc(summary="A comment as it stands", security="apiKey")
def show(id: str) -> Response:
    """The comment with its status, scores, last decision and its reasons."""
    return jsonify(_shown(known_id(id)))


@blueprint.get("/comments")
@blueprint.input(schemas.CommentQuery, location="query")
@blueprint.output(schemas.CommentListOut)
@blueprint.doc(summary="Find comments, the newest first", security="apiKey")
def find(query_data: schemas.CommentQuery) -> Response:
    """Comments by status or by the site's own id, in pages."""
    wanted = query_data
    with services().store.read() as tx:
        comments = Comments(tx, caller().id)
        if wanted.site_comment_id is not None:
            one = comments.by_site_id(wanted.site_comment_id)
            rows = [one] if one and wanted.status in (None, one.status.value) and not wanted.cursor else []
        else:
            status = Status(wanted.status) if wanted.status else None
            rows = comments.page(
                status=status, cursor=str(wanted.cursor) if wanted.cursor else None, limit=wanted.limit + 1
            )
        page, more = rows[: wanted.limit], len(rows) > wanted.limit
        latest = Decisions(tx, caller().id).latest([row.id for row in page])
    shown = [comment_out(row, latest.get(row.id)) for row in page]
    return jsonify({"comments": shown, "next_cursor": page[-1].id if more else None})


@blueprint.delete("/comments/<id>")
@blueprint.doc(summary="Erase a comment", security="apiKey", responses={204: "Erased"})
def erase(id: str) -> Response:
    """Text and personal data go; decisions stay as counts."""
    erase_comment(known_id(id), caller().id, services().store)
    return Response(status=204)


@blueprint.delete("/authors/<path:id>")
@blueprint.output(schemas.ErasedOut)
@blueprint.doc(summary="Erase an author with all comments", security="apiKey")
def erase_all_of(id: str) -> Response:
    """`id` is the site's own. Texts and personal data go; decisions stay as counts."""
    if len(id) > 200 or "\x00" in id:
        raise NotFound("no such author")
    return jsonify({"erased": erase_author(id, caller().id, services().store)})


@blueprint.post("/comments/<id>/reports")
@blueprint.input(schemas.ReportIn)
@blueprint.output(schemas.CommentOut, status_code=201)
@blueprint.doc(summary="Pass on a reader's report", security="apiKey", responses={200: "Passed on before"})
def add_report(id: str, json_data: schemas.ReportIn) -> Response:
    """One per reporter: 201 for a new one, 200 for one that was passed on before. Enough of them flag an approved comment."""
    s = services()
    comment, fresh = report(known_id(id), json_data.reporter, json_data.reason, json_data.note, caller().id, s.store)
    if fresh:
        s.wake_sender()
    return answer(_shown(comment.id), 201 if fresh else 200)


@blueprint.post("/comments/<id>/appeals")
@blueprint.input(schemas.AppealIn)
@blueprint.output(schemas.AppealOut, status_code=201)
@blueprint.doc(
    summary="Pass on an author's appeal",
    security="apiKey",
    responses={200: "Passed on before", 409: "Not rejected, or another waits"},
)
def add_appeal(id: str, json_data: schemas.AppealIn) -> Response:
    """Only a rejected comment can be appealed, one appeal at a time: 409 otherwise. A moderator decides again; the site is told.

    201 for a new one, 200 for the same text while it waits.
    """
    made, fresh = appeal(services().store, caller().id, known_id(id), json_data.text)
    return answer(appeal_out(made), 201 if fresh else 200)


@blueprint.post("/comments/<id>/decisions")
@blueprint.input(schemas.DecisionIn)
@blueprint.output(schemas.CommentOut, status_code=201)
@blueprint.doc(summary="Decide about a comment", security="apiKey")
def add_decision(id: str, json_data: schemas.DecisionIn) -> Response:
    """A decision by the site's own staff. The same again changes nothing."""
    s = services()
    comment = decide_by_api(known_id(id), json_data.action, json_data.reason, json_data.note, caller().id, s.store)
    s.wake_sender()
    return answer(_shown(comment.id), 201)


def _shown(id: str) -> dict[str, Any]:
    with services().store.read() as tx:
        comment = Comments(tx, caller().id).get(id)
        if comment is None:
            raise NotFound("no such comment")
        return comment_out(comment, Decisions(tx, caller().id).latest([id]).get(id))
