"""How the commands say what they are doing."""

import time
from collections.abc import Callable

import click


def progress() -> Callable[[str], None]:
    """Says on standard error what is being done and how long it has been."""
    begun = time.monotonic()

    def say(step: str) -> None:
        click.echo(f"{time.monotonic() - begun:6.0f} s  {step}", err=True)

    return say
