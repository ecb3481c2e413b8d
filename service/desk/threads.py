"""One story: its conversation in order, with what is held in its place."""

from uuid import UUID

from flask import render_template

from service.desk.authors import cursor
from service.desk.blueprint import blueprint
from service.domain.user import Role
from service.moderation.look_up import thread_page
from service.web.current import services
from service.web.sessions import membership, needs


@blueprint.get("/desk/threads/<uuid:thread_id>")
@needs(Role.VIEWER)
def thread(thread_id: UUID) -> str:
    """A part of a conversation: its beginning, or what stands since, around (`at`) or before a comment."""
    at = cursor("at")
    site_id, places = membership().site_id, {"since": cursor("since"), "at": at, "before": cursor("before")}
    page = thread_page(services().store, site_id, str(thread_id), **places)
    return render_template("desk/thread.html", page=page, at=at)
