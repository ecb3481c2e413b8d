"""`POST /v1/webhooks/comments/{site}/{platform}`: comments as other platforms tell of them, each in its own words."""

from datetime import datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, jsonify, request

from service.domain.comment import Accepted
from service.domain.errors import BadSignature, NotFound
from service.integrations.platforms import discourse, github, hyvor
from service.integrations.platforms.wire import Deleted, Platform, Written
from service.moderation.follow import follow, follow_deletion
from service.store.rows import SiteRow
from service.store.sites import Sites
from service.web.current import services
from service.web.json import lenient_json
from service.web.rates import count_request
from service.web.signatures import hex_signed, secrets_of

FORM = "application/x-www-form-urlencoded"

PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform("discourse", "X-Discourse-Event-Signature", 202, form=False, hear=discourse.hear),
        Platform("github", "X-Hub-Signature-256", 202, form=True, hear=github.hear),
        # takes anything but 200 for a failure, and sends it again
        Platform("hyvor", "X-Signature", 200, form=False, hear=hyvor.hear),
    )
}

blueprint = APIBlueprint("platforms", __name__, url_prefix="/v1/webhooks", tag="Webhooks")


@blueprint.before_request
def check_signature() -> None:
    """Before anything of the body is read: who sent it? Raises: NotFound, BadSignature, TooManyRequests.

    Counted only after that: a flood with no signature, or a wrong one, uses up nothing of what the site may send. An unknown
    site is refused just like a wrong signature: Discourse gives up where it sees 404 or 410 again and again.
    """
    named = request.view_args or {}
    platform = PLATFORMS.get(named.get("platform", ""))
    if platform is None:
        raise NotFound(f"no such platform: there are {', '.join(PLATFORMS)}")
    site = _site(named.get("site", ""))
    given = request.headers.get(platform.signature, "")
    body = request.get_data(cache=True)
    if site is None or not given or not hex_signed(given, body, secrets_of(site, platform.name)):
        raise BadSignature("invalid signature")
    count_request(site.id)
    g.site = site


@blueprint.post("/comments/<site>/<platform>")
@blueprint.doc(
    summary="Receive a webhook of Discourse, GitHub or Hyvor Talk",
    description="The platform's own body and signature (HMAC-SHA256 in hex) with a secret of the site. Answers 200 where there"
    " is nothing to do: a test, a private message, a bot, a repetition.",
    responses={200: "Nothing to do, or done", 202: "A comment was taken in", 400: "No JSON", 401: "Invalid signature"},
)
def comments(platform: str, **_path: str) -> Response:
    """A comment that was made, changed or deleted there."""
    known, site_id, s = PLATFORMS[platform], g.site.id, services()
    heard = known.hear(_json(known), request.headers)
    if heard is None:
        return _answer([], 200)
    if isinstance(heard, Deleted):
        follow_deletion(heard.site_comment_id, _as_of(heard), site_id, s.store, by_author=heard.by_author)
        return _answer([], 200)
    with s.gate.room_for(site_id, 1):
        accepted = follow(heard.comment, _as_of(heard), site_id, s.store, s.wake_scorer)
    return _answer(accepted, known.fresh if any(one.fresh for one in accepted) else 200)


def _as_of(heard: Written | Deleted) -> datetime:
    """The time of what is told; what changed just now comes after the last time told, though the platform's clock be ahead."""
    now = services().clock()
    if heard.as_of is None:
        return now
    return max(now, heard.as_of + timedelta(milliseconds=1)) if heard.just_now else heard.as_of


def _json(platform: Platform) -> Any:
    """What the body says; some hooks are set to send it as a form, in whose `payload` it stands. Raises: BadRequest.

    Leniently: nobody writes again what a platform has published, and some never send again.
    """
    in_form = platform.form and request.mimetype == FORM
    return lenient_json(request.form.get("payload", "").encode() if in_form else request.get_data(cache=True))


def _answer(accepted: list[Accepted], status: int) -> Response:
    told = [{"id": one.id, "site_comment_id": one.site_comment_id, "status": one.status.value} for one in accepted]
    response = jsonify({"comments": told})
    response.status_code = status
    return response


def _site(name: str) -> SiteRow | None:
    if "\x00" in name:
        return None
    with services().store.read() as tx:
        return Sites(tx).by_name(name)
