"""`saring db …`: the database's tables."""

import click

from service.cli.services import running
from service.store import migrations


@click.group()
def db() -> None:
    """Upgrade the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to this version of Saring; does nothing when it's there."""
    with running() as s:
        migrations.upgrade(s.store)
        click.echo(f"database is at {migrations.current(s.store)}")


@db.command()
def current() -> None:
    """Say which revision the database has, and which one this Saring wants."""
    with running() as s:
        click.echo(f"has {migrations.current(s.store)}, wants {migrations.newest()}")
