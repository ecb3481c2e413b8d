"""The routes. The site is named by the path, `?site=` or `X-Saring-Site`, or found by its secret."""

from collections.abc import Callable

import structlog
from apiflask import APIBlueprint
from flask import Response, current_app, g, jsonify, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import BadRequest

from service.domain.compat import OnFailure, Terms
from service.domain.errors import InvalidComments, TooMany, Unavailable
from service.integrations.coral.events import LEFT_QUEUE, Event, LeftQueue
from service.integrations.coral.phase import HELD_UNSEEN, NO_OPINION, Answer, Request, answer, asked
from service.integrations.coral.senders import HEADER, Senders
from service.integrations.coral.wire import read
from service.moderation.receive import receive_label
from service.runtime import metrics
from service.web.current import services
from service.web.rates import count_request

log = structlog.get_logger(__name__)

blueprint = APIBlueprint("coral", __name__, url_prefix="/integrations/coral", enable_openapi=False)

EXTENSION = "saring_coral_senders"

MAX_BODY = 1024 * 1024
"""Bytes of a request: the longest comment in HTML is a tenth of that."""


@blueprint.record
def _remember_senders(state: BlueprintSetupState) -> None:
    state.app.extensions[EXTENSION] = Senders()


@blueprint.before_request
def check_signature() -> None:
    """Before anything of the body is read: who sent it, and is it whole? Raises: BadSignature."""
    request.max_content_length = MAX_BODY
    senders: Senders = current_app.extensions[EXTENSION]
    named = (request.view_args or {}).get("site") or request.args.get("site") or request.headers.get("X-Saring-Site")
    g.site = senders.site_of(named or "", request.headers.get(HEADER, ""), request.get_data(cache=True))


@blueprint.post("/moderate")
@blueprint.post("/moderate/<site>")
def moderate(**_path: str) -> Response:
    """The external moderation phase: what Coral should do with a comment that is not published yet."""
    terms = services().at_once.terms(g.site.id)
    found = _or_held(lambda: _judged(terms), terms)
    return jsonify(found) if found else Response(status=204)


@blueprint.post("/webhook")
@blueprint.post("/webhook/<site>")
def hear(**_path: str) -> Response:
    """Coral's webhooks: what its moderators decided is kept as a label; all else is acknowledged. None is ever sent again."""
    count_request(g.site.id)
    if read(Event).type == LEFT_QUEUE:
        left = read(LeftQueue)
        if (label := left.label) is not None:
            receive_label(*left.receipt, label, left.perspective_key, g.site.id, services().store)
    return Response(status=204)


def _judged(terms: Terms) -> Answer:
    """Raises: BadRequest, InvalidComments, TooMany, Unavailable."""
    count_request(g.site.id)
    comment, whole = asked(read(Request))
    if not comment.text:
        return NO_OPINION  # a picture alone
    checked = services().at_once.check(g.site.id, comment, "coral", wait_ms=0)
    if checked.judgement is None:
        return _undecided(terms)
    found = answer(checked.action, checked.judgement.verdict.reasons, terms.policy.mode)
    return found if whole else found or _undecided(terms)


def _or_held(judge: Callable[[], Answer], terms: Terms) -> Answer:
    """What was judged. Coral publishes whatever is answered with an error: in a site that chose otherwise it is held instead."""
    try:
        return judge()
    except (BadRequest, InvalidComments, TooMany, Unavailable) as error:
        if terms.compat.on_failure is OnFailure.OPEN:
            raise
        log.info("a comment from Coral is held, since it can't be judged", reason=type(error).__name__)
        metrics.refused("coral_held")
        return HELD_UNSEEN


def _undecided(terms: Terms) -> Answer:
    return NO_OPINION if terms.compat.on_failure is OnFailure.OPEN else HELD_UNSEEN
