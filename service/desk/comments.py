"""One comment with its history, and one author with their last comments."""

from uuid import UUID

from flask import render_template

from service.desk.blueprint import blueprint
from service.domain.user import Role
from service.moderation.card import cards
from service.moderation.look_up import author_page, comment_of
from service.moderation.queue import holder
from service.web.current import services
from service.web.sessions import membership, needs, signed_in


@blueprint.get("/desk/comments/<uuid:comment_id>")
@needs(Role.VIEWER)
def comment(comment_id: UUID) -> str:
    """A comment, whatever its status, with all decisions about it."""
    site_id, store = membership().site_id, services().store
    found = comment_of(store, site_id, str(comment_id))
    held_by = holder(store, site_id, found.id)
    person = signed_in()
    others = held_by if held_by and person and held_by.user_id != person.id else None
    card = cards(store, services().classifier, site_id, [found])[0]
    return render_template("desk/comment.html", card=card, holder=others)


@blueprint.get("/desk/authors/<uuid:author_id>")
@needs(Role.VIEWER)
def author(author_id: UUID) -> str:
    """An author and their last comments."""
    person, written = author_page(services().store, membership().site_id, str(author_id))
    return render_template("desk/author.html", author=person, comments=written)
