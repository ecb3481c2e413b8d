"""Scores without storing."""

from apiflask import APIBlueprint
from flask import Response, jsonify

from service.api import schemas
from service.domain.comment import ATTRIBUTES, is_supported, readers_of
from service.domain.errors import Fault, InvalidComments
from service.moderation.judge import score_texts, spans_of
from service.web.current import services
from service.web.keys import require_key

blueprint = APIBlueprint("scores", __name__, url_prefix="/v1", tag="Scores")
blueprint.before_request(require_key)


@blueprint.post("/score")
@blueprint.input(schemas.ScoreIn, arg_name="sent")
@blueprint.output(schemas.ScoreAnswerOut)
@blueprint.doc(summary="Score a text or several", security="apiKey")
def score(sent: schemas.ScoreIn) -> Response:
    """`{"text": …}` answers one object, `{"texts": […]}` a list under `results`. `explain` adds spans, the first reader's.

    All scores of a request are by both readers, or all by the first where the second would take too long: `readers` says which.
    """
    if (sent.text is None) == (sent.texts is None):
        raise InvalidComments([Fault((), "give either text or texts")])
    wanted = _attributes(sent)
    texts = [sent.text] if sent.text is not None else sent.texts or []
    classifier = services().classifier
    found = services().second_reader.score(texts) or score_texts(texts, classifier)
    results = []
    for text, scores in zip(texts, found, strict=True):
        result: dict[str, object] = {
            "scores": {name: scores.by_attribute[name] for name in wanted},
            "language": scores.language,
            "supported": is_supported(scores.language),
            "model_version": scores.model_version,
            "readers": list(readers_of(scores.model_version)),
        }
        if sent.explain:
            result["spans"] = [vars(span) for span in spans_of(text, classifier) if span.attribute in wanted]
        results.append(result)
    return jsonify(results[0] if sent.text is not None else {"results": results})


def _attributes(sent: schemas.ScoreIn) -> tuple[str, ...]:
    if sent.attributes is None:
        return ATTRIBUTES
    unknown = [(index, name) for index, name in enumerate(sent.attributes) if name not in ATTRIBUTES]
    if unknown:
        raise InvalidComments(
            [
                Fault(("attributes", index), f"{name!r} is not one of {', '.join(ATTRIBUTES)}")
                for index, name in unknown[:20]
            ]
        )
    return tuple(sent.attributes)
