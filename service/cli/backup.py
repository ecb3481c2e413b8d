"""`saring backup`: a copy of the database, taken while Saring runs."""

from pathlib import Path

import click

from service.cli.services import running, told
from service.store.backup import back_up


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@told
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE, safely while Saring runs. For PostgreSQL use pg_dump: see docs/operate.md."""
    with running() as services:
        size = back_up(services.store, file.absolute())
    click.echo(f"{file} has {size} bytes, is checked and on the disk")
