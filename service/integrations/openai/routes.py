"""The routes: `/v1/moderations` and `/v1/models`, and both without `/v1` for who left it out of the client's base URL."""

from collections.abc import Sequence
from itertools import islice
from typing import NoReturn
from uuid import uuid4

from apiflask import APIBlueprint
from flask import Response, g, jsonify, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from service.domain.comment import MAX_TEXT, Scores
from service.domain.errors import UnknownKey
from service.integrations.openai.categories import NOT_JUDGED, result
from service.integrations.openai.errors import BadRequest, init_errors
from service.integrations.openai.wire import DEFAULT_MODEL, asked
from service.store.rows import SiteRow
from service.web.current import services
from service.web.json import lenient_json
from service.web.keys import KEY, site_of_key
from service.web.rates import count_request

blueprint = APIBlueprint("openai", __name__, enable_openapi=False)
init_errors(blueprint)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

MAX_BODY = 1024 * 1024
"""Bytes of a request."""

MASKED_FROM = 4
"""Characters of a wrong key that are shown again, for somebody to tell which of theirs it was."""


@blueprint.before_request
def check_key() -> None:
    """Who asks, before anything of the request is read. Raises: BadRequest, TooManyRequests."""
    request.max_content_length = MAX_BODY
    g.site = _caller()
    count_request(g.site.id)


@blueprint.post("/v1/moderations")
@blueprint.post("/v1//moderations", merge_slashes=False)
@blueprint.post("/moderations")
def moderate() -> Response:
    """Scores of one text or several as OpenAI's categories. Nothing is stored."""
    s = services()
    compat = s.at_once.terms(g.site.id).compat
    version = s.classifier.version
    model, items = asked(lenient_json(request.get_data(cache=False)), compat.openai_images, version)
    scores = _scores([text for text in items if text is not None], compat.budget_ms)
    if model == version and scores:
        # who asked for ours by its name is told which readers it was
        model = scores[0].model_version
    found = iter(scores)
    results = [
        NOT_JUDGED if text is None else result(next(found).by_attribute, compat.openai_thresholds) for text in items
    ]
    return jsonify({"id": f"modr-{uuid4().hex}", "model": model, "results": results})


@blueprint.get("/v1/models")
@blueprint.get("/v1//models", merge_slashes=False)
@blueprint.get("/models")
def models() -> Response:
    """The model that is there, which several tools ask for to see whether a connection works."""
    model = {"id": DEFAULT_MODEL, "object": "model", "created": 0, "owned_by": "self"}
    return jsonify({"object": "list", "data": [model]})


@blueprint.route("/v1/moderations", methods=["GET", "PUT", "PATCH", "DELETE"])
@blueprint.route("/moderations", methods=["GET", "PUT", "PATCH", "DELETE"])
def only_post() -> NoReturn:
    """Other methods are told so in this form too."""
    raise MethodNotAllowed(["POST"])


@blueprint.route("/v1/models", methods=["POST", "PUT", "PATCH", "DELETE"])
@blueprint.route("/models", methods=["POST", "PUT", "PATCH", "DELETE"])
def only_get() -> NoReturn:
    """Other methods are told so in this form too."""
    raise MethodNotAllowed(["GET"])


@blueprint.route("/v1/moderations/<path:_rest>", methods=METHODS)
@blueprint.route("/v1/moderations/", methods=METHODS)
@blueprint.route("/v1/models/<path:_rest>", methods=METHODS)
@blueprint.route("/v1/models/", methods=METHODS)
def nothing_here(_rest: str = "") -> NoReturn:
    """What lies below is told in this form too, and no path that is there is redirected to one with a slash."""
    raise NotFound


def _scores(texts: Sequence[str], budget_ms: float) -> list[Scores]:
    """Of each text the scores; of a long one by attribute the highest of its pieces, so that nothing hides behind its beginning.

    Raises: CantDecide.
    """
    pieces = [[text[at : at + MAX_TEXT] for at in range(0, len(text), MAX_TEXT)] or [""] for text in texts]
    scored = iter(services().at_once.score([piece for of_text in pieces for piece in of_text], budget_ms))
    return [_highest(list(islice(scored, len(of_text)))) for of_text in pieces]


def _highest(found: Sequence[Scores]) -> Scores:
    """By attribute the highest of a text's pieces."""
    highest = {name: max(scores.by_attribute[name] for scores in found) for name in found[0].by_attribute}
    return found[0]._replace(by_attribute=highest)


def _caller() -> SiteRow:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise BadRequest(
            "no API key was provided: give the site's as 'Authorization: Bearer <key>'",
            code="missing_api_key",
            status=401,
        )
    try:
        return site_of_key(key)
    except UnknownKey:
        raise BadRequest(
            f"Incorrect API key provided: {_masked(key)}. You can find your API key in the admin pages.",
            code="invalid_api_key",
            status=401,
        ) from None


def _masked(key: str) -> str:
    """A key by its beginning; nothing of what can't be one."""
    return f"{key[:MASKED_FROM] if KEY.fullmatch(key) else ''}****"
