"""The services of the application that is answering."""

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from service.bootstrap import Services

EXTENSION = "saring"


def services() -> "Services":
    """What `bootstrap.build` made for this application."""
    return cast("Services", current_app.extensions[EXTENSION])
