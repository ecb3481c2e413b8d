"""`saring model …`: models beside the shipped one."""

from pathlib import Path

import click

from service.bootstrap import Services
from service.cli.services import running, told
from service.domain.comment import readers_of
from service.moderation.models import Added, Model, add_model, models

RESTART = "then restart `saring up`, or web and workers; add it on every host that has a data folder of its own"

KINDS = {False: "first reader", True: "second reader"}


@click.group()
def model() -> None:
    """Add models, and say which are there and which are used.

    A first reader scores every comment. A second reader, which needs the extra `reader`, reads again what is hard to decide.
    """


@model.command("list")
@told
def show() -> None:
    """List what is used, and what was added."""
    with running() as s:
        second = readers_of(s.stack.version)[-1] if s.stack else None
        added = models(s.settings.data_dir)
        used = [(False, s.classifier.version), *([(True, second)] if second else [])]
        for kind, version in used:
            where = next((one.path for one in added if (one.second, one.version) == (kind, version)), None)
            click.echo(_line(kind, version, "in use", where or "not among those that were added"))
        for one in added:
            if (one.second, one.version) not in used:
                click.echo(_line(one.second, one.version, "", one.path))
        if not second:
            click.echo(f"{KINDS[True]}  none: {s.reader_state}", err=True)


@model.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@told
def add(file: Path) -> None:
    """Add the model in FILE: a first reader's .safetensors, or a .zip of a second reader's folder.

    It is checked by loading it, then copied into the data folder. What runs goes on with the models it has until it is restarted.
    """
    with running() as s:
        added = add_model(file, s.settings.data_dir, s.classifier)
        fresh = "is added" if added.fresh else "was there already"
        click.echo(f"{KINDS[added.model.second]} {added.model.version} {fresh}: {added.model.path}")
        click.echo(_next(added, s))


def _line(second: bool, version: str, use: str, where: object) -> str:
    return f"{KINDS[second]:13}  {version:24}  {use:6}  {where}"


def _next(added: Added, s: Services) -> str:
    """What is to be done for the model to be used."""
    settings: list[str] = []
    if added.beside is None:
        settings.append(f"set SARING_MODEL={added.model.path}")
    elif added.beside.version != s.classifier.version:
        settings.append(f"it was made for the first reader {added.beside.version}: {_first(s, added.beside.version)}")
    if added.beside is not None and s.settings.reader:
        settings.append(f"SARING_READER is {s.settings.reader!r}: leave it empty for the newest that was added")
    return "\n".join([*settings, RESTART])


def _first(s: Services, version: str) -> str:
    chosen: list[Model] = [one for one in models(s.settings.data_dir) if not one.second and one.version == version]
    return f"set SARING_MODEL={chosen[0].path}" if chosen else "leave SARING_MODEL empty"
