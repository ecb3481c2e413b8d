"""Inbound webhooks: a site tells of comments in Standard Webhooks' form."""

from apiflask import APIBlueprint
from flask import Response, g, request

from service.api import schemas
from service.api.answers import accepted_out, answer
from service.domain.errors import BadSignature
from service.moderation.receive import receive, receive_deletion
from service.store.rows import SiteRow
from service.store.sites import Sites
from service.web.current import services
from service.web.rates import count_request
from service.webhooks.signing import verify

blueprint = APIBlueprint("webhooks", __name__, url_prefix="/v1/webhooks", tag="Webhooks")


@blueprint.before_request
def check_signature() -> None:
    """Before anything of the body is read: who sent it, and is it whole? Raises: BadSignature, TooManyRequests.

    Counted only after that: a flood with no signature, or a wrong one, uses up nothing of what the site may send.
    """
    now = services().clock()
    named = (request.view_args or {}).get("site") or request.headers.get("X-Saring-Site", "")
    g.site = _site(named)
    g.message = verify(g.site.secrets(now), dict(request.headers), request.get_data(cache=True), now)
    count_request(g.site.id)


@blueprint.post("/comments")
@blueprint.post("/comments/<site>")
@blueprint.input(schemas.EventIn, arg_name="event")
@blueprint.output(schemas.AcceptedListOut, status_code=202)
@blueprint.doc(
    summary="Receive a Standard Webhook",
    security="webhookSignature",
    responses={200: "Done before, or a deletion", 409: "The same bytes were seen before"},
)
def comments(event: schemas.EventIn, **_path: str) -> Response:
    """`comment.created` and `comment.updated` carry a comment as in `POST /v1/comments`, `comment.deleted` its id.

    The header `X-Saring-Site` or the end of the path names the site. A sender's retry answers 200 and does nothing; bytes that
    were seen before answer 409.
    """
    s = services()
    named, message, told = g.site, g.message, event.root
    if isinstance(told, schemas.DeletedEventIn):
        receive_deletion(message.id, message.timestamp, told.data.id, named.id, s.store)
        return answer({"comments": []}, 200)
    comment = told.data.comment()
    with s.gate.room_for(named.id, 1):
        accepted = receive(message.id, message.timestamp, [comment], named.id, s.store, s.wake_scorer)
    status = 202 if any(one.fresh for one in accepted) else 200
    return answer({"comments": [accepted_out(one) for one in accepted]}, status)


def _site(name: str) -> SiteRow:
    """The site, by name. An unknown one is refused just like a wrong signature: a sender that sees 404 or 410 may give up."""
    if name and "\x00" not in name:
        with services().store.read() as tx:
            if (site := Sites(tx).by_name(name)) is not None:
                return site
    raise BadSignature("invalid signature")
