"""Perspective's Comment Analyzer, v1alpha1: a site that calls it changes one URL."""

import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from types import MappingProxyType

from apiflask import APIBlueprint
from flask import Response, request

from service.domain.comment import Scores, is_storable
from service.domain.compat import Compat, UnknownAttributes
from service.domain.errors import CantDecide
from service.integrations.perspective.answers import Place, analysed, thanked
from service.integrations.perspective.attributes import first_unknown, our_name
from service.integrations.perspective.discovery import VERSION, description
from service.integrations.perspective.errors import (
    answer,
    init_errors,
    missing_key,
    no_value,
    not_found,
    score_type_unsupported,
    unknown_attribute,
)
from service.integrations.perspective.languages import Languages, believed, check_declared, detected, undetectable
from service.integrations.perspective.sentences import in_utf16, says_something, sentences_of
from service.integrations.perspective.wire import (
    PROBABILITY,
    SCORE_TYPES,
    AnalyzeRequest,
    Comment,
    Suggested,
    SuggestRequest,
    Wanted,
)
from service.moderation.judge import likelier_language
from service.moderation.label import label
from service.store.labels import NewLabel
from service.store.rows import SiteRow
from service.web.current import services
from service.web.keys import site_of_key
from service.web.rates import count_request

SOURCE = "perspective"
"""Of the labels that come this way."""

LONGEST_KEY = 200
"""Characters of a label's key."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

SERVED = (SCORE_TYPES[0], PROBABILITY)

AS_IT_IS = MappingProxyType({"provide_automatic_options": False, "merge_slashes": False})
"""Of a route: never a redirect, which Coral follows none of; a base that ends in a slash gives a path with two."""

blueprint = APIBlueprint("perspective", __name__, enable_openapi=False)
init_errors(blueprint)


@blueprint.post(f"/{VERSION}/comments:analyze", **AS_IT_IS)
@blueprint.post(f"/{VERSION}//comments:analyze", **AS_IT_IS)
def analyze() -> Response:
    """AnalyzeComment, answered inside the request (clients give up after 800 ms). Stores nothing, whatever `doNotStore` says."""
    site = _caller()
    sent = AnalyzeRequest.of(request.get_data(cache=False))
    compat = services().at_once.terms(site.id).compat
    _check(sent.comment, sent.attributes, compat)
    left = _countdown(compat.budget_ms)
    places = _places(sent, left)
    whole, parts = _scores(sent.comment.text, places, left)
    languages = _languages(sent.comment, whole, sent.attributes[0].name)
    in_units = in_utf16(sent.comment.text, places)
    return answer(analysed(sent, languages, whole, list(zip(in_units, parts, strict=True))))


@blueprint.post(f"/{VERSION}/comments:suggestscore", **AS_IT_IS)
@blueprint.post(f"/{VERSION}//comments:suggestscore", **AS_IT_IS)
def suggest_score() -> Response:
    """SuggestCommentScore: what a person thinks right is kept as a weak label, since Coral tells of automatic changes too."""
    site = _caller()
    sent = SuggestRequest.of(request.get_data(cache=False))
    s = services()
    compat = s.at_once.terms(site.id).compat
    _check(sent.comment, sent.attributes, compat)
    labels = _labels(sent)
    languages = _languages_in_time(sent, compat.budget_ms)
    label(labels, site.id, s.store)
    return answer(thanked(sent.comment, languages))


@blueprint.get("/$discovery/rest", **AS_IT_IS)
def discovery() -> Response:
    """The description that Google's clients build themselves from; needs no key."""
    if request.args.get("version", VERSION) != VERSION:
        raise not_found()
    return answer(description(services().settings.public_url))


@blueprint.route("/$discovery", methods=METHODS, **AS_IT_IS)
@blueprint.route("/$discovery/", methods=METHODS, **AS_IT_IS)
@blueprint.route("/$discovery/<path:_rest>", methods=METHODS, **AS_IT_IS)
@blueprint.route(f"/{VERSION}", methods=METHODS, **AS_IT_IS)
@blueprint.route(f"/{VERSION}/", methods=METHODS, **AS_IT_IS)
@blueprint.route(f"/{VERSION}//<path:_rest>", methods=METHODS, **AS_IT_IS)
@blueprint.route(f"/{VERSION}/<path:_rest>", methods=METHODS, **AS_IT_IS)
def nothing_here(_rest: str = "") -> Response:
    """Any other path, and any other method: their error, not ours. Raises: Refusal."""
    raise not_found()


def _caller() -> SiteRow:
    """The site whose key stands in the URL, and alone names it. Raises: Refusal, UnknownKey, TooManyRequests."""
    key = request.args.get("key")
    if not key:
        raise missing_key()
    site = site_of_key(key)
    count_request(site.id)
    return site


def _check(comment: Comment, attributes: Sequence[Wanted | Suggested], compat: Compat) -> None:
    """Can it be answered, as far as is known without scores? One attribute per error: clients drop it and ask again.

    Raises: Refusal.
    """
    neutral = compat.unknown_attributes is UnknownAttributes.ZERO
    unknown = first_unknown((one.name for one in attributes), neutral=neutral)
    if unknown is not None:
        raise unknown_attribute(unknown)
    for one in attributes:
        if one.score_type not in SERVED:
            raise score_type_unsupported(one.score_type, one.name)
    if believed(comment.languages, compat, request.headers.get("User-Agent", "")):
        check_declared(comment.languages, attributes[0].name)
    elif not comment.languages and not says_something(comment.text):
        raise undetectable()


def _countdown(budget_ms: int) -> Callable[[], float]:
    """Tells how many milliseconds are left of a budget that runs from now."""
    began = time.perf_counter()
    return lambda: max(0.0, budget_ms - (time.perf_counter() - began) * 1e3)


def _places(sent: AnalyzeRequest, left: Callable[[], float]) -> list[Place]:
    """What is scored beside the whole, in code points: each sentence, or all of it. Raises: CantDecide."""
    text = sent.comment.text
    if not sent.span_annotations:
        return [(0, len(text))]

    def words_of(read: str) -> list[Place]:
        return [(span.begin, span.end) for span in services().at_once.spans(read, left())]

    return sentences_of(text, words_of)


def _scores(text: str, places: Sequence[Place], left: Callable[[], float]) -> tuple[Scores, list[Scores]]:
    """Scores of the whole and of each place, in one call to the classifier. Raises: CantDecide."""
    parts = [text[begin:end] for begin, end in places]
    if parts == [text]:
        parts = []
    whole, *rest = services().at_once.score([text, *parts], left())
    return whole, rest or [whole]


def _languages(comment: Comment, scores: Scores, attribute: str) -> Languages:
    """What is said of the languages. Raises: Refusal."""
    return detected(comment, scores.language, lambda: likelier_language(comment.text, services().classifier), attribute)


def _languages_in_time(sent: SuggestRequest, budget_ms: int) -> Languages | None:
    """What is said of the languages; None when they can't be told in time, which loses nobody's suggestion. Raises: Refusal."""
    try:
        (scores,) = services().at_once.score([sent.comment.text], budget_ms)
    except CantDecide:
        return None
    return _languages(sent.comment, scores, sent.attributes[0].name)


def _labels(sent: SuggestRequest) -> list[NewLabel]:
    """What was suggested of our attributes; nothing is trained for the others. Raises: Refusal."""
    text, key = sent.comment.text.replace("\x00", "\ufffd"), _key(sent.comment)
    labels = []
    for one in sent.attributes:
        if one.value is None or not 0 <= one.value <= 1:
            raise no_value()
        if (name := our_name(one.name)) is not None:
            labels.append(NewLabel(SOURCE, key, name, one.value, text=text))
    return labels


def _key(comment: Comment) -> str:
    """What a label is known by: the caller's token, or a digest of one that can't be kept, or else of the text."""
    token = comment.client_token
    if token and len(token) <= LONGEST_KEY and is_storable(token):
        return token
    return f"sha256:{sha256((token or comment.text).encode()).hexdigest()}"
