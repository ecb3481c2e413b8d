"""The machine-readable description of these routes (Google API Discovery, v1), from which Google's clients build themselves."""

from types import MappingProxyType
from typing import Any

NAME, VERSION = "commentanalyzer", "v1alpha1"

Schema = dict[str, Any]


def description(public_url: str) -> dict[str, Any]:
    """The document. public_url: where callers reach us, without a slash at the end; they send every later request there.

    It has no `auth`: with scopes and without a key the Python client would look for Google's credentials.
    """
    root = f"{public_url}/"
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"{NAME}:{VERSION}",
        "name": NAME,
        "version": VERSION,
        "revision": "20261231",
        "title": "Perspective Comment Analyzer API",
        "description": "Scores of comments, in the format of the Perspective API, by Saring.",
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "",
        "baseUrl": root,
        "basePath": "",
        "batchPath": "batch",
        "parameters": dict(PARAMETERS),
        "schemas": dict(SCHEMAS),
        "resources": {"comments": {"methods": dict(METHODS)}},
    }


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _number() -> Schema:
    return {"type": "number", "format": "float"}


def _place() -> Schema:
    return {"type": "integer", "format": "int32", "description": "In UTF-16 code units."}


def _is(schema: str) -> Schema:
    return {"$ref": schema}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map(schema: str) -> Schema:
    return {"type": "object", "additionalProperties": _is(schema)}


def _choice(description: str, *words: str) -> Schema:
    return {"type": "string", "description": description, "enum": list(words), "enumDescriptions": [""] * len(words)}


def _score_type() -> Schema:
    return _choice(
        "Only PROBABILITY is served.", "SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"
    )


def _object(name: str, description: str, **properties: Schema) -> tuple[str, Schema]:
    return name, {"id": name, "type": "object", "description": description, "properties": properties}


def _query(description: str, kind: str = "string", **more: str) -> Schema:
    return {"type": kind, "location": "query", "description": description, **more}


def _method(name: str, description: str, request: str, response: str) -> tuple[str, dict[str, Any]]:
    path = f"{VERSION}/comments:{name}"
    return name, {
        "id": f"{NAME}.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "description": description,
        "parameters": {},
        "parameterOrder": [],
        "request": _is(request),
        "response": _is(response),
    }


PARAMETERS = MappingProxyType(
    {
        "key": _query("The site's API key."),
        "alt": _query("The form of the answer: JSON, whatever is said.", default="json"),
        "prettyPrint": _query("Accepted; answers are not indented.", "boolean", default="true"),
        "fields": _query("Accepted; answers are whole."),
        "quotaUser": _query("Accepted; a site's requests are counted together."),
    }
)

METHODS = MappingProxyType(
    dict(
        (
            _method("analyze", "Scores a comment.", "AnalyzeCommentRequest", "AnalyzeCommentResponse"),
            _method(
                "suggestscore",
                "Tells what score a person thinks right.",
                "SuggestCommentScoreRequest",
                "SuggestCommentScoreResponse",
            ),
        )
    )
)

SCHEMAS = MappingProxyType(
    dict(
        (
            _object(
                "AnalyzeCommentRequest",
                "A comment to be scored.",
                comment=_is("TextEntry"),
                context=_is("Context"),
                requestedAttributes=_map("AttributeParameters"),
                languages=_list(_text("ISO 639-1 or BCP 47.")),
                doNotStore={"type": "boolean", "description": "Nothing is stored, whatever is said."},
                spanAnnotations={"type": "boolean", "description": "Whether each sentence is scored too."},
                clientToken=_text("Comes back in the answer."),
                sessionId=_text("Accepted, and not used."),
                communityId=_text("Accepted, and not used."),
            ),
            _object(
                "AnalyzeCommentResponse",
                "The scores of a comment.",
                attributeScores=_map("AttributeScores"),
                languages=_list(_text("Those of the request, or what was detected.")),
                detectedLanguages=_list(_text("The likeliest first.")),
                clientToken=_text("That of the request."),
            ),
            _object(
                "SuggestCommentScoreRequest",
                "A comment, and the scores that a person thinks right.",
                comment=_is("TextEntry"),
                context=_is("Context"),
                attributeScores=_map("AttributeScores"),
                languages=_list(_text("ISO 639-1 or BCP 47.")),
                clientToken=_text("Names the comment: what is suggested again replaces what was."),
                sessionId=_text("Accepted, and not used."),
                communityId=_text("Accepted, and not used."),
            ),
            _object(
                "SuggestCommentScoreResponse",
                "What was understood.",
                clientToken=_text("That of the request."),
                detectedLanguages=_list(_text("The likeliest first.")),
                requestedLanguages=_list(_text("Those of the request.")),
            ),
            _object(
                "TextEntry",
                "A text.",
                text=_text("In UTF-8, 20480 bytes at most for a comment."),
                type=_choice("Only PLAIN_TEXT is served.", "TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"),
            ),
            _object(
                "Context",
                "What a comment answers; does not change its scores.",
                entries=_list(_is("TextEntry")),
                articleAndParentComment=_is("ArticleAndParentComment"),
            ),
            _object(
                "ArticleAndParentComment",
                "What a comment answers, by its kind.",
                article=_is("TextEntry"),
                parentComment=_is("TextEntry"),
            ),
            _object(
                "AttributeParameters",
                "How an attribute is wanted.",
                scoreType=_score_type(),
                scoreThreshold={**_number(), "description": "Scores below it are left out."},
            ),
            _object(
                "AttributeScores",
                "The scores of an attribute.",
                summaryScore=_is("Score"),
                spanScores=_list(_is("SpanScore")),
            ),
            _object("SpanScore", "The score of a part.", begin=_place(), end=_place(), score=_is("Score")),
            _object("Score", "A score.", value=_number(), type=_score_type()),
        )
    )
)
