"""Views that a person has saved: a name for a queue with its filters, and how much waits there."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from service.desk import labels
from service.desk.blueprint import blueprint, is_script
from service.desk.hand import asked_view, back_path, plain, user_id
from service.desk.speech import gettext
from service.domain.errors import Invalid
from service.domain.user import Role
from service.moderation.views import MAX_VIEWS, delete_view, save_view, saved_views
from service.web.current import services
from service.web.sessions import membership, needs


@blueprint.get("/desk/views")
@needs(Role.VIEWER)
def views() -> str:
    """The saved views; to the page's script as a part of its menu."""
    found = saved_views(services().store, membership().site_id, user_id())
    return render_template("desk/_views.html" if is_script() else "desk/views.html", saved=found, labels=labels)


@blueprint.post("/desk/views")
@needs(Role.VIEWER)
def keep() -> Response:
    """Save the view that the address names."""
    name, view = plain("name", 200) or "", asked_view()
    try:
        save_view(services().store, membership().site_id, user_id(), name, view)
    except Invalid as error:
        if len(saved_views(services().store, membership().site_id, user_id())) < MAX_VIEWS:
            raise
        raise Invalid("views: there are as many as can be kept") from error
    flash(gettext("Saved as “%(name)s”.", name=name), "ok")
    return redirect(back_path(), 303)


@blueprint.post("/desk/views/<uuid:view_id>/delete")
@needs(Role.VIEWER)
def forget(view_id: UUID) -> Response:
    """Delete a saved view."""
    delete_view(services().store, membership().site_id, user_id(), str(view_id))
    flash(gettext("The view is deleted; its comments are as they were."), "ok")
    return redirect(url_for("desk.views"), 303)
