"""Lists beside the cards: what is not scored yet, what people decided, and the queue by story."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from service.desk import labels
from service.desk.blueprint import blueprint
from service.desk.hand import address, asked_view, tabs, view_bar
from service.domain.user import Role
from service.domain.view import CLAIMED
from service.moderation.queue import listed as listed_comments
from service.moderation.queue import stories as waiting_stories
from service.web.current import services
from service.web.sessions import membership, needs


@blueprint.get("/desk/list")
@needs(Role.VIEWER)
def listed() -> Response | str:
    """A queue to look at, page by page."""
    view = asked_view()
    if view.queue in CLAIMED:
        return redirect(address("desk.queue", view))
    page = listed_comments(services().store, membership().site_id, view, request.args.get("cursor"))
    return render_template(
        "desk/listed.html",
        view=view,
        query=view.to_query(),
        page=page,
        **view_bar(view, page.comments),
    )


@blueprint.get("/desk/stories")
@needs(Role.VIEWER)
def stories() -> str:
    """The threads with flagged comments, and how many wait in each."""
    page = waiting_stories(services().store, membership().site_id, request.args.get("cursor"))
    return render_template("desk/stories.html", page=page, tabs=tabs(None), labels=labels)
