"""One comment with all that is known and was said of it."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint
from service.desk.speech import gettext
from service.domain.errors import Invalid
from service.domain.user import Role
from service.moderation import note
from service.moderation.card import remarked
from service.moderation.look_up import card_of, revisions_of
from service.moderation.note import MAX_NOTE
from service.moderation.queue import holder
from service.moderation.steer import reasons_of
from service.web.current import services
from service.web.sessions import membership, needs, signed_in


@blueprint.get("/desk/comments/<uuid:comment_id>")
@needs(Role.VIEWER)
def comment(comment_id: UUID) -> str:
    """A comment, whatever its status, with all decisions about it."""
    site_id, store = membership().site_id, services().store
    card = card_of(store, services().classifier, site_id, str(comment_id))
    held_by = holder(store, site_id, card.comment.id)
    person = signed_in()
    others = held_by if held_by and person and held_by.user_id != person.id else None
    earlier = revisions_of(store, site_id, card.comment.id) if card.comment.revision > 1 else []
    told = {"card": card, "holder": others, "revisions": earlier, "reasons": reasons_of(store, site_id)}
    waits_for_lead = card.comment.for_lead and not membership().role.allows(Role.LEAD)
    return render_template("desk/comment.html", **told, max_note=MAX_NOTE, waits_for_lead=waits_for_lead)


@blueprint.get("/desk/comments/<uuid:comment_id>/marks")
@needs(Role.VIEWER)
def marks(comment_id: UUID) -> str | tuple[str, int]:
    """The text once more, the words marked that raised the scores of both readers. Asked for by the page when it is there.

    Finding them takes the second reader up to a second. What the page has stays when that is not to be had.
    """
    s = services()
    card = card_of(s.store, s.classifier, membership().site_id, str(comment_id))
    spans = s.second_reader.spans(card.comment.text, card.causes) if card.by_both and card.causes else None
    if spans is None:
        return "", 204
    return render_template("desk/_marks.html", card=remarked(card, s.classifier, spans))


@blueprint.post("/desk/comments/<uuid:comment_id>/notes")
@needs(Role.MODERATOR)
def add_note(comment_id: UUID) -> Response:
    """Leave a note for one's colleagues."""
    person = signed_in() or abort(401)
    text = request.form.get("text", "").replace("\x00", "")
    try:
        note.add_note(services().store, membership().site_id, person.id, str(comment_id), text)
        flash(gettext("Your note is saved."), "ok")
    except Invalid:
        flash(gettext("Not saved: a note has 1 to 2,000 characters."), "warn")
    return redirect(url_for("desk.comment", comment_id=comment_id, _anchor="notes"), 303)
