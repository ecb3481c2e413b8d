"""What commands share: the services of this installation, and errors as one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from service.bootstrap import Services, build
from service.domain.errors import SaringError
from service.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def running() -> Iterator[Services]:
    """The services for a command, closed at its end."""
    services = build(Settings.from_env())
    try:
        yield services
    finally:
        services.live.close()
        services.at_once.close()
        services.store.close()


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command's own errors end it with one line instead of a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SaringError as error:
            raise click.ClickException(str(error)) from None

    return run
