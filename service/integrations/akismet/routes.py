"""Akismet's calls (https://akismet.com/developers/), answered inside the request."""

from typing import NamedTuple
from uuid import uuid4

from apiflask import APIBlueprint
from flask import Response, request

from service.domain.compat import OnFailure
from service.domain.decision import Action
from service.domain.errors import Unavailable, UnknownKey
from service.integrations.akismet.answers import GUID, HELP, PRO_TIP, RECHECK, init_errors, invalid, said, unable
from service.integrations.akismet.fields import MAX_BODY, Sent, read
from service.integrations.akismet.submission import SOURCE, Submission
from service.integrations.akismet.verdict import foregone, is_blatant, is_spam
from service.moderation.at_once import Checked
from service.moderation.correct import correct
from service.moderation.decide import decide_by_api
from service.store.labels import NewLabel
from service.store.rows import SiteRow
from service.web.current import services
from service.web.keys import site_of_key
from service.web.rates import count_request

MAX_BLOG = 2_048
MAX_API_KEY = 64

THANKS = "Thanks for making the web a better place."

RECHECK_AFTER = 60
"""Seconds after which a verdict that could not be reached in time is worth asking for again: a worker has scored it by then."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

blueprint = APIBlueprint("akismet", __name__, enable_openapi=False)
init_errors(blueprint)


@blueprint.before_request
def bound() -> None:
    """No more of a body than WordPress needs is read."""
    request.max_content_length = MAX_BODY


class Caller(NamedTuple):
    """A site, and what it sent."""

    site: SiteRow
    sent: Sent


def caller() -> Caller:
    """The site whose key came, and what it sent; the request is counted. Raises: UnknownKey, TooManyRequests."""
    sent = read(request)
    site = site_of_key(_key(sent))
    count_request(site.id)
    return Caller(site, sent)


def _key(sent: Sent) -> str:
    """The key in the first of its places that holds one. Raises: UnknownKey."""
    query = request.args.get("api_key", "").strip()
    given = sent.text("api_key", MAX_API_KEY + 1) or sent.text("key", MAX_API_KEY + 1) or query or _key_in_host()
    if not given:
        raise UnknownKey("give the site's API key as api_key, or in front of the host name")
    return given


def _key_in_host() -> str:
    """The first label of the host, where the rest is the name that Akismet's calls come to; labels have no case."""
    host = request.headers.get("Host", "").lower().partition(":")[0]
    own = f".{services().settings.akismet_host}"
    return host.removesuffix(own).partition(".")[0] if host.endswith(own) else ""


@blueprint.post("/1.1/verify-key")
def verify_key() -> Response:
    """Whether a key is one of ours."""
    _, sent = caller()
    return said("valid") if sent.text("blog", MAX_BLOG) else invalid('Empty "blog" value')


@blueprint.post("/1.1/comment-check")
def comment_check() -> Response:
    """`true` for spam, `false` for anything else, and another word where neither can be said.

    A comment that was checked is stored as any other is. Not so tests, and what the service guarantees a verdict for whatever
    is written: nobody has judged that.
    """
    site, sent = caller()
    if not sent.text("blog", MAX_BLOG):
        return said("Missing required field: blog.", {HELP: 'Empty "blog" value'})
    submission, guid = Submission(sent), uuid4().hex
    if (verdict := foregone(submission)) is not None:
        return said("true" if verdict else "false", {GUID: guid})
    return _checked(site, submission, guid)


def _checked(site: SiteRow, submission: Submission, guid: str) -> Response:
    """A verdict from the score and the policy, or what the site wants said where there is none in time."""
    s = services()
    compat = s.at_once.terms(site.id).compat
    comment, keep = submission.comment(site.id, guid), not submission.is_test
    try:
        checked = s.at_once.check(site.id, comment, SOURCE, keep=keep, wait_ms=compat.budget_ms)
    except Unavailable:
        checked = Checked(None, Action.FLAG if compat.on_failure is OnFailure.CLOSED else Action.APPROVE, None)
    if submission.trapped:
        _reject(site, checked)
    judgement = checked.judgement
    if submission.trapped or (judgement is not None and is_spam(judgement, compat)):
        blatant = judgement is not None and is_blatant(judgement, compat)
        return said("true", {GUID: guid} | ({PRO_TIP: "discard"} if blatant else {}))
    if judgement is not None:
        return said("false", {GUID: guid})
    if checked.action is Action.APPROVE:
        return said("false", {GUID: guid, RECHECK: str(RECHECK_AFTER)})
    return unable("Saring could not decide in time: hold the comment, and ask again later")


def _reject(site: SiteRow, checked: Checked) -> None:
    """Only a program fills the field that people don't see: the site's own form has decided, and moderators should see so."""
    if checked.comment_id is not None and checked.action is not Action.REJECT:
        s = services()
        decide_by_api(checked.comment_id, Action.REJECT, "spam", "honeypot", site.id, s.store)
        s.wake_sender()


@blueprint.post("/1.1/submit-spam")
def submit_spam() -> Response:
    """Spam that was let pass: rejected, and a label to learn from."""
    return _submitted(Action.REJECT, "spam")


@blueprint.post("/1.1/submit-ham")
def submit_ham() -> Response:
    """What is no spam: approved, and a label to learn from."""
    return _submitted(Action.APPROVE, None)


def _submitted(action: Action, reason: str | None) -> Response:
    """A correction of what was checked before; of what never was only the label is kept. The same again changes nothing."""
    site, sent = caller()
    submission = Submission(sent)
    if submission.text and not submission.is_test:
        s = services()
        value = 1.0 if action is Action.REJECT else 0.0
        label = NewLabel(SOURCE, submission.label_key, "spam", value, submission.text)
        if correct(submission.site_comment_id, action, reason, label, site.id, s.store):
            s.wake_sender()
    return said(THANKS)


@blueprint.route("/1.1/<path:call>", methods=METHODS)
@blueprint.route("/1.2/<path:call>", methods=METHODS)
def unknown(**_path: str) -> Response:
    """A call that is none of Akismet's, or not by this method."""
    return unable("There is no such call")
