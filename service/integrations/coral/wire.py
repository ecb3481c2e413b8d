"""What Coral's requests have in common: they are signed, and their fields read with care."""

from typing import Annotated, TypeVar

from flask import request
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from service.domain.comment import is_storable
from service.domain.errors import Fault, InvalidComments
from service.web.json import lenient_json

Model = TypeVar("Model", bound=BaseModel)


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("must not contain a NUL character")
    return text


Id = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_storable)]


class Wire(BaseModel):
    """The base of all: what Coral sends beyond what is read here is passed over."""

    model_config = ConfigDict(extra="ignore", strict=False)


def read(model: type[Model]) -> Model:
    """The request's body as a model. Raises: BadRequest, when it is no JSON; InvalidComments, with every fault by its place."""
    body = lenient_json(request.get_data(cache=True))
    try:
        return model.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidComments([Fault(tuple(fault["loc"]), fault["msg"]) for fault in found]) from None
