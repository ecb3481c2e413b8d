"""Ours in their words: the answers."""

from collections.abc import Sequence

from service.domain.comment import Scores
from service.integrations.perspective.attributes import our_name
from service.integrations.perspective.languages import Languages
from service.integrations.perspective.wire import PROBABILITY, AnalyzeRequest, Comment, Wanted

Place = tuple[int, int]


def analysed(
    sent: AnalyzeRequest, languages: Languages, whole: Scores, parts: Sequence[tuple[Place, Scores]]
) -> dict[str, object]:
    """Scores of a comment. parts: places in UTF-16 code units, each with its scores."""
    return {
        "attributeScores": {
            wanted.name: _attribute_scores(wanted, whole, parts)
            for wanted in sent.attributes
            if wanted.threshold is None or _value(wanted, whole) >= wanted.threshold
        },
        "languages": list(languages.told),
        "detectedLanguages": [languages.detected],
        **_token(sent.comment),
    }


def thanked(comment: Comment, languages: Languages | None) -> dict[str, object]:
    """What is said to somebody who has told what score is right; languages: None when there was no time to tell them."""
    told = {"requestedLanguages": list(comment.languages)} if comment.languages else {}
    found = {"detectedLanguages": [languages.detected]} if languages else {}
    return {**_token(comment), **found, **told}


def _token(comment: Comment) -> dict[str, str]:
    return {"clientToken": comment.client_token} if comment.client_token else {}


def _attribute_scores(wanted: Wanted, whole: Scores, parts: Sequence[tuple[Place, Scores]]) -> dict[str, object]:
    return {
        "spanScores": [
            {"begin": begin, "end": end, "score": _score(_value(wanted, scores))} for (begin, end), scores in parts
        ],
        "summaryScore": _score(_value(wanted, whole)),
    }


def _value(wanted: Wanted, scores: Scores) -> float:
    """A neutral 0 for an attribute without a model, which only a site that wants it so gets this far with."""
    name = our_name(wanted.name)
    return 0.0 if name is None else scores.by_attribute[name]


def _score(value: float) -> dict[str, object]:
    return {"value": value, "type": PROBABILITY}
