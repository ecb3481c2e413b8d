"""What comes in: the three forms of `input`, the models, and how much may come at once."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.domain.comment import readers_of
from service.domain.compat import Images
from service.integrations.openai.errors import BadRequest

MAX_ITEMS = 32
"""Strings, or objects, in one call."""

MAX_BYTES = 100_000
"""Of one string, in UTF-8."""

DEFAULT_MODEL = "omni-moderation-latest"

MODELS: Mapping[str, str] = {
    DEFAULT_MODEL: "omni-moderation-2024-09-26",
    "omni-moderation-2024-09-26": "omni-moderation-2024-09-26",
    "text-moderation-latest": "text-moderation-007",
    "text-moderation-stable": "text-moderation-007",
    "text-moderation-007": "text-moderation-007",
}
"""OpenAI's names that clients send, and what they are answered as. Saring's classifier answers, whichever was asked for."""

OWN_MODEL = "saring"
"""Stands for the classifier's present version, which may be asked for by its own name too, and by that of both readers."""

SHOWN = 60
"""Characters of a name that is not known, in the error that says so."""


class Asked(NamedTuple):
    """What a caller wants to know. Of each item the text; None for an item that has pictures only."""

    model: str
    texts: tuple[str | None, ...]


def asked(body: object, images: Images, version: str) -> Asked:
    """The body of a request. `version` is the classifier's. Raises: BadRequest."""
    if not isinstance(body, Mapping):
        raise BadRequest("the body must be a JSON object with the field 'input'")
    return Asked(_model(body.get("model"), version), _texts(body.get("input"), images))


def _model(name: object, version: str) -> str:
    """The model that answers, by its full name."""
    if name is None:
        return MODELS[DEFAULT_MODEL]
    if not isinstance(name, str):
        raise BadRequest("'model' must be a string", "model")
    if name in (OWN_MODEL, version) or readers_of(name)[:1] == (version,):
        return version
    if name not in MODELS:
        raise BadRequest(f"the model `{_shown(name)}` does not exist", code="model_not_found", status=404)
    return MODELS[name]


def _texts(given: object, images: Images) -> tuple[str | None, ...]:
    if isinstance(given, str):
        return (_bounded(given),)
    if not isinstance(given, list) or not given:
        raise BadRequest("'input' must be a string, or a list of strings or of objects that is not empty", "input")
    if len(given) > MAX_ITEMS:
        raise BadRequest(
            f"'input' is too long: {len(given)} items, at most {MAX_ITEMS}", "input", "array_above_max_length"
        )
    if all(isinstance(part, str) for part in given):
        return tuple(_bounded(text) for text in given)
    if all(isinstance(part, Mapping) for part in given):
        return (_text_of(given, images),)
    raise BadRequest("the items of 'input' must be strings, or objects with a 'type'", "input")


def _text_of(parts: Sequence[Mapping[str, object]], images: Images) -> str | None:
    """The text of an item that comes in parts. A picture's URL is never looked at."""
    texts = []
    for part in parts:
        kind = part.get("type")
        if kind == "image_url":
            if images is not Images.IGNORE:
                raise BadRequest("image input is not supported by this server", "input")
        elif kind == "text" and isinstance(text := part.get("text"), str):
            texts.append(_bounded(text))
        else:
            raise BadRequest("an object of 'input' must be of type 'text', with a 'text', or 'image_url'", "input")
    return "\n".join(texts) if texts else None


def _bounded(text: str) -> str:
    if (size := len(text.encode())) > MAX_BYTES:
        raise BadRequest(
            f"a string of 'input' is too long: {size} bytes in UTF-8, at most {MAX_BYTES}",
            "input",
            "string_above_max_length",
        )
    return text


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name[:SHOWN])
